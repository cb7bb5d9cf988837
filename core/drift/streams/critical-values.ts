import { ksTwoSample } from '../../stats/ks.ts';
import { normalSurvival } from '../../stats/special-functions.ts';

/**
 * z with P(Z > z) = p for a standard normal Z: found once, so that a step compares instead of computing a
 * p-value.
 * @param p above 0, at most 0.5
 */
export function criticalNormal(p: number): number {
  let low = 0;
  let high = 40;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalSurvival(middle) > p) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Smallest D = k/n of the two-sample Kolmogorov–Smirnov test of n against n values with p ≤ alpha; above 1
 * if there is none.
 */
export function criticalKs(n: number, alpha: number): number {
  const first = Float64Array.from({ length: n }, (_, i) => i);
  let low = 0;
  let high = n + 1;
  while (low + 1 < high) {
    const k = (low + high) >> 1;
    const shifted = first.map((value) => value + k);
    if (ksTwoSample(first, shifted).pValue <= alpha) high = k;
    else low = k;
  }
  return high / n;
}
