import { ranksOf } from './onset.ts';

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
 * @param reference pairs (x, y), both at least 4 long; ties share their mean rank, and should be few
 * @see Borkowf (2002), Comput. Stat. Data Anal. 39:271–286; Schmid & Schmidt (2007), Stat. Probab. Lett. 77:407–416
 */
export function compareSpearman(
  reference: readonly [Float64Array, Float64Array],
  current: readonly [Float64Array, Float64Array],
): SpearmanComparison {
  const before = spearman(...reference);
  const now = spearman(...current);
  const z =
    (Math.atanh(now.rho) - Math.atanh(before.rho)) / Math.sqrt(before.variance + now.variance);
  return { reference: before.rho, current: now.rho, z };
}

/** ρ, and the variance of atanh ρ. */
function spearman(x: Float64Array, y: Float64Array): { rho: number; variance: number } {
  const n = x.length;
  const f = ranksOf(x).map((rank) => (rank - 0.5) / n);
  const g = ranksOf(y).map((rank) => (rank - 0.5) / n);
  const ofX = meansAbove(f, g);
  const ofY = meansAbove(g, f);
  const influence = f.map((u, i) => u * g[i] + ofX[i] + ofY[i]);
  let products = 0;
  let fSquares = 0;
  let gSquares = 0;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    products += (f[i] - 0.5) * (g[i] - 0.5);
    fSquares += (f[i] - 0.5) ** 2;
    gSquares += (g[i] - 0.5) ** 2;
    const before = influence[i] - mean;
    mean += before / (i + 1);
    squares += before * (influence[i] - mean);
  }
  const spread = Math.sqrt(fSquares * gSquares);
  const rho = spread > 0 ? Math.max(-LARGEST, Math.min(LARGEST, products / spread)) : 0;
  const variance = (144 * squares) / n / (1 - rho * rho) ** 2;
  return { rho, variance: Math.max(LEAST_VARIANCE, variance) / (n - 3) };
}

/** For each i the mean over j of v_j where u_j > u_i, half where they are equal. */
function meansAbove(u: Float64Array, v: Float64Array): Float64Array {
  const n = u.length;
  const order = Int32Array.from(u, (_, i) => i).sort((a, b) => u[b] - u[a]);
  const out = new Float64Array(n);
  let above = 0;
  for (let from = 0; from < n;) {
    let to = from;
    let tied = 0;
    while (to < n && u[order[to]] === u[order[from]]) tied += v[order[to++]];
    for (let k = from; k < to; k++) out[order[k]] = (above + tied / 2) / n;
    above += tied;
    from = to;
  }
  return out;
}
