import { withNumbersKernel } from '../../stats/kernel/kernel.ts';

/** The distribution of some numbers: all of them, or as many of their quantiles as are kept. */
export interface SortedSample {
  /** ascending; each stands for count ÷ length values */
  readonly values: Float64Array;
  /** of the numbers that the sample stands for */
  readonly count: number;
  /**
   * Bound of |F̂(x) − F(x)| over all x, F̂ the distribution function of `values` and F that of all numbers;
   * 0 when `values` are all of them.
   */
  readonly rankError: number;
}

/** Values that are kept of a sample. Up to so many it is exact. */
export const RETAINED = 100_000;

/**
 * The numbers themselves, or, beyond 100,000, as many quantiles of equal rank distance: those at the ranks
 * (j − ½)/100,000, at most 1/200,000 from every number's own. As a sample these are of less weight than what they
 * stand for, so that a test of them has a larger p-value.
 *
 * @param sorted finite values in ascending order; not kept
 * @param retained values to keep at most, at least 1
 */
export function sampleOf(sorted: Float64Array, retained: number = RETAINED): SortedSample {
  const count = sorted.length;
  if (count <= retained) return { values: sorted.slice(), count, rankError: 0 };
  const values = new Float64Array(retained);
  for (let j = 0; j < retained; j++) {
    values[j] = sorted[Math.ceil(((j + 0.5) / retained) * count) - 1];
  }
  return { values, count, rankError: 1 / (2 * retained) };
}

/**
 * Two samples as one. Exact while both are and keep to the limit; beyond it the error is the weighted mean of
 * theirs and 1/(2 · retained) for choosing anew: it grows with the height of a tree of merges, whatever the
 * order, and is stated with every result.
 *
 * @param retained values to keep at most, at least 1
 * @see Agarwal et al. (2012), "Mergeable summaries", PODS, section 2, for the deterministic bound.
 */
export function mergeSamples(
  a: SortedSample,
  b: SortedSample,
  retained: number = RETAINED,
): SortedSample {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const isExact = a.rankError === 0 && b.rankError === 0 && count <= retained;
  if (isExact) return { values: mergeValues(a, b, count), count, rankError: 0 };
  const inherited = (a.count / count) * a.rankError + (b.count / count) * b.rankError;
  return {
    values: mergeValues(a, b, retained),
    count,
    rankError: inherited + 1 / (2 * retained),
  };
}

/** Quantiles of both together at the ranks (j − ½)/length; all values where length is their number. */
function mergeValues(a: SortedSample, b: SortedSample, length: number): Float64Array {
  const n = a.values.length;
  const m = b.values.length;
  const room = n + 1 + (m + 1) + length;
  return withNumbersKernel(room, `merging ${n} and ${m} numbers`, (kernel, numbers) => {
    numbers.set(a.values);
    numbers[n] = Infinity;
    numbers.set(b.values, n + 1);
    numbers[n + 1 + m] = Infinity;
    kernel.mergeWeighted(n, m, a.count / n, b.count / m, (a.count + b.count) / length, length);
    return numbers.slice(-length);
  });
}
