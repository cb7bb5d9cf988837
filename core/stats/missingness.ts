import { chiSquareHomogeneity } from './chi-square.ts';
import type { Share } from './fisher.ts';

/** Outcome of the test of two missing shares. */
export interface MissingnessResult {
  /** χ² with one degree of freedom, the square of the pooled two-proportion z */
  readonly statistic: number;
  readonly pValue: number;
  readonly method: 'two proportions' | 'Fisher’s exact';
  /** share missing in the current sample minus share missing in the reference, −1 to 1 */
  readonly difference: number;
}

/**
 * Two-sided test of two proportions: did the share of missing values change?
 *
 * z² = (p̂ − q̂)² / (π̂(1 − π̂)(1/n + 1/m)) with the pooled π̂, compared with χ²₁; Fisher's exact test where
 * fewer than 5 missing or 5 present values are expected in either sample.
 *
 * @param reference missing values of all values, total at least 1
 * @param current likewise
 * @throws RangeError if a count is not a whole number from 0 to its total, or a total is 0
 * @see Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, section 3.
 */
export function missingnessTest(reference: Share, current: Share): MissingnessResult {
  for (const { count, total } of [reference, current]) {
    if (!(Number.isInteger(count) && count >= 0 && count <= total && total >= 1)) {
      throw new RangeError(`missingness: expected a count of a total, got ${count} of ${total}`);
    }
  }
  const result = chiSquareHomogeneity(
    [reference.count, reference.total - reference.count],
    [current.count, current.total - current.count],
    neverDrawn,
  );
  return {
    statistic: result.statistic,
    pValue: result.pValue,
    method: result.method === 'Fisher’s exact' ? 'Fisher’s exact' : 'two proportions',
    difference: current.count / current.total - reference.count / reference.total,
  };
}

/** Two levels are tested by χ² or exactly, never by drawing. */
function neverDrawn(): number {
  throw new Error('missingness: a table of two levels needs no random numbers');
}
