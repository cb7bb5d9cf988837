/**
 * Jensen–Shannon distance, base 2: the square root of the divergence ½ KL(p‖a) + ½ KL(q‖a) with
 * a = (p + q)/2, of the plain (unsmoothed) shares of two samples over the same bins.
 *
 * @param reference counts or shares per bin, at least one above 0
 * @param current counts or shares of the same bins, in the same order, likewise
 * @returns a metric in [0, 1]: 0 equal, 1 nothing in common
 * @throws RangeError if the lengths differ or a sample is empty
 * @see Lin (1991), IEEE Trans. Inf. Theory 37:145–151; Endres & Schindelin (2003), ibid. 49:1858–1860.
 */
export function jensenShannonDistance(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  if (reference.length !== current.length) {
    throw new RangeError(
      `jensen-shannon: both samples need the same bins, got ${reference.length} and ${current.length}`,
    );
  }
  let n = 0;
  let m = 0;
  for (let k = 0; k < reference.length; k++) {
    n += reference[k];
    m += current[k];
  }
  if (!(n > 0 && m > 0)) {
    throw new RangeError(`jensen-shannon: both samples need at least 1 value, got ${n} and ${m}`);
  }
  let divergence = 0;
  for (let k = 0; k < reference.length; k++) {
    const p = reference[k] / n;
    const q = current[k] / m;
    if (p > 0) divergence += (p / 2) * Math.log2((2 * p) / (p + q));
    if (q > 0) divergence += (q / 2) * Math.log2((2 * q) / (p + q));
  }
  return Math.sqrt(Math.min(1, Math.max(0, divergence)));
}
