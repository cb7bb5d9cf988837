/**
 * Wasserstein-1 (earth mover's) distance of two samples: ∫ |F_ref(x) − F_cur(x)| dx, the mean distance
 * by which mass must move to turn one into the other.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @returns a distance ≥ 0 in the unit of the values; one beyond the range of a double counts as its end
 * @throws RangeError if n or m is 0
 * @see Ramdas, García Trillos & Cuturi (2017), Entropy 19:47, section 2.3. O(n + m).
 */
export function wassersteinDistance(reference: Float64Array, current: Float64Array): number {
  const n = reference.length;
  const m = current.length;
  if (n === 0 || m === 0) {
    throw new RangeError(`wasserstein: both samples need at least 1 value, got ${n} and ${m}`);
  }
  // Gaps between values at both ends of the range of doubles overflow, their halves do not.
  const first = Math.min(reference[0], current[0]);
  const last = Math.max(reference[n - 1], current[m - 1]);
  const unit = last - first === Infinity ? 2 : 1;
  const inUnits =
    n === m ? ofEqualSizes(reference, current, unit) : ofAnySizes(reference, current, first, unit);
  return Math.min(unit * inUnits, Number.MAX_VALUE);
}

/** Values of equal rank are as far apart as mass must move. */
function ofEqualSizes(reference: Float64Array, current: Float64Array, unit: number): number {
  const scale = 1 / unit;
  const share = 1 / reference.length;
  let mean = 0;
  for (let i = 0; i < reference.length; i++) {
    mean += Math.abs(reference[i] * scale - current[i] * scale) * share;
  }
  return mean;
}

/** @param first the least value of both */
function ofAnySizes(
  reference: Float64Array,
  current: Float64Array,
  first: number,
  unit: number,
): number {
  const n = reference.length;
  const m = current.length;
  const gap = (from: number, to: number): number => to / unit - from / unit;
  let i = 0;
  let j = 0;
  let x = first;
  let distance = 0;
  while (i < n && j < m) {
    while (i < n && reference[i] === x) i++;
    while (j < m && current[j] === x) j++;
    if (i === n && j === m) break;
    const next = i === n ? current[j] : j === m ? reference[i] : Math.min(reference[i], current[j]);
    distance += Math.abs(i / n - j / m) * gap(x, next);
    x = next;
  }
  // One sample is used up: the rest of the other is at a distance of one minus its own share.
  for (; i < n - 1; i++) distance += (1 - (i + 1) / n) * gap(reference[i], reference[i + 1]);
  for (; j < m - 1; j++) distance += (1 - (j + 1) / m) * gap(current[j], current[j + 1]);
  return distance;
}
