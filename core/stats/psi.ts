/** Pseudo-count added to every bin (Jeffreys' prior), so that an empty bin costs a finite amount. */
const PSEUDO_COUNT = 0.5;

/**
 * Population stability index of two samples over the same bins: Σ (q_k − p_k) ln(q_k / p_k), with
 * smoothed shares p_k = (count_k + ½) / (n + K/2) and q_k likewise.
 *
 * Without change its mean is about (K − 1)(1/n + 1/m): read it beside the number of values.
 *
 * @param reference counts per bin
 * @param current counts of the same bins, in the same order
 * @returns psi ≥ 0 in nats; 0 when there are no bins
 * @throws RangeError if the lengths differ
 * @see Siddiqi (2006), Credit Risk Scorecards; Yurdakul & Naranjo (2020), J. Risk Model Validation 14(4) for the mean.
 */
export function populationStabilityIndex(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const bins = reference.length;
  if (bins !== current.length) {
    throw new RangeError(`psi: both samples need the same bins, got ${bins} and ${current.length}`);
  }
  let n = bins * PSEUDO_COUNT;
  let m = n;
  for (let k = 0; k < bins; k++) {
    n += reference[k];
    m += current[k];
  }
  let psi = 0;
  for (let k = 0; k < bins; k++) {
    const p = (reference[k] + PSEUDO_COUNT) / n;
    const q = (current[k] + PSEUDO_COUNT) / m;
    psi += (q - p) * Math.log(q / p);
  }
  return psi;
}

/**
 * Inner edges of quantile bins: the values at ranks n·k/bins of the reference (the inverse of its
 * empirical distribution, type 1), each once, so that heavy ties give fewer bins instead of empty ones.
 *
 * @param sorted n finite values in ascending order, n ≥ 1
 * @param bins wanted number of bins, at least 2
 * @returns at most bins − 1 ascending edges; a value belongs to the first bin whose edge is not below it
 * @throws RangeError if bins < 2 or n is 0
 */
export function quantileEdges(sorted: Float64Array, bins: number): readonly number[] {
  if (bins < 2) throw new RangeError(`psi: bins must be >= 2, got ${bins}`);
  if (sorted.length === 0) throw new RangeError('psi: needs at least 1 reference value, got 0');
  const edges: number[] = [];
  for (let k = 1; k < bins; k++) {
    const edge = sorted[Math.ceil((sorted.length * k) / bins) - 1];
    if (edges.length === 0 || edge > edges[edges.length - 1]) edges.push(edge);
  }
  return edges;
}
