import { arrayOf, damaged } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import type { EncodedColumn, EncodedTable } from '../input/encoder.ts';
import type { ModelSchema } from '../model.ts';
import { deviationOf, spreadOf } from './spread.ts';

/** A categorical feature has a column for each of this many of its most frequent categories; the others share one. */
const MAX_OWN_COLUMNS = 50;

/** Most rows that are expanded together, so that they stay in the cache. */
export const BLOCK_ROWS = 512;

/**
 * How the features of a table become the columns of a linear model.
 *
 * A numeric feature is standardised by mean and deviation (ddof 0) of its training values; a missing value is
 * the mean, and says so in a column of its own (0 or 1) if training had missing ones. A categorical feature
 * has a 0/1 column for each category, the 50 most frequent ones if there are more, and then one for the
 * others; a missing value is 0 in all of them. A category not in the dictionary counts as one of the others,
 * or is 0 in all columns. The last column is the constant 1.
 */
export interface Design {
  /** one a feature; 0 and 1 for categorical ones */
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  /** first column of each feature, then their number without the constant: features + 1 */
  readonly offsets: Int32Array;
  /** column, counted from the first of its feature, of each code and of unknown ones, features one after the other; −1 = none */
  readonly columnOfCode: Int32Array;
}

/**
 * Learns the columns from the rows of a table.
 * @param weights of the rows, above 0; absent: all 1
 * @throws RangeError if the values of a column are so far apart that their variance exceeds all numbers
 */
export function learnDesign(
  table: EncodedTable,
  schema: ModelSchema,
  weights?: Float64Array,
): Design {
  const p = table.columns.length;
  const means = new Float64Array(p);
  const deviations = new Float64Array(p).fill(1);
  const offsets = new Int32Array(p + 1);
  const columnOfCode: number[] = [];
  table.columns.forEach((column, j) => {
    if (column.kind === 'numeric') {
      const spread = spreadOf(column.values, weights);
      means[j] = spread.mean;
      deviations[j] = deviationOf(spread, schema.features[j].name);
      offsets[j + 1] = offsets[j] + (spread.missing ? 2 : 1);
    } else {
      const { columns, width } = categoryColumns(column.codes, column.categories, weights);
      for (const own of columns) columnOfCode.push(own);
      offsets[j + 1] = offsets[j] + width;
    }
  });
  return { means, deviations, offsets, columnOfCode: Int32Array.from(columnOfCode) };
}

/** Number of columns, with the constant. */
export function designWidth({ offsets }: Design): number {
  return offsets[offsets.length - 1] + 1;
}

/** Calls back with the columns of successive blocks of rows. */
export type Blocks = (visit: (block: Float64Array, from: number, rows: number) => void) => void;

/** The blocks of a table, expanded once and kept if they take no more than so many numbers (128 MB). */
const MAX_KEPT_NUMBERS = 2 ** 24;

/** The blocks of a table for several passes over them. */
export function blocksOf(table: EncodedTable, design: Design): Blocks {
  if (table.rows * designWidth(design) > MAX_KEPT_NUMBERS) {
    return (visit) => forEachBlock(table, design, visit);
  }
  const kept: Parameters<Parameters<Blocks>[0]>[] = [];
  for (let from = 0; from < table.rows; from += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, table.rows - from);
    const block = new Float64Array(rows * designWidth(design));
    expandInto(table, design, from, rows, block);
    kept.push([block, from, rows]);
  }
  return (visit) => kept.forEach((block) => visit(...block));
}

/** Calls `visit` with the columns of successive blocks of rows, row-major, in memory that the next call overwrites. */
export function forEachBlock(
  table: EncodedTable,
  design: Design,
  visit: (block: Float64Array, from: number, rows: number) => void,
): void {
  const width = designWidth(design);
  const block = new Float64Array(Math.min(BLOCK_ROWS, table.rows) * width);
  for (let from = 0; from < table.rows; from += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, table.rows - from);
    block.fill(0);
    expandInto(table, design, from, rows, block);
    visit(block, from, rows);
  }
}

/** Writes the columns of some rows over zeros. */
function expandInto(
  table: EncodedTable,
  design: Design,
  from: number,
  rows: number,
  block: Float64Array,
): void {
  const width = designWidth(design);
  let codeAt = 0;
  table.columns.forEach((column, j) => {
    if (column.kind === 'numeric') writeNumbers(column.values, design, j, from, rows, block);
    else {
      writeCategories(column, design, j, codeAt, from, rows, block);
      codeAt += column.categories + 1;
    }
  });
  for (let i = 1; i <= rows; i++) block[i * width - 1] = 1;
}

/**
 * The design in a container.
 * @throws RangeError if it is not a sound one for the schema
 */
export function readDesign(container: Container, schema: ModelSchema): Design {
  const design = {
    means: arrayOf(container, 'means', Float64Array),
    deviations: arrayOf(container, 'deviations', Float64Array),
    offsets: arrayOf(container, 'offsets', Int32Array),
    columnOfCode: arrayOf(container, 'columnOfCode', Int32Array),
  };
  const { means, deviations, offsets, columnOfCode } = design;
  const p = schema.features.length;
  if (means.length !== p || deviations.length !== p || offsets.length !== p + 1) {
    throw damaged('columns and features do not match');
  }
  if (!means.every(Number.isFinite) || !deviations.every((d) => d > 0 && d < Infinity)) {
    throw damaged('the scale of a feature');
  }
  if (offsets[0] !== 0) throw damaged('its first column is not 0');
  let codeAt = 0;
  schema.features.forEach((feature, j) => {
    const width = offsets[j + 1] - offsets[j];
    const codes = feature.kind === 'numeric' ? 0 : feature.dictionary.length + 1;
    const own = columnOfCode.subarray(codeAt, (codeAt += codes));
    const [low, high] = feature.kind === 'numeric' ? [1, 2] : [0, MAX_OWN_COLUMNS + 1];
    if (
      !(width >= low && width <= high) ||
      !own.every((column) => column >= -1 && column < width)
    ) {
      throw damaged(`the columns of feature '${feature.name}'`);
    }
  });
  if (codeAt !== columnOfCode.length) throw damaged('it has columns of no feature');
  return design;
}

function categoryColumns(
  codes: Int32Array,
  categories: number,
  weights: Float64Array | undefined,
): { readonly columns: Int32Array; readonly width: number } {
  const counts = new Float64Array(categories);
  codes.forEach((code, i) => {
    if (code >= 0 && code < categories) counts[code] += weights === undefined ? 1 : weights[i];
  });
  const columns = new Int32Array(categories + 1);
  if (categories <= MAX_OWN_COLUMNS) {
    for (let code = 0; code < categories; code++) columns[code] = code;
    columns[categories] = -1;
    return { columns, width: categories };
  }
  const byCount = Array.from(counts, (_, code) => code).sort(
    (a, b) => counts[b] - counts[a] || a - b,
  );
  columns.fill(MAX_OWN_COLUMNS);
  byCount.slice(0, MAX_OWN_COLUMNS).forEach((code, column) => {
    columns[code] = column;
  });
  return { columns, width: MAX_OWN_COLUMNS + 1 };
}

function writeNumbers(
  values: Float64Array,
  { means, deviations, offsets }: Design,
  j: number,
  from: number,
  rows: number,
  block: Float64Array,
): void {
  const width = offsets[offsets.length - 1] + 1;
  const first = offsets[j];
  const tellsMissing = offsets[j + 1] - first === 2;
  const mean = means[j];
  const perDeviation = 1 / deviations[j];
  for (let i = 0, at = first; i < rows; i++, at += width) {
    const value = values[from + i];
    if (!Number.isNaN(value)) block[at] = (value - mean) * perDeviation;
    else if (tellsMissing) block[at + 1] = 1;
  }
}

function writeCategories(
  { codes, categories }: Extract<EncodedColumn, { kind: 'categorical' }>,
  { offsets, columnOfCode }: Design,
  j: number,
  codeAt: number,
  from: number,
  rows: number,
  block: Float64Array,
): void {
  const width = offsets[offsets.length - 1] + 1;
  for (let i = 0; i < rows; i++) {
    const code = codes[from + i];
    if (code < 0) continue;
    const column = columnOfCode[codeAt + Math.min(code, categories)];
    if (column >= 0) block[i * width + offsets[j] + column] = 1;
  }
}
