/**
 * D = sup |F − G| of two samples of the same size, without its p-value.
 * @param first n values in ascending order
 * @param second n values in ascending order
 */
export function ksDistance(first: Float64Array, second: Float64Array): number {
  const n = first.length;
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < n && j < n) {
    const x = Math.min(first[i], second[j]);
    while (i < n && first[i] === x) i++;
    while (j < n && second[j] === x) j++;
    largest = Math.max(largest, Math.abs(i - j));
  }
  return largest / n;
}
