import { sharesOf } from './shares.ts';

/**
 * L∞ distance of two samples over the same levels: max |p_k − q_k|, the largest change of one level's share.
 *
 * @param reference counts or shares per level, at least one above 0
 * @param current counts or shares of the same levels, in the same order, likewise
 * @returns a metric in [0, 1]
 * @throws RangeError if the lengths differ, a sample is empty or a count negative
 */
export function largestShareChange(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const { p, q } = sharesOf('largest share change', reference, current);
  let largest = 0;
  for (let k = 0; k < p.length; k++) largest = Math.max(largest, Math.abs(p[k] - q[k]));
  return largest;
}
