import { createRandom } from '../../random.ts';
import { randomRows } from '../../stats/permutation.ts';
import { columnOf } from '../../table.ts';
import type { CategoricalColumn, NumericColumn, Table } from '../../table.ts';

/** Points of one sample: row-major, element (i, j) is data[i * cols + j]. */
export interface Points {
  readonly data: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

/** Two samples as points of one space. */
export interface PointPair {
  readonly reference: Points;
  readonly current: Points;
  /** names of the columns that have a dimension */
  readonly columns: readonly string[];
  /** index into `columns` of each dimension, ascending */
  readonly columnOfDimension: Int32Array;
}

export interface EncodeOptions {
  /** rows of each sample that are drawn at random if there are more */
  readonly maxRows: number;
  readonly seed: number;
  /** whether points come in the order of the rows; absent: in any */
  readonly inOrder?: boolean;
}

/** Rows of each sample that multivariate tests look at unless told otherwise. */
export const DEFAULT_MAX_ROWS = 20_000;

/** Values further from the mean than this many deviations count as this far: a distance must not overflow. */
const FARTHEST = 20;

/** Categories beyond the most frequent ones share a dimension. */
const MAX_LEVELS = 20;

/** Least spread of a categorical column, so that a very rare level does not dwarf all else. */
const LEAST_SPREAD = 0.05;

/**
 * Two tables as points, so that every column weighs the same: two random rows of the reference are on average
 * at a squared distance of about 2 in each.
 *
 * Numbers are standardised by mean and deviation of the reference (of both samples where the reference is
 * constant), missing ones set to the mean and flagged by a dimension of their own. Categories are one-hot,
 * divided by √(1 − Σp²) for shares p in the reference; a missing one is a level like others, the rarer ones
 * beyond 20 share one. Columns that are equal throughout get no dimension.
 *
 * @param columns names of numeric and categorical columns that both tables have
 * @throws RangeError if a column is absent, of another kind than the other one, or holds times; if a table
 *   has no rows
 */
export function encodeRows(
  reference: Table,
  current: Table,
  columns: readonly string[],
  options: EncodeOptions,
): PointPair {
  if (reference.rows === 0 || current.rows === 0) {
    throw new RangeError(
      `encode rows: both tables need rows, got ${reference.rows} and ${current.rows}`,
    );
  }
  const random = createRandom(options.seed);
  const drawn = (rows: number): Int32Array => {
    const some = randomRows(rows, options.maxRows, random);
    return options.inOrder === true ? some.sort() : some;
  };
  const before = drawn(reference.rows);
  const now = drawn(current.rows);
  const encoded = columns
    .map((name) => ({ name, dimensions: dimensionsOf(reference, before, current, now, name) }))
    .filter(({ dimensions }) => dimensions.length > 0);
  const all = encoded.flatMap(({ dimensions }) => dimensions);
  return {
    reference: pointsOf(
      all.map((dimension) => dimension.reference),
      before.length,
    ),
    current: pointsOf(
      all.map((dimension) => dimension.current),
      now.length,
    ),
    columns: encoded.map(({ name }) => name),
    columnOfDimension: Int32Array.from(
      encoded.flatMap(({ dimensions }, index) => dimensions.map(() => index)),
    ),
  };
}

/** Coordinates of both samples in one dimension. */
interface Dimension {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

function dimensionsOf(
  reference: Table,
  before: Int32Array,
  current: Table,
  now: Int32Array,
  name: string,
): readonly Dimension[] {
  const x = columnOf(reference, name);
  const y = columnOf(current, name);
  if (x.kind === 'numeric' && y.kind === 'numeric') {
    return numericDimensions(valuesOf(x, before), valuesOf(y, now));
  }
  if (x.kind === 'categorical' && y.kind === 'categorical') {
    return categoricalDimensions(labelsOf(x, before), labelsOf(y, now));
  }
  throw new RangeError(
    `encode rows: column '${name}' is ${x.kind} and then ${y.kind}; numbers or categories are needed in both`,
  );
}

// In loops: a map of typed arrays takes several times as long.

function valuesOf(column: NumericColumn, rows: Int32Array): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]];
  return values;
}

const labelsOf = (column: CategoricalColumn, rows: Int32Array): readonly (string | null)[] =>
  Array.from(rows, (row) => (column.codes[row] < 0 ? null : column.dictionary[column.codes[row]]));

function numericDimensions(x: Float64Array, y: Float64Array): readonly Dimension[] {
  const own = meanAndDeviation([x]);
  const unit = own.deviation > 0 ? own : meanAndDeviation([x, y]);
  const varying =
    unit.deviation > 0
      ? [{ reference: standardised(x, unit), current: standardised(y, unit) }]
      : [];
  if (!x.some(Number.isNaN) && !y.some(Number.isNaN)) return varying;
  const isMissing = (values: Float64Array): readonly boolean[] => Array.from(values, Number.isNaN);
  return [...varying, ...indicatorDimensions(isMissing(x), isMissing(y), [true])];
}

function standardised(values: Float64Array, { mean, deviation, scale }: Unit): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const distance = (values[i] / scale - mean) / deviation;
    result[i] = Number.isNaN(distance) ? 0 : Math.max(-FARTHEST, Math.min(FARTHEST, distance));
  }
  return result;
}

function categoricalDimensions(
  x: readonly (string | null)[],
  y: readonly (string | null)[],
): readonly Dimension[] {
  const counts = new Map<string | null, number>();
  for (const label of x) counts.set(label, (counts.get(label) ?? 0) + 1);
  for (const label of y) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size < 2) return [];
  const byFrequency = [...counts.keys()].sort(
    (a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || ((a ?? '') < (b ?? '') ? -1 : 1),
  );
  const level = new Map(byFrequency.map((label, k) => [label, Math.min(k, MAX_LEVELS)]));
  const levelsOf = (labels: readonly (string | null)[]): number[] =>
    labels.map((label) => level.get(label) ?? MAX_LEVELS);
  const levels = Array.from({ length: Math.min(counts.size, MAX_LEVELS + 1) }, (_, k) => k);
  return indicatorDimensions(levelsOf(x), levelsOf(y), levels);
}

/** One dimension for each of the given values; none if nothing varies. */
function indicatorDimensions<T>(
  x: readonly T[],
  y: readonly T[],
  values: readonly T[],
): readonly Dimension[] {
  const shares = new Map<T, number>();
  for (const value of x) shares.set(value, (shares.get(value) ?? 0) + 1 / x.length);
  const concentration = [...shares.values()].reduce((sum, share) => sum + share * share, 0);
  const height = 1 / Math.sqrt(Math.max(LEAST_SPREAD, 1 - concentration));
  const first = x[0];
  if (x.every((value) => value === first) && y.every((value) => value === first)) return [];
  const marked = (all: readonly T[], value: T): Float64Array => {
    const result = new Float64Array(all.length);
    for (let i = 0; i < all.length; i++) if (all[i] === value) result[i] = height;
    return result;
  };
  return values.map((value) => ({ reference: marked(x, value), current: marked(y, value) }));
}

/** Mean and deviation of values ÷ scale, the largest of them, so that none overflows. */
interface Unit {
  readonly mean: number;
  readonly deviation: number;
  readonly scale: number;
}

/** Of the values that are not missing. */
function meanAndDeviation(samples: readonly Float64Array[]): Unit {
  let scale = 0;
  for (const values of samples) {
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i]);
      if (size > scale) scale = size;
    }
  }
  if (scale === 0) return { mean: 0, deviation: 0, scale: 1 };
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (const values of samples) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] / scale;
      if (Number.isNaN(value)) continue;
      const delta = value - mean;
      mean += delta / ++count;
      squares += delta * (value - mean);
    }
  }
  // Equal values leave rounding behind, which is no spread.
  const deviation = Math.sqrt(squares / count);
  return { mean, deviation: deviation > 1e-12 * Math.abs(mean) ? deviation : 0, scale };
}

function pointsOf(dimensions: readonly Float64Array[], rows: number): Points {
  const cols = dimensions.length;
  const data = new Float64Array(rows * cols);
  dimensions.forEach((values, j) => {
    for (let i = 0; i < rows; i++) data[i * cols + j] = values[i];
  });
  return { data, rows, cols };
}
