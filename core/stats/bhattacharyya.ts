import { hellingerDistance } from './hellinger.ts';

/** Largest distance told apart from that of samples without a level in common, whose distance is infinite. */
export const BHATTACHARYYA_LIMIT = 36;

/**
 * Bhattacharyya distance of two samples over the same levels: −ln Σ √(p_k q_k) of the plain shares. With the
 * Hellinger distance H it is −ln(1 − H²), by which it is computed, so that small distances keep their digits.
 *
 * @param reference counts or shares per level, at least one above 0
 * @param current counts or shares of the same levels, in the same order, likewise
 * @returns a distance from 0 (equal) to 36, which stands for nothing in common; no metric
 * @throws RangeError if the lengths differ, a sample is empty or a count negative
 * @see Bhattacharyya (1943), Bull. Calcutta Math. Soc. 35:99–109.
 */
export function bhattacharyyaDistance(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const distance = -Math.log1p(-(hellingerDistance(reference, current) ** 2));
  return Math.max(0, Math.min(BHATTACHARYYA_LIMIT, distance));
}
