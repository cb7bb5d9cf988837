import { greatestCommonDivisor } from './greatest-common-divisor.ts';
import { cramerVonMisesSurvival } from './quadratic-limits.ts';
import { forEachDistinct, requireSamples, tieFactor } from './two-sample.ts';
import type { TwoSampleOutcome } from './two-sample.ts';

/** Largest n·m for which all orders of the pooled sample are counted, as long as no value occurs twice. */
const EXACT_PAIRS = 150;

/** Standard deviation of T without change, in the limit: √(1/45). Mean 1/6. */
const LIMIT_DEVIATION = 0.149;

/** Share of that deviation by which ties may move the mean: a level of 0.05 is then at most 0.055. */
const SHIFT_LIMIT = 0.15;

/** Tie factor up to which the limit holds for samples of one size: about 7 equally frequent values. */
const TIE_LIMIT = 0.02;

/**
 * Two-sample Cramér–von Mises test: could both samples share one distribution?
 *
 * T = [n Σ (r_i − i)² + m Σ (s_j − j)²] / (nmN) − (4nm − 1) / (6N), with r and s the ranks of reference and
 * current among all N = n + m values, equal values sharing the mean of theirs. Exact p of untied values
 * while n·m ≤ 150; otherwise the limit, after T is given the limit's mean and variance. Ties add to T the more
 * the sizes differ, without bound as N grows: where that matters the test is not applicable.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @throws RangeError if n or m is below 2
 * @see Anderson (1962), Ann. Math. Stat. 33:1148–1159; values as SciPy's `cramervonmises_2samp`. O(n + m).
 */
export function cramerVonMisesTest(
  reference: Float64Array,
  current: Float64Array,
): TwoSampleOutcome {
  const statistic = cramerVonMisesStatistic(reference, current);
  const n = reference.length;
  const m = current.length;
  const factor = tieFactor(reference, current);
  if (factor === 0 && n * m <= EXACT_PAIRS) {
    return { kind: 'tested', statistic, pValue: exactPValue(n, m, statistic), n, m };
  }
  // Of groups that both samples share in proportion, midranks leave (n − m)² N / (12nm) Σ (t/N)³.
  const shift = ((((n - m) / n) * (n - m)) / m) * ((n + m) / 12) * factor;
  if (factor > TIE_LIMIT || shift > SHIFT_LIMIT * LIMIT_DEVIATION) {
    const reason = `too many equal values for Cramér–von Mises: tie factor ${factor.toPrecision(2)}, ${n} against ${m} values`;
    return { kind: 'not applicable', reason, n, m };
  }
  return { kind: 'tested', statistic, pValue: cramerVonMisesPValue(statistic, n, m), n, m };
}

/**
 * T as above. Summed from (F_ref − F_cur)² and what ties add to it, so that nothing cancels for large samples.
 * @throws RangeError if n or m is below 2
 */
export function cramerVonMisesStatistic(reference: Float64Array, current: Float64Array): number {
  requireSamples('cramer-von-mises', reference, current, 2);
  const n = reference.length;
  const m = current.length;
  let squares = 0;
  let ties = 0;
  forEachDistinct(reference, current, (_, i, a, j, b) => {
    let difference = i * m - j * n;
    for (let step = 0; step < a; step++) {
      difference += m;
      squares += difference * difference;
    }
    for (let step = 0; step < b; step++) {
      difference -= n;
      squares += difference * difference;
    }
    // The squared rank differences of the group less those of its values one after the other.
    if (a + b > 1) {
      ties += a * b * (n * j - m * i) + n * ((a * b * b) / 4 + (a * a * a - a) / 12);
      ties += m * ((b * b * b - b) / 12 - (3 * b * a * a) / 4);
    }
  });
  return (squares / (n + m) + ties) / n / m / (n + m);
}

/**
 * P(T ≥ statistic) of untied samples in the limit, with the mean (1 + 1/N)/6 and variance of T for these sizes.
 * @see Anderson (1962), sections 2 and 3.
 */
export function cramerVonMisesPValue(statistic: number, n: number, m: number): number {
  const total = n + m;
  const mean = (1 + 1 / total) / 6;
  const variance =
    (((total + 1) / total / total) * (4 * total - 3 * (n / m + m / n) - 2)) / (45 * 4);
  return cramerVonMisesSurvival(1 / 6 + (statistic - mean) / Math.sqrt(45 * variance));
}

/**
 * P(T ≥ statistic) over all orders of n + m different values: the number of lattice paths from (0, 0) to
 * (n, m) by their Σ d², d = (i·m − j·n) / gcd(n, m), by recursion over the last step.
 * @see Xiao, Gordon & Yakovlev (2006), J. Stat. Softw. 17(8).
 */
function exactPValue(n: number, m: number, statistic: number): number {
  const unit = greatestCommonDivisor(n, m);
  let row: Map<number, number>[] = [];
  for (let i = 0; i <= n; i++) {
    const next: Map<number, number>[] = [];
    for (let j = 0; j <= m; j++) {
      const d = (i * m - j * n) / unit;
      const paths = new Map<number, number>(i + j === 0 ? [[0, 1]] : []);
      addPaths(paths, i > 0 ? row[j] : undefined, d * d);
      addPaths(paths, j > 0 ? next[j - 1] : undefined, d * d);
      next.push(paths);
    }
    row = next;
  }
  const scale = (unit * unit) / n / m / (n + m) / (n + m);
  let extreme = 0;
  let all = 0;
  for (const [squares, paths] of row[m]) {
    all += paths;
    // Orders with the observed T differ from it by rounding only.
    if (squares * scale >= statistic * (1 - 1e-9)) extreme += paths;
  }
  return extreme / all;
}

function addPaths(
  to: Map<number, number>,
  from: ReadonlyMap<number, number> | undefined,
  step: number,
): void {
  if (from === undefined) return;
  for (const [squares, paths] of from) {
    to.set(squares + step, (to.get(squares + step) ?? 0) + paths);
  }
}
