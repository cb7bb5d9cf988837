/**
 * Bias-corrected Cramér's V between the sample (reference or current) and the level: how different the
 * two distributions over levels are, from 0 (equal) to nearly 1 (no level in common).
 *
 * φ² = ½ Σ (p_k − q_k)² / (p_k + q_k) is χ²/N of a table in which both samples weigh the same, so that the
 * value does not shrink when one file is much longer than the other; N = 4nm/(n + m) is then the size that
 * counts, and for n = m all is as in the source: φ̃² = max(0, φ² − (K − 1)/(N − 1)),
 * K̃ = K − (K − 1)²/(N − 1), r̃ = 2 − 1/(N − 1), V = √(φ̃² / min(K̃ − 1, r̃ − 1)).
 *
 * @param reference counts per level, at least one above 0
 * @param current counts of the same levels, in the same order, likewise
 * @returns V in [0, 1]; 0 when only one level occurs
 * @throws RangeError if the lengths differ or a sample is empty
 * @see Bergsma (2013), J. Korean Stat. Soc. 42:323–328.
 */
export function cramersV(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  if (reference.length !== current.length) {
    throw new RangeError(
      `cramers-v: both samples need the same levels, got ${reference.length} and ${current.length}`,
    );
  }
  const n = sum(reference);
  const m = sum(current);
  if (!(n > 0 && m > 0)) {
    throw new RangeError(`cramers-v: both samples need at least 1 value, got ${n} and ${m}`);
  }
  let levels = 0;
  let phiSquared = 0;
  for (let k = 0; k < reference.length; k++) {
    const p = reference[k] / n;
    const q = current[k] / m;
    if (p + q === 0) continue;
    levels++;
    phiSquared += (p - q) ** 2 / (p + q) / 2;
  }
  const size = (4 * n * m) / (n + m);
  if (levels < 2 || size <= 2) return 0;
  const corrected = Math.max(0, phiSquared - (levels - 1) / (size - 1));
  const scale = Math.min(levels - 1 - (levels - 1) ** 2 / (size - 1), 1 - 1 / (size - 1));
  // With nearly as many levels as values nothing is left to tell bias from effect.
  return scale <= 0 ? 0 : Math.min(1, Math.sqrt(corrected / scale));
}

function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < counts.length; k++) total += counts[k];
  return total;
}
