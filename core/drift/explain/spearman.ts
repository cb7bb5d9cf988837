/** Numbers of a column, sorted once for all of its pairs. */
export interface OrderedColumn {
  /** NaN = missing */
  readonly values: Float64Array;
  /** rows that have a value, by value, ascending */
  readonly order: Int32Array;
  /** at each row in the order: the share of the values there that are below its own, and half of those equal */
  readonly shares: Float64Array;
}

/** Two columns in the rows in which both have a value, and only those: see `inBoth`. */
export type OrderedPair = readonly [x: OrderedColumn, y: OrderedColumn];

export function orderColumn(values: Float64Array): OrderedColumn {
  const order = Int32Array.from(values, (_, row) => row)
    .filter((row) => !Number.isNaN(values[row]))
    .sort((a, b) => values[a] - values[b]);
  return withShares(values, order);
}

/** Nothing is sorted anew, and nothing ranked where no value is missing. */
export function inBoth(x: OrderedColumn, y: OrderedColumn): OrderedPair {
  const isWhole = ({ values, order }: OrderedColumn): boolean => order.length === values.length;
  if (isWhole(x) && isWhole(y)) return [x, y];
  const beside = (a: OrderedColumn, b: OrderedColumn): OrderedColumn =>
    withShares(
      a.values,
      a.order.filter((row) => !Number.isNaN(b.values[row])),
    );
  return [beside(x, y), beside(y, x)];
}

function withShares(values: Float64Array, order: Int32Array): OrderedColumn {
  const shares = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) shares[order[k]] = (from + to) / 2 / order.length;
    from = to;
  }
  return { values, order, shares };
}

/** Spearman's ρ of two samples and their difference in standard errors. */
export interface SpearmanComparison {
  readonly reference: number;
  readonly current: number;
  /** standard normal without change; positive: the current ρ is larger */
  readonly z: number;
}

/** Least variance of atanh ρ times n: where nearly all ranks agree, its estimate is not to be trusted. */
const LEAST_VARIANCE = 0.5;
/** Keeps atanh finite where all ranks agree. */
const LARGEST = 1 - 1e-12;

/**
 * Compares Spearman's ρ of two samples of pairs.
 *
 * z = (atanh ρ₂ − atanh ρ₁) / √(v₁ + v₂), where v is the variance of the influence function of ρ = 12 E[F G] − 3,
 * 12 (F(x) G(y) + E[G(Y) 1(X ≥ x)] + E[F(X) 1(Y ≥ y)]), over (1 − ρ²)² n. It holds whatever the copula; the usual
 * 1/(n − 3) only without dependence.
 *
 * @param reference at least 4 rows, as has `current`; ties share their mean rank, and should be few
 * @see Borkowf (2002), Comput. Stat. Data Anal. 39:271–286; Schmid & Schmidt (2007), Stat. Probab. Lett. 77:407–416
 */
export function compareSpearman(reference: OrderedPair, current: OrderedPair): SpearmanComparison {
  const before = spearman(reference);
  const now = spearman(current);
  const z =
    (Math.atanh(now.rho) - Math.atanh(before.rho)) / Math.sqrt(before.variance + now.variance);
  return { reference: before.rho, current: now.rho, z };
}

/** ρ, and the variance of atanh ρ. */
function spearman([x, y]: OrderedPair): { rho: number; variance: number } {
  const n = x.order.length;
  const f = x.shares;
  const g = y.shares;
  const ofX = meansAbove(x, g);
  const ofY = meansAbove(y, f);
  let products = 0;
  let fSquares = 0;
  let gSquares = 0;
  let mean = 0;
  let squares = 0;
  for (let k = 0; k < n; k++) {
    const i = x.order[k];
    products += (f[i] - 0.5) * (g[i] - 0.5);
    fSquares += (f[i] - 0.5) ** 2;
    gSquares += (g[i] - 0.5) ** 2;
    const influence = f[i] * g[i] + ofX[i] + ofY[i];
    const before = influence - mean;
    mean += before / (k + 1);
    squares += before * (influence - mean);
  }
  const spread = Math.sqrt(fSquares * gSquares);
  const rho = spread > 0 ? Math.max(-LARGEST, Math.min(LARGEST, products / spread)) : 0;
  const variance = (144 * squares) / n / (1 - rho * rho) ** 2;
  return { rho, variance: Math.max(LEAST_VARIANCE, variance) / (n - 3) };
}

/** At each row the mean over the rows of v where u is larger than there, half of it where u is equal. */
function meansAbove({ order, shares: u }: OrderedColumn, v: Float64Array): Float64Array {
  const n = order.length;
  const out = new Float64Array(u.length);
  let above = 0;
  for (let to = n; to > 0;) {
    let from = to;
    let tied = 0;
    while (from > 0 && u[order[from - 1]] === u[order[to - 1]]) tied += v[order[--from]];
    for (let k = from; k < to; k++) out[order[k]] = (above + tied / 2) / n;
    above += tied;
    to = from;
  }
  return out;
}
