/** Two counts of the same thing: `count` of `total`. */
export interface Share {
  readonly count: number;
  readonly total: number;
}

/**
 * Fisher's exact test, two-sided: could both shares be of one proportion?
 *
 * p = Σ P(k) over all tables with the same margins that are no more probable than the observed one;
 * P(k) is hypergeometric. Every step multiplies positive ratios from the mode outwards, so that small
 * p-values keep their relative accuracy. O(min(margins)).
 *
 * @returns p in [0, 1]
 * @throws RangeError if a count is not a whole number from 0 to its total
 * @see Fisher (1935), JRSS 98:39–82; the two-sided rule as in R's `fisher.test` and SciPy's `fisher_exact`.
 */
export function fisherExact(reference: Share, current: Share): number {
  checkShare(reference);
  checkShare(current);
  const n = reference.total;
  const m = current.total;
  const successes = reference.count + current.count;
  const lowest = Math.max(0, successes - m);
  const highest = Math.min(n, successes);
  const mode = Math.min(
    highest,
    Math.max(lowest, Math.floor(((successes + 1) * (n + 1)) / (n + m + 2))),
  );
  const weights = new Float64Array(highest - lowest + 1);
  weights[mode - lowest] = 1;
  for (let k = mode; k < highest; k++) {
    const ratio = ((successes - k) / (k + 1)) * ((n - k) / (m - successes + k + 1));
    weights[k + 1 - lowest] = weights[k - lowest] * ratio;
  }
  for (let k = mode; k > lowest; k--) {
    const ratio = (k / (successes - k + 1)) * ((m - successes + k) / (n - k + 1));
    weights[k - 1 - lowest] = weights[k - lowest] * ratio;
  }
  return shareNoMoreProbable(weights, weights[reference.count - lowest]);
}

/** Tables as probable as the observed one differ from it by rounding only. */
const TIE_TOLERANCE = 1e-7;

function shareNoMoreProbable(weights: Float64Array, observed: number): number {
  let total = 0;
  let extreme = 0;
  for (const weight of weights) {
    total += weight;
    if (weight <= observed * (1 + TIE_TOLERANCE)) extreme += weight;
  }
  return Math.min(1, extreme / total);
}

function checkShare({ count, total }: Share): void {
  if (Number.isInteger(count) && Number.isInteger(total) && count >= 0 && count <= total) return;
  throw new RangeError(
    `fisher: a count must be whole, from 0 to its total, got ${count} of ${total}`,
  );
}
