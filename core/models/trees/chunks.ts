import { columnCodesInto, createFinders } from '../binning/feature-bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import type { EncodedTable } from '../input/encoder.ts';
import { MEMORY_START, reserve } from '../../web-assembly.ts';
import type { WalkKernel } from './kernel/kernel.ts';

/** Bytes of a chunk's codes: with one tree they fit into a core's second cache. */
const CHUNK_BYTES = 2 ** 20;
const MAX_CHUNK_ROWS = 32_768;

/** Bytes that a cache loads at once. */
const CACHE_LINE = 64;

/** Rows whose bins are known, or can be found. */
export interface BinnedRows {
  readonly rows: number;
  /** Writes the bins of rows `from` to `to`, column-major: those of feature j begin at `out[j · stride]`. */
  codesInto(from: number, to: number, out: Uint8Array, stride: number): void;
}

/** The rows of a table in the bins of some features. */
export function binnedRows(table: EncodedTable, features: readonly FeatureBins[]): BinnedRows {
  const finders = createFinders(features, table.rows);
  return {
    rows: table.rows,
    codesInto: (from, to, out, stride) => columnCodesInto(table, finders, from, to, out, stride),
  };
}

/**
 * Every `step`-th of rows whose bins are there.
 * @param codes column-major, features × `rows`
 */
export function codedRows(codes: Uint8Array, rows: number, step: number): BinnedRows {
  const p = rows === 0 ? 0 : codes.length / rows;
  return {
    rows: Math.ceil(rows / step),
    codesInto: (from, to, out, stride) => {
      for (let j = 0; j < p; j++) {
        const column = codes.subarray(j * rows, (j + 1) * rows);
        if (step === 1) out.set(column.subarray(from, to), j * stride);
        else for (let i = from; i < to; i++) out[j * stride + i - from] = column[i * step];
      }
    },
  };
}

/** What a kernel has to have room for. */
export interface ChunkSize {
  readonly features: number;
  /** sums a row; 0 where only leaves are asked for */
  readonly sums: number;
  readonly mostNodes: number;
  readonly mostEntries: number;
}

/**
 * Brings rows into the kernel's memory, as many at a time as a chunk holds.
 * @param begin called once, when the memory is laid out; returns what is called for each chunk, given its first row and
 *   their number, and how many rows the memory is laid out for
 * @throws RangeError if there can be no such memory
 */
export function eachChunk(
  kernel: WalkKernel,
  table: BinnedRows,
  { features, sums, mostNodes, mostEntries }: ChunkSize,
  begin: (capacity: number) => (from: number, rows: number) => void,
): void {
  const capacity = chunkCapacity(table.rows, features);
  const end = kernel.chunkLayout(MEMORY_START, capacity, features, sums, mostNodes, mostEntries);
  reserve(kernel.memory, end, `predictions of trees of ${mostNodes} nodes`);
  const codes = new Uint8Array(kernel.memory.buffer, kernel.chunkCodes.value, capacity * features);
  const visit = begin(capacity);
  for (let from = 0; from < table.rows; from += capacity) {
    const to = Math.min(table.rows, from + capacity);
    table.codesInto(from, to, codes, capacity);
    kernel.fillTiles(to - from);
    visit(from, to - from);
  }
}

/**
 * Rows that a chunk holds: an odd number of cache lines. With a power of two, the columns of a row would all be kept
 * in the same few places of a cache.
 */
function chunkCapacity(rows: number, features: number): number {
  const most = Math.min(MAX_CHUNK_ROWS, rows, Math.floor(CHUNK_BYTES / features));
  const lines = Math.ceil(Math.max(1, most) / CACHE_LINE);
  return (lines % 2 === 0 ? lines + 1 : lines) * CACHE_LINE;
}
