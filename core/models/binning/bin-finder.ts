import { reserve } from '../../web-assembly.ts';
import { withBinKernel } from './kernel/kernel.ts';

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

/** Values that the kernel has room for at a time. */
const CHUNK_VALUES = 2048;

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
  { borders, low, scale, firstBorder }: BinFinder,
  out: Uint8Array,
  offset: number,
): void {
  withBinKernel((kernel) => {
    reserve(kernel.memory, kernel.memoryEnd.value, 'bins');
    const { buffer } = kernel.memory;
    new Float64Array(buffer, kernel.borders.value).set(borders);
    new Uint8Array(buffer, kernel.firstBorder.value).set(firstBorder);
    const chunk = new Float64Array(buffer, kernel.values.value, CHUNK_VALUES);
    const bins = new Uint8Array(buffer, kernel.bins.value, CHUNK_VALUES);
    for (let from = 0; from < values.length; from += CHUNK_VALUES) {
      const own = values.subarray(from, from + CHUNK_VALUES);
      chunk.set(own);
      kernel.findBins(own.length, low, scale, firstBorder.length - 1);
      out.set(bins.subarray(0, own.length), offset + from);
    }
  });
}

/** NaN is in cell 0. */
function cellOf(value: number, low: number, scale: number, cells: number): number {
  const cell = (value - low) * scale;
  // Branches, as nearly all values lie between the borders: least and greatest of two numbers take longer.
  if (!(cell > 0)) return 0;
  return cell < cells ? cell | 0 : cells - 1;
}
