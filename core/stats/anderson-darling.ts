import { andersonDarlingSurvival } from './quadratic-limits.ts';
import { forEachDistinct, requireSamples, tieFactor } from './two-sample.ts';
import type { TwoSampleOutcome } from './two-sample.ts';

/**
 * Tie factor above which the limit, which is of continuous distributions, gives too small p-values: at it,
 * as with 14 equally frequent values or one value of 17 %, a level of 0.05 is about 0.06.
 */
const TIE_LIMIT = 0.005;

/** Variance of the limit: 2(π² − 9)/3. Its mean is 1. */
const LIMIT_VARIANCE: number = (2 * (Math.PI ** 2 - 9)) / 3;

/**
 * Two-sample Anderson–Darling test: could both samples share one distribution? Weighs the tails more than
 * Cramér–von Mises.
 *
 * The statistic is (A² − 1)/σ_N, with A² = (N−1)/N Σ_i (1/n_i) Σ_j (l_j/N) (N M_ij − n_i B_j)² / (B_j(N − B_j) − N l_j/4)
 * over both samples i and distinct values j: l_j values equal, B_j of all and M_ij of sample i below, equal
 * ones counted half; σ_N is its deviation for these sizes. p from the limit of A² at the same standardised
 * value, not clipped to a table.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @throws RangeError if n or m is below 2
 * @see Scholz & Stephens (1987), JASA 82:918–924, equation 7; statistic as SciPy's `anderson_ksamp`, midrank. O(n + m).
 */
export function andersonDarlingTest(
  reference: Float64Array,
  current: Float64Array,
): TwoSampleOutcome {
  requireSamples('anderson-darling', reference, current, 2);
  const n = reference.length;
  const m = current.length;
  const factor = tieFactor(reference, current);
  if (factor > TIE_LIMIT) {
    const reason = `too many equal values for Anderson–Darling: their tie factor is ${factor.toPrecision(2)}, at most ${TIE_LIMIT} is trusted`;
    return { kind: 'not applicable', reason, n, m };
  }
  const statistic = andersonDarlingStatistic(reference, current);
  const pValue = andersonDarlingSurvival(1 + statistic * Math.sqrt(LIMIT_VARIANCE));
  return { kind: 'tested', statistic, pValue, n, m };
}

/**
 * (A² − 1)/σ_N as above, whatever the ties; −1/σ_N, the least, when all values are equal.
 * @throws RangeError if n or m is below 2
 */
export function andersonDarlingStatistic(reference: Float64Array, current: Float64Array): number {
  requireSamples('anderson-darling', reference, current, 2);
  const n = reference.length;
  const m = current.length;
  const total = n + m;
  let sum = 0;
  forEachDistinct(reference, current, (_, i, a, j, b) => {
    const equal = a + b;
    if (equal === total) return;
    const below = i + j + equal / 2;
    const ofReference = total * (i + a / 2) - n * below;
    // What the reference has too few of, the current sample has too many of.
    const squares = ofReference * ofReference * (1 / n + 1 / m);
    sum += ((equal / total) * squares) / (below * (total - below) - (total * equal) / 4);
  });
  return ((sum * (total - 1)) / total - 1) / deviation(n, m);
}

/** σ_N for two samples: Scholz & Stephens, equation 4 with k = 2. */
function deviation(n: number, m: number): number {
  const total = n + m;
  const inverse = 1 / n + 1 / m;
  let partial = 0;
  let g = 0;
  for (let i = 2; i < total; i++) {
    partial += 1 / (total - i + 1);
    g += partial / i;
  }
  const h = partial + 1;
  const a = 4 * g - 6 + (10 - 6 * g) * inverse;
  const b = 4 * (2 * g - 4) + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const c = 4 * (6 * h + 2 * g - 2) + 2 * (4 * h - 4 * g + 6) + (2 * h - 6) * inverse + 4 * h;
  const d = 4 * (2 * h + 6) - 8 * h;
  const cubic = ((a * total + b) * total + c) * total + d;
  return Math.sqrt(cubic / (total - 1) / (total - 2) / (total - 3));
}
