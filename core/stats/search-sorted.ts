/** How many of ascending numbers are below x: the index of the first that is not. O(log n). */
export function countBelow(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * How many of ascending numbers are x or below: the index of the first that is above. O(log n).
 * @param from so many of the first ones are known to be
 */
export function countUpTo(sorted: Float64Array, x: number, from: number = 0): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
