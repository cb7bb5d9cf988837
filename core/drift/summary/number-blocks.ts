import { mergeInOrder } from './in-order.ts';
import { mergeNumbers, summariseNumbers } from './number-summary.ts';
import type { NumberSummary } from './number-summary.ts';

/** Values of a column that are held and sorted together: 4 MiB. */
const BLOCK_ROWS = 1 << 19;

/** A column of numbers that comes in pieces of any length, in the order of its rows. */
export interface NumberBlocks {
  /** @param values NaN, or infinite, for missing; not kept */
  add(values: Float64Array): void;
  /** the summary of all pieces; the same whatever their lengths */
  total(): NumberSummary;
}

/** Where a column's block is held and sorted. */
export interface BlockRoom {
  readonly block: Float64Array;
  /** as long as the block, overwritten at any time */
  readonly sorted: Float64Array;
}

/**
 * Summarises a column block by block.
 * @param room may be used again when the column is at its end; `sorted` by other columns at any time
 */
export function openNumberBlocks(
  head: Pick<NumberSummary, 'kind' | 'name'>,
  { block, sorted }: BlockRoom,
): NumberBlocks {
  const blocks = mergeInOrder(mergeNumbers);
  let used = 0;
  const flush = (): void => {
    blocks.add(summariseNumbers(head, block.subarray(0, used), sorted));
    used = 0;
  };
  return {
    add(values) {
      for (let start = 0; start < values.length;) {
        const end = Math.min(values.length, start + block.length - used);
        block.set(values.subarray(start, end), used);
        used += end - start;
        start = end;
        if (used === block.length) flush();
      }
    },
    total() {
      if (used > 0) flush();
      return blocks.total() ?? summariseNumbers(head, new Float64Array(0));
    },
  };
}

/** Room for so many columns at a time, of so many rows, that share what they are sorted in. */
export function blockRooms(rows: number, columns: number): readonly BlockRoom[] {
  const length = Math.max(1, Math.min(rows, BLOCK_ROWS));
  const sorted = new Float64Array(length);
  return Array.from({ length: columns }, () => ({ block: new Float64Array(length), sorted }));
}
