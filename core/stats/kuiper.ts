import { greatestCommonDivisor } from './greatest-common-divisor.ts';
import { forEachDistinct, requireSamples } from './two-sample.ts';
import type { TwoSampleTest } from './two-sample.ts';

/** Largest n·m for which all orders of the pooled sample are counted. */
const EXACT_PAIRS = 10_000;

/**
 * Two-sample Kuiper test: could both samples share one distribution? As sensitive in the tails as in the
 * middle, and the same wherever a circle (hour, direction) is cut open.
 *
 * V = sup(F_ref − F_cur) + sup(F_cur − F_ref). Exact p while n·m ≤ 10,000; beyond, Q((√N + 0.155 + 0.24/√N)·V) with
 * N = nm/(n + m) and Q(x) = 2 Σ_{j≥1} (4j²x² − 1) e^{−2j²x²}. Conservative under ties.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @returns V in [0, 2]
 * @throws RangeError if n or m is 0
 * @see Kuiper (1960), Indag. Math. 63:38–47; Stephens (1970), JRSS B 32:115–122, section 4. O(n + m), and
 *   n·m times the greatest common divisor of n and m while p is exact.
 */
export function kuiperTest(reference: Float64Array, current: Float64Array): TwoSampleTest {
  requireSamples('kuiper', reference, current);
  const n = reference.length;
  const m = current.length;
  let highest = 0;
  let lowest = 0;
  forEachDistinct(reference, current, (_, i, a, j, b) => {
    const difference = (i + a) * m - (j + b) * n;
    if (difference > highest) highest = difference;
    if (difference < lowest) lowest = difference;
  });
  const steps = highest - lowest;
  const statistic = steps / (n * m);
  if (n * m <= EXACT_PAIRS) {
    const pValue = exactPValue(Math.max(n, m), Math.min(n, m), steps);
    return { kind: 'tested', statistic, pValue, n, m };
  }
  const root = Math.sqrt((n / (n + m)) * m);
  const pValue = kuiperSurvival((root + 0.155 + 0.24 / root) * statistic);
  return { kind: 'tested', statistic, pValue, n, m };
}

/**
 * P(V ≥ steps/(n·m)) over all orders of n + m different values, each a path of d = i·m − j·n from (0, 0) to (n, m).
 *
 * V is the same wherever the circle of values is cut. Cut at one of its lowest points, a path never goes below 0, and
 * one that is at 0 z times stands for (n + m)/z orders: only such paths are counted, by z and by whether they have
 * reached `steps`. Sums of positive terms only, so small p keep their relative accuracy.
 */
function exactPValue(n: number, m: number, steps: number): number {
  // All values are equal.
  if (steps === 0) return 1;
  const returns = greatestCommonDivisor(n, m);
  const width = returns + 1;
  // Paths to (i, j), for each j: those below `steps` so far by their z, then those that have reached it.
  const paths = new Float64Array((m + 1) * 2 * width);
  paths[0] = 1;
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j * n <= i * m; j++) {
      const at = 2 * width * j;
      if (j > 0) for (let k = 0; k < 2 * width; k++) paths[at + k] += paths[at - 2 * width + k];
      if (i * m - j * n >= steps) moveInto(paths, at, at + width, width);
      else if (i * m === j * n && i > 0) {
        paths.copyWithin(at + 1, at, at + 2 * width - 1);
        paths[at] = 0;
        paths[at + width] = 0;
      }
    }
  }
  let extreme = 0;
  let all = 0;
  const end = 2 * width * m;
  for (let z = 1; z <= returns; z++) {
    extreme += paths[end + width + z] / z;
    all += (paths[end + z] + paths[end + width + z]) / z;
  }
  return extreme / all;
}

function moveInto(values: Float64Array, from: number, to: number, count: number): void {
  for (let k = 0; k < count; k++) {
    values[to + k] += values[from + k];
    values[from + k] = 0;
  }
}

/** Below this the theta series converges fast, above it the one of the definition does. */
const SERIES_MEET_AT = 1.25;
const TERMS = 6;

/**
 * Q(x) as above; for small x by Poisson's summation,
 * 1 − Q(x) = √(2π) (π²/x³) Σ_{k≥1} k² e^{−π²k²/(2x²)}.
 */
function kuiperSurvival(x: number): number {
  if (x <= 0) return 1;
  let sum = 0;
  if (x < SERIES_MEET_AT) {
    for (let k = 1; k <= TERMS; k++) sum += k * k * Math.exp(-((Math.PI * k) ** 2) / (2 * x * x));
    return Math.max(0, 1 - ((Math.sqrt(2 * Math.PI) * Math.PI ** 2) / x ** 3) * sum);
  }
  for (let j = 1; j <= TERMS; j++) {
    const square = 2 * j * j * x * x;
    sum += (2 * square - 1) * Math.exp(-square);
  }
  return Math.min(1, 2 * sum);
}
