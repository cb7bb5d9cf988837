/** How the false-alarm rate of a file is divided among the questions asked of it. */
export interface FalseAlarmShares {
  /** for the family of all drift tests of the file, over its columns */
  readonly drift: number;
  /** for the test of the champion's performance on the file */
  readonly performance: number;
}

/**
 * Divides the chance of any false alarm on a file: half for drift, half for performance. By Bonferroni's
 * inequality the two together keep the rate, whatever their dependence; fixed halves mean that neither
 * answer moves when the other was not asked, as with a file without labels.
 *
 * @param falseAlarmRate in (0, 1)
 * @throws RangeError outside of that
 */
export function shareFalseAlarms(falseAlarmRate: number): FalseAlarmShares {
  if (!(falseAlarmRate > 0 && falseAlarmRate < 1)) {
    throw new RangeError(
      `false-alarm rate: expected a share between 0 and 1, got ${falseAlarmRate}`,
    );
  }
  return { drift: falseAlarmRate / 2, performance: falseAlarmRate / 2 };
}

/**
 * The part of drift's share that the tests over columns together have, in equal halves; the columns have the rest
 * in equal parts. A share of their own, since among many columns they would be tested at the level of one of
 * them, and find the less the more columns there are. The columns' own power suffers little: four fifths of a
 * level are a critical value 0.07 standard errors higher.
 */
export const TOGETHER_SHARE = 0.2;

/**
 * The rate of one file when the promise is to hold over several files in a row together: an equal part for
 * each (Bonferroni), so that the chance of any alarm in `horizon` files without drift is at most the rate.
 *
 * @param falseAlarmRate in (0, 1), over all of the horizon
 * @param horizon files, 1 and above; absent: the promise is for each file by itself
 * @throws RangeError if the horizon is not a whole number of at least 1
 */
export function rateOfOneFile(falseAlarmRate: number, horizon: number = 1): number {
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`horizon: expected a whole number of at least 1, got ${horizon}`);
  }
  return falseAlarmRate / horizon;
}
