import { MISSING_BIN } from './bins.ts';

/** Most rows that are put in order; beyond, a histogram takes less. */
export const MAX_ORDERED_ROWS = 1024;

/** Up to this many rows insertion sort takes less than a list for each bin. */
const INSERTION_ROWS = 16;

/** Bits of a key that hold the position of a row in its node; the bin is above. */
export const POSITION_BITS = 10;
export const POSITION_MASK: number = (1 << POSITION_BITS) - 1;

/** The rows of a node in the order of their bins of a feature. The arrays are overwritten by the next sort. */
export interface RowOrder {
  /** bin << POSITION_BITS | position of the row in the node, ascending: missing values come last */
  readonly keys: Int32Array;
  /** rows that have a value */
  present: number;
  /** Orders the rows at positions [start, end), at most 1024; do they have more than one bin? */
  sort(codes: Uint8Array, base: number, rows: Int32Array, start: number, end: number): boolean;
}

/** Orders rows in O(rows), and without a pass over all bins. */
export function createRowOrder(): RowOrder {
  const keys = new Int32Array(MAX_ORDERED_ROWS);
  const next = new Int32Array(MAX_ORDERED_ROWS);
  /** 1 + position of the first row of each bin; 0 = none */
  const head = new Int32Array(MISSING_BIN + 1);
  /** a bit for each bin that has a row */
  const occupied = new Int32Array(8);

  function insertionSort(
    codes: Uint8Array,
    base: number,
    rows: Int32Array,
    start: number,
    count: number,
  ): void {
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

  function listSort(
    codes: Uint8Array,
    base: number,
    rows: Int32Array,
    start: number,
    count: number,
  ): void {
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

  return {
    keys,
    present: 0,
    sort(codes, base, rows, start, end) {
      const count = end - start;
      if (count <= INSERTION_ROWS) insertionSort(codes, base, rows, start, count);
      else listSort(codes, base, rows, start, count);
      let present = count;
      while (present > 0 && keys[present - 1] >> POSITION_BITS === MISSING_BIN) present--;
      this.present = present;
      return keys[0] >> POSITION_BITS !== keys[count - 1] >> POSITION_BITS;
    },
  };
}
