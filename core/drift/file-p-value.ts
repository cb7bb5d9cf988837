/**
 * One p-value of a file over all that was tested of it: twice the smaller of the p-value of all drift tests
 * together and that of the test of the champion's performance (Bonferroni), as either has half of the file's
 * false-alarm rate: see `shareFalseAlarms`. A test that was not made is left out, and the other keeps its half.
 *
 * @returns in [0, 1]; null if nothing was tested
 */
export function filePValue(
  drift: number | null | undefined,
  performance: number | null | undefined,
): number | null {
  const smallest = Math.min(drift ?? Infinity, performance ?? Infinity);
  return smallest === Infinity ? null : Math.min(1, 2 * smallest);
}
