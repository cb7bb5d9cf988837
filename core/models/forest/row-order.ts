import { MISSING_BIN } from '../binning/bins.ts';

/** Bits of a key that hold the position of a row in its node; the bin is above. */
export const POSITION_BITS = 10;
export const POSITION_MASK: number = (1 << POSITION_BITS) - 1;

/** Most rows that are put in order. */
export const MAX_ORDERED_ROWS: number = 1 << POSITION_BITS;

/** Up to this many rows insertion sort takes less than a list for each bin. */
const INSERTION_ROWS = 16;

/**
 * The rows of a node in the order of their bins of a feature, found in O(rows) without a pass over all bins.
 * A class, as it holds memory that the next sort overwrites.
 */
export class RowOrder {
  /** bin << POSITION_BITS | position of the row in the node, ascending: missing values come last */
  readonly keys: Int32Array = new Int32Array(MAX_ORDERED_ROWS);
  /** rows that have a value */
  present = 0;
  private readonly next: Int32Array = new Int32Array(MAX_ORDERED_ROWS);
  /** 1 + position of the first row of each bin; 0 = none */
  private readonly head: Int32Array = new Int32Array(MISSING_BIN + 1);
  /** a bit for each bin that has a row */
  private readonly occupied: Int32Array = new Int32Array(8);

  /**
   * Orders the rows at positions [start, end), at least 1 and at most 1024; do they have more than one bin?
   * @param base where the feature's column of codes begins
   */
  sort(codes: Uint8Array, base: number, rows: Int32Array, start: number, end: number): boolean {
    const { keys } = this;
    const count = end - start;
    if (count <= INSERTION_ROWS) this.insertionSort(codes, base, rows, start, count);
    else this.listSort(codes, base, rows, start, count);
    let present = count;
    while (present > 0 && keys[present - 1] >> POSITION_BITS === MISSING_BIN) present--;
    this.present = present;
    return keys[0] >> POSITION_BITS !== keys[count - 1] >> POSITION_BITS;
  }

  private insertionSort(
    codes: Uint8Array,
    base: number,
    rows: Int32Array,
    start: number,
    count: number,
  ): void {
    const { keys } = this;
    for (let i = 0; i < count; i++) {
      const key = (codes[base + rows[start + i]] << POSITION_BITS) | i;
      let at = i;
      while (at > 0 && keys[at - 1] > key) {
        keys[at] = keys[at - 1];
        at--;
      }
      keys[at] = key;
    }
  }

  /** Deals the rows to a list for each bin, then walks the bins that have one. */
  private listSort(
    codes: Uint8Array,
    base: number,
    rows: Int32Array,
    start: number,
    count: number,
  ): void {
    const { keys, next, head, occupied } = this;
    for (let i = count - 1; i >= 0; i--) {
      const bin = codes[base + rows[start + i]];
      occupied[bin >> 5] |= 1 << (bin & 31);
      next[i] = head[bin];
      head[bin] = i + 1;
    }
    let at = 0;
    for (let word = 0; word < 8; word++) {
      let bits = occupied[word];
      occupied[word] = 0;
      while (bits !== 0) {
        const lowest = bits & -bits;
        const bin = (word << 5) + 31 - Math.clz32(lowest);
        bits ^= lowest;
        for (let i = head[bin]; i !== 0; i = next[i - 1]) {
          keys[at++] = (bin << POSITION_BITS) | (i - 1);
        }
        head[bin] = 0;
      }
    }
  }
}
