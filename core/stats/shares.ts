/** Shares of two samples over the same levels; each adds to 1. */
export interface PairOfShares {
  readonly p: Float64Array;
  readonly q: Float64Array;
}

/**
 * Counts of two samples over the same levels, as shares.
 *
 * @param measure name for the message
 * @param reference counts or shares per level, at least 0 and one above 0
 * @param current counts or shares of the same levels, in the same order, likewise
 * @param pseudoCount added to every count
 * @throws RangeError if the lengths differ, a sample is empty, or a count is below 0 or not finite
 */
export function sharesOf(
  measure: string,
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  pseudoCount = 0,
): PairOfShares {
  if (reference.length !== current.length) {
    throw new RangeError(
      `${measure}: both samples need the same levels, got ${reference.length} and ${current.length}`,
    );
  }
  const n = sumOfCounts(measure, reference);
  const m = sumOfCounts(measure, current);
  if (!(n > 0 && m > 0)) {
    throw new RangeError(`${measure}: both samples need at least 1 value, got ${n} and ${m}`);
  }
  const added = pseudoCount * reference.length;
  const share = (count: number, total: number): number => (count + pseudoCount) / (total + added);
  return {
    p: Float64Array.from(reference, (count) => share(count, n)),
    q: Float64Array.from(current, (count) => share(count, m)),
  };
}

function sumOfCounts(measure: string, counts: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    if (!(counts[k] >= 0 && counts[k] < Infinity)) {
      throw new RangeError(`${measure}: a count must be finite and at least 0, got ${counts[k]}`);
    }
    sum += counts[k];
  }
  return sum;
}
