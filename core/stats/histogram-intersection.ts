import { totalVariation } from './total-variation.ts';

/**
 * Histogram intersection of two samples over the same bins: Σ min(p_k, q_k), the share of values in common;
 * 1 minus the total variation distance.
 *
 * @param reference counts or shares per bin, at least one above 0
 * @param current counts or shares of the same bins, in the same order, likewise
 * @returns a similarity in [0, 1]: 1 equal, 0 nothing in common
 * @throws RangeError if the lengths differ, a sample is empty or a count negative
 * @see Swain & Ballard (1991), Int. J. Comput. Vis. 7:11–32.
 */
export function histogramIntersection(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  return 1 - totalVariation(reference, current);
}
