/** A test of two samples that was made. */
export interface TwoSampleTest {
  readonly kind: 'tested';
  readonly statistic: number;
  /** in [0, 1] */
  readonly pValue: number;
  /** size of the reference */
  readonly n: number;
  /** size of the current sample */
  readonly m: number;
}

/** A test that would mislead on these samples, and so was not made. */
export interface NotApplicable {
  readonly kind: 'not applicable';
  /** what about the samples stands against it, for people */
  readonly reason: string;
  readonly n: number;
  readonly m: number;
}

/** Outcome of a test that does not suit every pair of samples. */
export type TwoSampleOutcome = TwoSampleTest | NotApplicable;

/**
 * Called for each distinct value of two samples together, in ascending order.
 *
 * @param value the value
 * @param i values of the reference below it
 * @param a values of the reference equal to it
 * @param j values of the current sample below it
 * @param b values of the current sample equal to it
 */
export type VisitDistinct = (value: number, i: number, a: number, j: number, b: number) => void;

/**
 * Walks two sorted samples as one: what rank and distribution-function statistics have in common.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 */
export function forEachDistinct(
  reference: Float64Array,
  current: Float64Array,
  visit: VisitDistinct,
): void {
  const n = reference.length;
  const m = current.length;
  let i = 0;
  let j = 0;
  while (i < n || j < m) {
    const value = j === m || (i < n && reference[i] <= current[j]) ? reference[i] : current[j];
    let a = i;
    let b = j;
    while (a < n && reference[a] === value) a++;
    while (b < m && current[b] === value) b++;
    visit(value, i, a - i, j, b - j);
    i = a;
    j = b;
  }
}

/**
 * @param test name for the message
 * @param least fewest values of each sample
 * @throws RangeError if a sample has fewer values or ends in one that is not finite
 */
export function requireSamples(
  test: string,
  reference: Float64Array,
  current: Float64Array,
  least = 1,
): void {
  const n = reference.length;
  const m = current.length;
  if (n < least || m < least) {
    const values = least === 1 ? 'value' : 'values';
    throw new RangeError(
      `${test}: both samples need at least ${least} ${values}, got ${n} and ${m}`,
    );
  }
  // NaN sorts to the end, so that the ends of a sorted sample tell of all of it.
  for (const end of [reference[0], reference[n - 1], current[0], current[m - 1]]) {
    if (!Number.isFinite(end)) throw new RangeError(`${test}: values must be finite, got ${end}`);
  }
}

/**
 * How tied two samples are together: Σ (t³ − t) / (N³ − N) over groups of t equal values among all N.
 * 0 when all differ, 1 when all are equal; k equally frequent values give about 1/k².
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, n + m ≥ 2
 * @see Kendall (1945), Biometrika 33:239–251: the loss of variance of rank statistics.
 */
export function tieFactor(reference: Float64Array, current: Float64Array): number {
  let ties = 0;
  forEachDistinct(reference, current, (_value, _i, a, _j, b) => {
    const t = a + b;
    ties += (t - 1) * t * (t + 1);
  });
  const total = reference.length + current.length;
  return ties / ((total - 1) * total * (total + 1));
}
