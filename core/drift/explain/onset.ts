/** Where in a sequence its later part begins to differ, and how sure that is. */
export interface Onset {
  /** index of the first value of the later part, from 1 to n − 1 */
  readonly index: number;
  /** in [0, 1]; of one sequence, not corrected */
  readonly pValue: number;
  /** mean of the values before the index, and from it on */
  readonly before: number;
  readonly after: number;
}

/** Fewer values than this say nothing of where a change began. */
const LEAST_VALUES = 30;

/**
 * Where do the values of a sequence begin to be larger?
 *
 * With S_k = Σ_{i≤k} (x_i − x̄), the mean rose at the k of the smallest S_k, and −min S_k / (σ √n) is in the limit the
 * largest value of a Brownian bridge: p = exp(−2 (that)²). σ² is the larger of the plain variance and of Bartlett's
 * long-run variance around the two means, so that neighbours that resemble one another do not pass for a change; in
 * finite samples that makes p too large rather than too small. Rank the values first where their tails are heavy.
 *
 * A rise that lasts to the end and one that does not are found alike. Values that are large from the first one on have
 * no onset, and neither has a fall.
 *
 * @param values finite numbers, in the order of their rows
 * @returns null if there are fewer than 30 values or they are all equal
 * @see Page (1955), Biometrika 42:523–527; Csörgő & Horváth (1997), Limit Theorems in Change-Point Analysis, section
 *   2.1; Antoch, Hušková & Prášková (1997), J. Stat. Plan. Inference 60:291–310 for the variance.
 */
export function findOnset(values: Float64Array): Onset | null {
  const n = values.length;
  if (n < LEAST_VALUES) return null;
  const mean = meanOf(values, 0, n);
  let sum = 0;
  let lowest = 0;
  let index = 0;
  for (let i = 0; i < n - 1; i++) {
    sum += values[i] - mean;
    if (sum < lowest) {
      lowest = sum;
      index = i + 1;
    }
  }
  if (index === 0) return null;
  const before = meanOf(values, 0, index);
  const after = meanOf(values, index, n);
  const residuals = values.map((x, i) => x - (i < index ? before : after));
  const variance = Math.max(varianceAround(values, mean), longRunVariance(residuals));
  if (!(variance > 0)) return null;
  return { index, pValue: Math.exp((-2 * lowest * lowest) / (variance * n)), before, after };
}

/** Ranks from 1, ties by their mean: a sequence that heavy tails do no harm to. */
export function ranksOf(values: Float64Array): Float64Array {
  const order = Int32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) ranks[order[k]] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

function meanOf(values: Float64Array, from: number, to: number): number {
  let mean = 0;
  for (let i = from; i < to; i++) mean += (values[i] - mean) / (i - from + 1);
  return mean;
}

function varianceAround(values: Float64Array, mean: number): number {
  let squares = 0;
  for (const x of values) squares += (x - mean) ** 2;
  return squares / values.length;
}

/** γ₀ + 2 Σ_{h≤b} (1 − h/(b + 1)) γ_h with b = ⌊n^⅓⌋, of values whose mean is 0. */
function longRunVariance(residuals: Float64Array): number {
  const n = residuals.length;
  const bandwidth = Math.floor(Math.cbrt(n));
  let variance = 0;
  for (let lag = 0; lag <= bandwidth; lag++) {
    let products = 0;
    for (let i = lag; i < n; i++) products += residuals[i] * residuals[i - lag];
    variance += ((lag === 0 ? 1 : 2 * (1 - lag / (bandwidth + 1))) * products) / n;
  }
  return variance;
}
