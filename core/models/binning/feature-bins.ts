import { createRandom, deriveSeed } from '../../random.ts';
import type { EncodedColumn, EncodedTable } from '../input/encoder.ts';
import type { Targets } from '../input/targets.ts';
import { binsInto, createBinFinder } from './bin-finder.ts';
import type { BinFinder } from './bin-finder.ts';
import { MISSING_BIN, numericBorders } from './bins.ts';
import { categoryBins } from './categories.ts';

/** Borders are learned from at most this many values of a column. */
const BORDER_SAMPLE = 200_000;

/** How a feature becomes bins 0 to 254, and 255 for missing. */
export type FeatureBins =
  | { readonly kind: 'numeric'; readonly borders: Float64Array }
  | {
      readonly kind: 'categorical';
      /** bin of each code of the dictionary, then of a category that is not in it */
      readonly binOfCode: Uint8Array;
    };

/**
 * The bins of each feature, learned from the rows of a table and, for categories, from their outcomes.
 * @param weights of the rows, for the order of categories; absent: all 1
 */
export function learnFeatureBins(
  table: EncodedTable,
  targets: Targets,
  seed: number,
  weights?: Float64Array,
): readonly FeatureBins[] {
  return table.columns.map((column, j): FeatureBins => {
    if (column.kind === 'categorical') {
      const binOfCode = categoryBins(column.codes, column.categories, targets, weights);
      return { kind: 'categorical', binOfCode };
    }
    const values = sampled(column.values, deriveSeed(seed, -j - 1));
    return { kind: 'numeric', borders: numericBorders(values) };
  });
}

/** What finds the bins of a feature's values. */
export type FeatureFinder = BinFinder | Extract<FeatureBins, { kind: 'categorical' }>;

/**
 * What finds the bins of the features' values.
 * @param rows how many rows it will be asked for
 */
export function createFinders(
  features: readonly FeatureBins[],
  rows: number,
): readonly FeatureFinder[] {
  return features.map((bins) =>
    bins.kind === 'numeric' ? createBinFinder(bins.borders, rows) : bins,
  );
}

/** Bins of every row, column-major, features × rows, in memory that threads can share. */
export function columnCodes(
  table: EncodedTable,
  features: readonly FeatureBins[],
): Uint8Array<SharedArrayBuffer> {
  const codes = new Uint8Array(new SharedArrayBuffer(features.length * table.rows));
  const finders = createFinders(features, table.rows);
  columnCodesInto(table, finders, 0, table.rows, codes, table.rows);
  return codes;
}

/** Bins of rows `from` to `to` of a table, column-major: those of feature j begin at `out[j · stride]`. */
export function columnCodesInto(
  table: EncodedTable,
  finders: readonly FeatureFinder[],
  from: number,
  to: number,
  out: Uint8Array,
  stride: number,
): void {
  finders.forEach((finder, j) => {
    writeCodes(sliceColumn(table.columns[j], from, to), finder, out, j * stride);
  });
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
  finder: FeatureFinder,
  out: Uint8Array,
  offset: number,
): void {
  if (column.kind === 'numeric' && 'borders' in finder) {
    binsInto(column.values, finder, out, offset);
  } else if (column.kind === 'categorical' && 'binOfCode' in finder) {
    const { codes } = column;
    const { binOfCode } = finder;
    for (let i = 0; i < codes.length; i++) {
      out[offset + i] = codes[i] < 0 ? MISSING_BIN : binOfCode[codes[i]];
    }
  }
}

function sliceColumn(column: EncodedColumn, from: number, to: number): EncodedColumn {
  return column.kind === 'numeric'
    ? { kind: 'numeric', values: column.values.subarray(from, to) }
    : { ...column, codes: column.codes.subarray(from, to) };
}
