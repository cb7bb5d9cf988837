import { countUpTo } from './search-sorted.ts';

/** D of the two-sample Kolmogorov–Smirnov test with its p-value; `exact` says which null distribution was used. */
export interface KsResult {
  readonly statistic: number;
  readonly pValue: number;
  readonly exact: boolean;
}

/** What two samples stand for whose values, each with the same weight, count as more or as fewer than they are. */
export interface KsOrigin {
  /** values that the reference and the current sample stand for */
  readonly n: number;
  readonly m: number;
  /** bound of the error of D: the sum of the largest errors of both distribution functions, in [0, 1] */
  readonly error: number;
}

/** Largest n·m for which the p-value is computed exactly: the lattice recursion costs O(n·m·D). */
const EXACT_LIMIT = 25e6;

/**
 * Two-sample Kolmogorov–Smirnov test: could both samples share one distribution?
 *
 * D = sup_x |F_ref(x) − F_cur(x)|. Exact two-sided p by lattice recursion while n·m ≤ 25 million,
 * the Kolmogorov limit Q(√(nm/(n+m))·D) beyond. Conservative under ties.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @param origin what the values stand for; absent: themselves. D is then that of the values, and p that of
 *   D − error, the least that all values can have: p is never below theirs, so the level of the test is kept
 * @returns D in [0, 1], p in [0, 1]
 * @throws RangeError if n or m is 0
 * @see Hodges (1958), Arkiv för Matematik 3:469–486; Massey (1951), JASA 46:68–78.
 */
export function ksTwoSample(
  reference: Float64Array,
  current: Float64Array,
  origin: KsOrigin = { n: reference.length, m: current.length, error: 0 },
): KsResult {
  const kept = reference.length * current.length;
  if (kept === 0) {
    throw new RangeError(
      `ks: both samples need at least 1 value, got ${reference.length} and ${current.length}`,
    );
  }
  const { n, m, error } = origin;
  const steps = maximalSteps(reference, current);
  const statistic = steps / kept;
  const least = Math.max(0, statistic - error);
  if (n * m <= EXACT_LIMIT) {
    // D of all values is a multiple of 1/(n·m), so what is not is above the one below it.
    const leastSteps = error === 0 && n * m === kept ? steps : Math.ceil(least * n * m * ROUNDED);
    return { statistic, pValue: exactPValue(n, m, leastSteps), exact: true };
  }
  return {
    statistic,
    pValue: kolmogorovSurvival(Math.sqrt((n / (n + m)) * m) * least),
    exact: false,
  };
}

/** Takes rounding in a product of shares off before it is rounded up. */
const ROUNDED = 1 - 1e-12;

/** Values of the reference from one place to the next. */
const STRIDE = 64;

/**
 * max |i·m − j·n| over the merged sample, i and j being the values of either that are passed: D times n·m, an
 * integer, so that ties in D compare exactly. Looked at in places first: between two of them it is bounded by what is
 * passed at one and the other, so that only those stretches are walked where it can be larger than in any place.
 */
function maximalSteps(reference: Float64Array, current: Float64Array): number {
  const n = reference.length;
  const m = current.length;
  const places = [{ i: 0, j: 0 }];
  let largest = 0;
  for (let at = STRIDE - 1; at < n; at += STRIDE) {
    const { i: passed, j: passedOfCurrent } = places[places.length - 1];
    if (at < passed) continue;
    const i = countUpTo(reference, reference[at], passed);
    const j = countUpTo(current, reference[at], passedOfCurrent);
    largest = Math.max(largest, Math.abs(i * m - j * n));
    places.push({ i, j });
  }
  places.push({ i: n, j: m });
  for (let k = 1; k < places.length; k++) {
    const from = places[k - 1];
    const to = places[k];
    if (Math.max(to.i * m - from.j * n, to.j * n - from.i * m) <= largest) continue;
    largest = Math.max(largest, walk(reference, current, from, to));
  }
  return largest;
}

/** Values that are passed of the reference and of the current sample. */
interface Place {
  readonly i: number;
  readonly j: number;
}

/** max |i·m − j·n| from one place to another. */
function walk(reference: Float64Array, current: Float64Array, from: Place, to: Place): number {
  const n = reference.length;
  const m = current.length;
  let { i, j } = from;
  let largest = 0;
  while (i < to.i && j < to.j) {
    const x = reference[i] < current[j] ? reference[i] : current[j];
    while (i < to.i && reference[i] === x) i++;
    while (j < to.j && current[j] === x) j++;
    largest = Math.max(largest, Math.abs(i * m - j * n));
  }
  return largest;
}
/**
 * P(D ≥ steps/(n·m)) by recursion on the probability u(i, j) that a random path from the origin to (i, j)
 * has touched the boundary |i·m − j·n| = steps: u = (i·u(i−1, j) + j·u(i, j−1)) / (i + j), and 1 on the
 * boundary and beyond it. Sums of positive terms only, so small p keep their relative accuracy. Only the
 * band between the boundaries is walked.
 */
function exactPValue(n: number, m: number, steps: number): number {
  if (steps === 0) return 1;
  const touched = new Float64Array(m + 2).fill(1);
  for (let i = 0; i <= n; i++) {
    const low = Math.max(0, Math.floor((i * m - steps) / n) + 1);
    const high = Math.min(m, Math.ceil((i * m + steps) / n) - 1);
    if (low > 0) touched[low - 1] = 1;
    for (let j = low; j <= high; j++) {
      const left = j === 0 ? 0 : j * touched[j - 1];
      touched[j] = i + j === 0 ? 0 : (i * touched[j] + left) / (i + j);
    }
  }
  return Math.min(1, touched[m]);
}

/**
 * Survival function of the Kolmogorov distribution, Q(x) = 2 Σ_{k≥1} (−1)^{k−1} exp(−2k²x²); for small x
 * the equivalent theta series, which converges where the first one does not.
 */
function kolmogorovSurvival(x: number): number {
  if (x <= 0) return 1;
  if (x < 0.82) {
    const factor = Math.exp(-(Math.PI ** 2) / (8 * x * x));
    let sum = 0;
    for (let k = 1; k <= 7; k += 2) sum += factor ** (k * k);
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  let sum = 0;
  for (let k = 1; k <= 6; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return Math.max(0, 2 * sum);
}
