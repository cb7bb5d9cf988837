import { normalSurvival } from './special-functions.ts';
import { forEachDistinct, requireSamples } from './two-sample.ts';
import type { TwoSampleTest } from './two-sample.ts';

export interface MannWhitneyResult extends TwoSampleTest {
  /** U/(nm): the chance that a value of the reference is above one of the current sample, ties half; ½ without change */
  readonly superiority: number;
  readonly exact: boolean;
}

/** Largest n·m for which untied samples get the exact p-value; its cost is (n·m)². */
const EXACT_PAIRS = 1000;

/**
 * Mann–Whitney (Wilcoxon rank-sum) test, two-sided: are values of one sample larger more often than not?
 *
 * U = #(x > y) + ½ #(x = y) over all pairs of a reference value x and a current value y. Exact p for untied
 * samples with n·m ≤ 1000; otherwise the normal one with continuity correction and
 * σ² = nm/12 · [N + 1 − Σ (t³ − t)/(N(N − 1))] for groups of t equal values.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @returns U of the reference in [0, nm]; p = 1 when all values are equal
 * @throws RangeError if n or m is 0
 * @see Mann & Whitney (1947), Ann. Math. Stat. 18:50–60; Lehmann (1975), Nonparametrics, section 1.4 for ties. O(n + m).
 */
export function mannWhitneyTest(reference: Float64Array, current: Float64Array): MannWhitneyResult {
  requireSamples('mann-whitney', reference, current);
  const n = reference.length;
  const m = current.length;
  const total = n + m;
  let statistic = 0;
  let ties = 0;
  forEachDistinct(reference, current, (_value, _i, a, j, b) => {
    const t = a + b;
    statistic += a * (j + b / 2);
    ties += (t - 1) * t * (t + 1);
  });
  const superiority = statistic / n / m;
  const larger = Math.max(statistic, n * m - statistic);
  if (ties === 0 && n * m <= EXACT_PAIRS) {
    const pValue = Math.min(1, 2 * exactSurvival(Math.max(n, m), Math.min(n, m), larger));
    return { kind: 'tested', statistic, pValue, n, m, superiority, exact: true };
  }
  const variance = n * (m / 12) * (total + 1 - ties / total / (total - 1));
  const distance = Math.max(0, larger - (n * m) / 2 - 0.5);
  const pValue = variance > 0 ? 2 * normalSurvival(distance / Math.sqrt(variance)) : 1;
  return {
    kind: 'tested',
    statistic,
    pValue: Math.min(1, pValue),
    n,
    m,
    superiority,
    exact: false,
  };
}

/**
 * P(U ≥ u) of untied samples, by recursion on the largest value of all: it belongs to the first sample with
 * chance i/(i + j) and then exceeds j values. Sums of positive terms only, so small p keep their digits.
 */
function exactSurvival(n: number, m: number, u: number): number {
  const size = n * m + 1;
  let row: Float64Array[] = [];
  for (let i = 0; i <= n; i++) {
    const next: Float64Array[] = [];
    for (let j = 0; j <= m; j++) {
      const chances = new Float64Array(size);
      if (i === 0 || j === 0) chances[0] = 1;
      else {
        const ofFirst = i / (i + j);
        for (let k = 0; k <= i * j; k++) {
          chances[k] = (1 - ofFirst) * next[j - 1][k] + (k < j ? 0 : ofFirst * row[j][k - j]);
        }
      }
      next.push(chances);
    }
    row = next;
  }
  let sum = 0;
  for (let k = u; k < size; k++) sum += row[m][k];
  return sum;
}
