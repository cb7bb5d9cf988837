/** The largest whole number that divides both, by Euclid's algorithm; of whole numbers of at least 0, not both 0. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
