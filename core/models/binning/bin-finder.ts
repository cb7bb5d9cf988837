import { MISSING_BIN } from './bins.ts';

/** Cells that the range of the borders is cut into: with 254 of them hardly a cell holds two. */
const CELLS = 4096;

/** With fewer values to find bins for, the cells are not worth being counted. */
const WORTH_CELLS = 512;

/** Finds bins of values in about constant time: see `binsInto`. */
export interface BinFinder {
  /** ascending; behind them infinity */
  readonly borders: Float64Array;
  /** a value is in cell (value − low) · scale, bounded */
  readonly low: number;
  readonly scale: number;
  /** borders in the cells before each, and before the end: cells + 1 */
  readonly firstBorder: Uint8Array;
}

/**
 * A finder of the bins between some borders.
 * @param borders ascending, at most 254
 * @param values how many bins will be asked for
 */
export function createBinFinder(borders: Float64Array, values: number): BinFinder {
  const cells = values < WORTH_CELLS ? 1 : CELLS;
  const low = borders.length > 0 ? borders[0] : 0;
  const range = borders.length > 0 ? borders[borders.length - 1] - low : 0;
  const steps = cells / range;
  const scale = Number.isFinite(range) && Number.isFinite(steps) ? steps : 0;
  const firstBorder = new Uint8Array(cells + 1);
  for (const border of borders) firstBorder[cellOf(border, low, scale, cells) + 1]++;
  for (let cell = 1; cell <= cells; cell++) firstBorder[cell] += firstBorder[cell - 1];
  const padded = new Float64Array(borders.length + 1);
  padded.set(borders);
  padded[borders.length] = Infinity;
  return { borders: padded, low, scale, firstBorder };
}

/**
 * The bins of values: the number of borders below each, `MISSING_BIN` for NaN, as `binOf` gives it.
 *
 * Cells do not descend with the value, however it is rounded, so the borders of lower cells are below a value, those
 * of higher ones above it, and only those of its own cell are searched.
 *
 * @param out bin of value i at `offset` + i
 */
export function binsInto(
  values: Float64Array,
  finder: BinFinder,
  out: Uint8Array,
  offset: number,
): void {
  const { borders, low, scale, firstBorder } = finder;
  const cells = firstBorder.length - 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const cell = cellOf(value, low, scale, cells);
    let bin = firstBorder[cell];
    if (borders[bin] < value) bin = lowerBound(borders, value, bin + 1, firstBorder[cell + 1]);
    out[offset + i] = Number.isNaN(value) ? MISSING_BIN : bin;
  }
}

/** The first of the borders from `low` to `high` that is not below the value. */
function lowerBound(borders: Float64Array, value: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (borders[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** NaN is in cell 0. */
function cellOf(value: number, low: number, scale: number, cells: number): number {
  const cell = (value - low) * scale;
  // Branches, as nearly all values lie between the borders: least and greatest of two numbers take longer.
  if (!(cell > 0)) return 0;
  return cell < cells ? cell | 0 : cells - 1;
}
