/**
 * Quantile of type 7: linear between the order statistics around (n − 1) p, as R and NumPy have it by default.
 *
 * @param sorted n finite values in ascending order, n ≥ 1
 * @param p in [0, 1]
 * @throws RangeError if n is 0 or p is out of range
 * @see Hyndman & Fan (1996), Am. Stat. 50:361–365
 */
export function quantileSorted(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) throw new RangeError('quantile: needs at least 1 value, got 0');
  if (!(p >= 0 && p <= 1)) throw new RangeError(`quantile: p must be in [0, 1], got ${p}`);
  const place = (sorted.length - 1) * p;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
