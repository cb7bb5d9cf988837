import { sharesOf } from './shares.ts';

/** Jeffreys' prior: what an empty level is taken to hold, so that it costs a finite amount. */
const JEFFREYS = 0.5;

/**
 * Kullback–Leibler divergence of the current sample's distribution over levels from the reference's:
 * Σ p_k ln(p_k / q_k), p of the reference, q of the current sample, both smoothed:
 * p_k = (count_k + c) / (n + cK). Not symmetric; the sum over both directions is the population stability index.
 *
 * Without change its mean is about (K − 1)/2 · (1/n + 1/m): read it beside the number of values.
 *
 * @param reference counts or shares per level, at least one above 0
 * @param current counts or shares of the same levels, in the same order, likewise
 * @param pseudoCount c, at least 0; ½ suits counts, 0 shares that have been smoothed already
 * @returns a divergence ≥ 0 in nats
 * @throws RangeError if the lengths differ, a sample is empty, c is negative, or c is 0 and a level of the
 *   reference never occurs in the current sample, where the divergence is infinite
 * @see Kullback & Leibler (1951), Ann. Math. Stat. 22:79–86.
 */
export function kullbackLeibler(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  pseudoCount: number = JEFFREYS,
): number {
  if (!(pseudoCount >= 0 && pseudoCount < Infinity)) {
    throw new RangeError(`kullback-leibler: the pseudo-count must be >= 0, got ${pseudoCount}`);
  }
  const { p, q } = sharesOf('kullback-leibler', reference, current, pseudoCount);
  let divergence = 0;
  for (let k = 0; k < p.length; k++) {
    if (p[k] === 0) continue;
    if (q[k] === 0) {
      throw new RangeError(
        `kullback-leibler: level ${k} never occurs in the current sample; a pseudo-count above 0 is needed`,
      );
    }
    divergence += p[k] * Math.log(p[k] / q[k]);
  }
  return Math.max(0, divergence);
}
