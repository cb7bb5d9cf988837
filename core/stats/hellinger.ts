import { sharesOf } from './shares.ts';

/**
 * Hellinger distance of two samples over the same levels: √(½ Σ (√p_k − √q_k)²) = √(1 − Σ √(p_k q_k)), of the
 * plain (unsmoothed) shares. Summed from the differences, so that nearly equal shares keep their digits.
 *
 * @param reference counts or shares per level, at least one above 0
 * @param current counts or shares of the same levels, in the same order, likewise
 * @returns a metric in [0, 1]: 0 equal, 1 nothing in common
 * @throws RangeError if the lengths differ, a sample is empty or a count negative
 * @see Hellinger (1909), J. reine angew. Math. 136:210–271; Le Cam (1986), Asymptotic Methods, section 4.2.
 */
export function hellingerDistance(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const { p, q } = sharesOf('hellinger', reference, current);
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += (Math.sqrt(p[k]) - Math.sqrt(q[k])) ** 2;
  return Math.min(1, Math.sqrt(sum / 2));
}
