import { sharesOf } from './shares.ts';

/**
 * Total variation distance of two samples over the same levels: ½ Σ |p_k − q_k|, the share of the values that
 * would have to change level. Plain (unsmoothed) shares; without change its mean grows with the levels, to
 * about √(K(1/n + 1/m)/(2π)) for K equally frequent ones.
 *
 * @param reference counts or shares per level, at least one above 0
 * @param current counts or shares of the same levels, in the same order, likewise
 * @returns a metric in [0, 1]: 0 equal, 1 nothing in common
 * @throws RangeError if the lengths differ, a sample is empty or a count negative
 * @see Levin & Peres (2017), Markov Chains and Mixing Times, 2nd ed., section 4.1.
 */
export function totalVariation(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const { p, q } = sharesOf('total variation', reference, current);
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += Math.abs(p[k] - q[k]);
  return Math.min(1, sum / 2);
}
