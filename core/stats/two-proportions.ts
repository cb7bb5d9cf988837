import type { Share } from './fisher.ts';
import { normalSurvival } from './special-functions.ts';
import type { TwoSampleOutcome } from './two-sample.ts';

/** Least expected number of either outcome for which z is taken to be normal (Cochran 1954, Biometrics 10:417–451). */
const LEAST_EXPECTED = 5;

/**
 * Z test of two proportions, two-sided: could both samples share one proportion?
 *
 * z = (p̂ − q̂) / √(π̂(1 − π̂)(1/n + 1/m)) with the pooled π̂, no continuity correction; z² is χ² of the 2 × 2 table.
 * Not applicable where fewer than 5 of either outcome are expected in either sample: Fisher's exact test is
 * then the right one.
 *
 * @param reference values with the property, of all values; total at least 1
 * @param current likewise
 * @throws RangeError if a count is not a whole number from 0 to its total, or a total is 0
 * @see Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, section 3.
 */
export function twoProportionsTest(reference: Share, current: Share): TwoSampleOutcome {
  for (const { count, total } of [reference, current]) {
    const isWhole = Number.isInteger(count) && Number.isInteger(total);
    if (!(isWhole && count >= 0 && count <= total && total >= 1)) {
      throw new RangeError(
        `two proportions: expected a whole count of a total, got ${count} of ${total}`,
      );
    }
  }
  const n = reference.total;
  const m = current.total;
  const pooled = (reference.count + current.count) / (n + m);
  const expected = Math.min(n, m) * Math.min(pooled, 1 - pooled);
  if (expected < LEAST_EXPECTED) {
    const reason = `only ${expected.toPrecision(2)} values expected in one cell, at least ${LEAST_EXPECTED} are needed: use Fisher’s exact test`;
    return { kind: 'not applicable', reason, n, m };
  }
  const difference = reference.count / n - current.count / m;
  const statistic = difference / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  const pValue = Math.min(1, 2 * normalSurvival(Math.abs(statistic)));
  return { kind: 'tested', statistic, pValue, n, m };
}
