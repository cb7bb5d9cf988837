import { createRandom, deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { encodeTable } from '../encoder.ts';
import type { EncodedColumn, EncodedTable } from '../encoder.ts';
import type { ModelSchema } from '../model.ts';
import { outcomesOf } from '../outcomes.ts';
import { MAX_CLASSES } from '../task.ts';
import { binOf, MISSING_BIN, numericBorders } from './bins.ts';
import { categoryBins } from './categories.ts';
import type { Targets } from './categories.ts';
import { checkForestParams } from './params.ts';
import type { ForestParams } from './params.ts';

/** Borders are learned from at most this many values of a column. */
const BORDER_SAMPLE = 200_000;

/** Features are numbered in 15 bits of a node. */
const MAX_FEATURES = 32_768;

/** How a feature becomes bins 0 to 254, and 255 for missing. */
export type FeatureBins =
  | { readonly kind: 'numeric'; readonly borders: Float64Array }
  | {
      readonly kind: 'categorical';
      /** bin of each code of the dictionary, then of a category that is not in it */
      readonly binOfCode: Uint8Array;
    };

/** Where the target of a regression lies: trees predict (value − center) ÷ scale, so that 32 bits suffice. */
export interface TargetScale {
  readonly center: number;
  readonly scale: number;
}

/**
 * All that trees are grown from. Safe to send to other threads: it is plain data, and its large arrays are
 * shared, not copied.
 */
export interface TrainingSet {
  readonly schema: ModelSchema;
  readonly params: ForestParams;
  readonly seed: number;
  readonly rows: number;
  readonly features: readonly FeatureBins[];
  /** column-major, features × rows */
  readonly codes: Uint8Array<SharedArrayBuffer>;
  readonly targets: Targets;
  readonly targetScale: TargetScale;
}

/**
 * Cuts the features of some rows into bins and reads their outcomes: the part of training that is done once.
 *
 * @param rows rows that have an outcome; they are trained on
 * @throws RangeError if a parameter, a column or an outcome is not as it must be
 */
export function prepareForest(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: ForestParams,
  seed: number,
): TrainingSet {
  checkForestParams(params);
  checkSize(rows.length, schema);
  const targets = targetsOf(table, rows, schema);
  const targetScale = scaleOf(targets);
  const encoded = encodeTable(takeRows(table, rows), schema);
  const features = encoded.columns.map((column, j) =>
    learnBins(column, targets, deriveSeed(seed, -j - 1)),
  );
  const codes = new Uint8Array(new SharedArrayBuffer(features.length * rows.length));
  features.forEach((bins, j) => {
    writeCodes(encoded.columns[j], bins, codes, j * rows.length, 1);
  });
  return {
    schema,
    params,
    seed,
    rows: rows.length,
    features,
    codes,
    targets: shared(targets, targetScale),
    targetScale,
  };
}

/** Bins of rows `from` to `to` of a table, row-major, as a forest reads them; `out` has to hold them. */
export function rowCodesInto(
  table: EncodedTable,
  features: readonly FeatureBins[],
  from: number,
  to: number,
  out: Uint8Array,
): void {
  const p = features.length;
  for (let j = 0; j < p; j++) {
    writeCodes(sliceColumn(table.columns[j], from, to), features[j], out, j, p);
  }
}

function checkSize(rows: number, schema: ModelSchema): void {
  if (rows === 0) throw new RangeError('forest: no rows to train on');
  if (schema.features.length > MAX_FEATURES) {
    throw new RangeError(
      `forest: at most ${MAX_FEATURES} features are supported, got ${schema.features.length}`,
    );
  }
  if (schema.classes.length > MAX_CLASSES) {
    throw new RangeError(
      `forest: at most ${MAX_CLASSES} classes are supported, got ${schema.classes.length}`,
    );
  }
}

function targetsOf(table: Table, rows: Int32Array, schema: ModelSchema): Targets {
  const outcomes = outcomesOf(table, schema, rows);
  if (outcomes.kind === 'regression') return outcomes;
  const strange = outcomes.labels.indexOf(-1);
  if (strange >= 0) {
    throw new RangeError(
      `forest: the class in row ${rows[strange] + 1} of '${schema.target}' is none of the schema's`,
    );
  }
  return { kind: 'classification', labels: outcomes.labels, classes: schema.classes.length };
}

/** Mean and standard deviation (ddof 0) of a regression's outcomes; 0 and 1 where there is nothing to scale. */
function scaleOf(targets: Targets): TargetScale {
  if (targets.kind === 'classification') return { center: 0, scale: 1 };
  let mean = 0;
  let squares = 0;
  targets.values.forEach((value, i) => {
    const before = value - mean;
    mean += before / (i + 1);
    squares += before * (value - mean);
  });
  const deviation = Math.sqrt(squares / targets.values.length);
  return { center: mean, scale: deviation > 0 && Number.isFinite(deviation) ? deviation : 1 };
}

/** The targets in shared memory, those of a regression scaled. */
function shared(targets: Targets, { center, scale }: TargetScale): Targets {
  if (targets.kind === 'classification') {
    const labels = new Int32Array(new SharedArrayBuffer(targets.labels.byteLength));
    labels.set(targets.labels);
    return { ...targets, labels };
  }
  const values = new Float64Array(new SharedArrayBuffer(targets.values.byteLength));
  for (let i = 0; i < values.length; i++) values[i] = (targets.values[i] - center) / scale;
  return { kind: 'regression', values };
}

function learnBins(column: EncodedColumn, targets: Targets, seed: number): FeatureBins {
  if (column.kind === 'categorical') {
    const binOfCode = categoryBins(column.codes, column.categories, targets);
    return { kind: 'categorical', binOfCode };
  }
  return { kind: 'numeric', borders: numericBorders(sampled(column.values, seed)) };
}

/** A copy of the values, or of a random choice of them (with replacement) when there are very many. */
function sampled(values: Float64Array, seed: number): Float64Array {
  if (values.length <= BORDER_SAMPLE) return values.slice();
  const random = createRandom(seed);
  return Float64Array.from(
    { length: BORDER_SAMPLE },
    () => values[Math.floor(random() * values.length)],
  );
}

function writeCodes(
  column: EncodedColumn,
  bins: FeatureBins,
  out: Uint8Array,
  offset: number,
  stride: number,
): void {
  if (column.kind === 'numeric' && bins.kind === 'numeric') {
    const { values } = column;
    const { borders } = bins;
    for (let i = 0, at = offset; i < values.length; i++, at += stride) {
      out[at] = binOf(values[i], borders);
    }
  } else if (column.kind === 'categorical' && bins.kind === 'categorical') {
    const { codes } = column;
    const { binOfCode } = bins;
    for (let i = 0, at = offset; i < codes.length; i++, at += stride) {
      out[at] = codes[i] < 0 ? MISSING_BIN : binOfCode[codes[i]];
    }
  }
}

function sliceColumn(column: EncodedColumn, from: number, to: number): EncodedColumn {
  return column.kind === 'numeric'
    ? { kind: 'numeric', values: column.values.subarray(from, to) }
    : { ...column, codes: column.codes.subarray(from, to) };
}
