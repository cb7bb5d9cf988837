import { withNumbersKernel } from './kernel/kernel.ts';

/** How numbers go on from one to the next; those that are not finite are passed over. */
export interface Steps {
  /** finite ones */
  readonly count: number;
  readonly rises: number;
  readonly falls: number;
  /** numbers that are not whole */
  readonly fractions: number;
}

/** Numbers that the kernel is given at a time. */
const PIECE = 1 << 19;

/** Counts the steps from each finite number to the next one. O(n). */
export function followNumbers(values: Float64Array): Steps {
  const length = Math.min(values.length, PIECE);
  return withNumbersKernel(length, 'following numbers', (kernel, room) => {
    kernel.begin();
    for (let start = 0; start < values.length; start += PIECE) {
      const piece = values.subarray(start, start + PIECE);
      room.set(piece);
      kernel.follow(piece.length);
    }
    return {
      count: kernel.finites.value,
      rises: kernel.rises.value,
      falls: kernel.falls.value,
      fractions: kernel.fractions.value,
    };
  });
}
