import { MISSING_BIN } from '../binning/bins.ts';
import { MISSING_LEFT } from './grow-leaves.ts';
import type { BoostedTree } from './grow-leaves.ts';

/**
 * Adds what a tree says of each row to `scores[row · stride + offset]`.
 * @param codes row-major, rows × p
 */
export function addTreeInto(
  { feature, bin, left, value }: BoostedTree,
  codes: Uint8Array,
  p: number,
  scores: Float64Array,
  stride: number,
  offset: number,
): void {
  for (let row = 0, at = offset; at < scores.length; row += p, at += stride) {
    let node = 0;
    let child = left[0];
    while (child !== 0) {
      const split = feature[node];
      // Missing values that go left are counted round to bin 0, so that one comparison decides; computed,
      // as a branch that chance decides would cost more.
      const shift = split >>> 15;
      const code = (codes[row + (split & (MISSING_LEFT - 1))] + shift) & MISSING_BIN;
      node = child + ((bin[node] + shift - code) >>> 31);
      child = left[node];
    }
    scores[at] += value[node];
  }
}
