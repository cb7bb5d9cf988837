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
 * p-values keep their relative accuracy down to 1e-300, below which p is 0. In time that grows with the root of
 * the counts, and no memory.
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
  let observed = 0;
  visitTables(n, m, successes, (count, weight) => {
    if (count === reference.count) observed = weight;
  });
  let total = 0;
  let extreme = 0;
  visitTables(n, m, successes, (_, weight) => {
    total += weight;
    if (weight <= observed * (1 + TIE_TOLERANCE)) extreme += weight;
  });
  return Math.min(1, extreme / total);
}

/** Tables as probable as the observed one differ from it by rounding only. */
const TIE_TOLERANCE = 1e-7;

/** Ratios near 1 would leave a denormal weight as it is, step after step. */
const NEGLIGIBLE = 1e-300;

/** Calls back with the count of the reference and P(k) ÷ P(mode) of each table, but for negligible ones. */
function visitTables(
  n: number,
  m: number,
  successes: number,
  visit: (count: number, weight: number) => void,
): void {
  const lowest = Math.max(0, successes - m);
  const highest = Math.min(n, successes);
  const mode = Math.min(
    highest,
    Math.max(lowest, Math.floor(((successes + 1) * (n + 1)) / (n + m + 2))),
  );
  for (let k = mode, weight = 1; k <= highest && weight > NEGLIGIBLE; k++) {
    visit(k, weight);
    weight *= ((successes - k) / (k + 1)) * ((n - k) / (m - successes + k + 1));
  }
  for (let k = mode, weight = 1; k > lowest && weight > NEGLIGIBLE; k--) {
    weight *= (k / (successes - k + 1)) * ((m - successes + k) / (n - k + 1));
    visit(k - 1, weight);
  }
}

function checkShare({ count, total }: Share): void {
  if (Number.isInteger(count) && Number.isInteger(total) && count >= 0 && count <= total) return;
  throw new RangeError(
    `fisher: a count must be whole, from 0 to its total, got ${count} of ${total}`,
  );
}
