import { momentsOf } from '../../stats/mean-test.ts';

/** Held-out rows of which about the same loss is expected. */
export interface Stratum {
  /** the least loss that is expected of them */
  readonly from: number;
  readonly rows: number;
  /** of what was lost on them, in units of the variance of what was lost on all held-out rows */
  readonly variance: number;
}

const STRATA = 10;

/**
 * The held-out rows in at most ten strata of as many rows, by the loss expected of them; rows of equal expectation
 * are in one.
 *
 * @param expected n losses, as they were expected
 * @param losses n losses, as they were; 0 or 1 each where the outcomes are classes, which get the variance that one more
 *   hit and one more miss would give: some equal rows do not prove that the next one is equal too
 * @see Agresti & Caffo (2000), Am. Stat. 54:280–288
 */
export function stratify(expected: Float64Array, losses: Float64Array): readonly Stratum[] {
  const order = Int32Array.from(expected, (_, i) => i).sort((a, b) => expected[a] - expected[b]);
  const isBinary = losses.every((loss) => loss === 0 || loss === 1);
  const varianceOf = isBinary ? smoothed : (own: Float64Array) => momentsOf(own).variance;
  const whole = varianceOf(losses);
  const strata: Stratum[] = [];
  for (let start = 0; start < order.length;) {
    let end = Math.min(order.length, start + Math.ceil(order.length / STRATA));
    while (end < order.length && expected[order[end]] === expected[order[end - 1]]) end++;
    const own = Float64Array.from(order.subarray(start, end), (row) => losses[row]);
    const variance = whole > 0 ? varianceOf(own) / whole : 1;
    strata.push({ from: expected[order[start]], rows: own.length, variance });
    start = end;
  }
  return strata;
}

/**
 * How large the squared error of an estimated mean loss is on some rows, in units of the variance that the mean loss of
 * the n held-out rows has by chance.
 *
 * n Σ_h v_h (f_h² ÷ n_h + f_h ÷ m): a stratum h of n_h held-out rows has a share f_h of the m new ones; what its mean is off
 * where it was learned, and what these rows stray from it. Rows like the held-out ones leave at most about 1 + n ÷ m;
 * those from where few were held out, or losses vary more, leave more.
 *
 * @param expected the losses that are expected of the m rows, at least one
 * @see Cochran (1977), Sampling Techniques, 3rd ed., ch. 5A, on poststratification
 */
export function errorRatio(strata: readonly Stratum[], expected: Float64Array): number {
  const counts = strata.map(() => 0);
  for (const loss of expected) counts[stratumOf(strata, loss)]++;
  const m = expected.length;
  const n = strata.reduce((sum, { rows }) => sum + rows, 0);
  const ofStrata = strata.map(({ rows, variance }, h) => {
    const share = counts[h] / m;
    return variance * (share ** 2 / rows + share / m);
  });
  return n * ofStrata.reduce((sum, part) => sum + part, 0);
}

/** The last stratum that begins at or below the loss, or the first one. */
function stratumOf(strata: readonly Stratum[], loss: number): number {
  let h = strata.length - 1;
  while (h > 0 && strata[h].from > loss) h--;
  return h;
}

function smoothed(losses: Float64Array): number {
  const share = (losses.reduce((sum, loss) => sum + loss, 0) + 1) / (losses.length + 2);
  return share * (1 - share);
}
