/**
 * The largest power of two that is not above a size, or 1 if that is 0. What is divided by it keeps all of its digits,
 * and sums of it and of its squares stay within the range of a double.
 *
 * @param size finite, at least 0
 */
export function binaryScale(size: number): number {
  if (size === 0) return 1;
  const scale = 2 ** Math.min(LARGEST_EXPONENT, Math.floor(Math.log2(size)));
  // The logarithm of a size just below a power of two is rounded to it.
  return scale > size ? scale / 2 : scale;
}

const LARGEST_EXPONENT = 1023;
