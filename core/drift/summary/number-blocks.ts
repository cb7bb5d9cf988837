import { mergeInOrder } from './in-order.ts';
import { mergeNumbers, summariseNumbers, workspaceFor } from './number-summary.ts';
import type { NumberSummary, Workspace } from './number-summary.ts';

/** Values of a column that are held and sorted together: 4 MiB. */
const BLOCK_ROWS = 1 << 19;

/** A column of numbers that comes in pieces of any length, in the order of its rows. */
export interface NumberBlocks {
  /** @param values NaN, or infinite, for missing; not kept */
  add(values: Float64Array): void;
  /** the summary of all pieces; the same whatever their lengths */
  total(): NumberSummary;
}

/**
 * Summarises a column block by block.
 * @param rows of all pieces together
 * @param workspace may be shared with other columns
 */
export function openNumberBlocks(
  head: Pick<NumberSummary, 'kind' | 'name'>,
  rows: number,
  workspace: Workspace = blockWorkspace(rows),
): NumberBlocks {
  const block = new Float64Array(Math.max(1, Math.min(rows, BLOCK_ROWS)));
  const blocks = mergeInOrder(mergeNumbers);
  let used = 0;
  const flush = (): void => {
    blocks.add(summariseNumbers(head, block.subarray(0, used), workspace));
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

/** Room to sort in for columns of so many rows. */
export function blockWorkspace(rows: number): Workspace {
  return workspaceFor(Math.min(rows, BLOCK_ROWS));
}
