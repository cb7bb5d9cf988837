import { LEAST_EXPECTED, leastExpected, occupiedLevels, poolRareLevels } from './count-table.ts';
import { chiSquareSurvival, deviance } from './special-functions.ts';
import type { NotApplicable, TwoSampleTest } from './two-sample.ts';

export interface GResult extends TwoSampleTest {
  /** levels − 1 of the table after pooling */
  readonly degreesOfFreedom: number;
}

/**
 * G test (likelihood ratio) of homogeneity of two samples over the same levels: could both share one
 * distribution?
 *
 * G = 2 Σ observed · ln(observed / expected) over the 2 × K table, χ² with K − 1 degrees of freedom. Levels of
 * which fewer than 5 are expected in either sample are pooled, as in the χ² test; not applicable where fewer
 * than two levels are left: the exact or Monte-Carlo p of `chiSquareHomogeneity` is then the right one.
 *
 * @param reference counts per level, whole numbers, at least one above 0
 * @param current counts of the same levels, in the same order, likewise
 * @throws RangeError if the lengths differ or a sample is empty
 * @see Sokal & Rohlf (1995), Biometry, 3rd ed., section 17.2; Wilks (1938), Ann. Math. Stat. 9:60–62.
 */
export function gTest(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): GResult | NotApplicable {
  const table = poolRareLevels(occupiedLevels('g test', reference, current));
  const { n, m } = table;
  const levels = table.reference.length;
  if (levels < 2 || leastExpected(table) < LEAST_EXPECTED) {
    const reason = `fewer than two levels with at least ${LEAST_EXPECTED} expected values in either sample`;
    return { kind: 'not applicable', reason, n, m };
  }
  let half = 0;
  for (let k = 0; k < levels; k++) {
    const share = (table.reference[k] + table.current[k]) / (n + m);
    half += surprise(table.reference[k], n * share) + surprise(table.current[k], m * share);
  }
  const statistic = Math.max(0, 2 * half);
  const degreesOfFreedom = levels - 1;
  const pValue = chiSquareSurvival(statistic, degreesOfFreedom);
  return { kind: 'tested', statistic, pValue, n, m, degreesOfFreedom };
}

/** Its part of G/2: with expected − observed added, of which the sum is 0, so that large counts keep their digits. */
const surprise = (observed: number, expected: number): number =>
  observed === 0 ? expected : deviance(observed, expected);
