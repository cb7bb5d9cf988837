import { requireBinary } from './binary-sample.ts';

/** As many as in the paper that made the measure common: Guo et al. (2017). */
const DEFAULT_BINS = 15;

/**
 * Expected calibration error: how far the probabilities are from the shares of what came true, on average.
 *
 * ECE = Σ_b n_b/n · |mean outcome in b − mean probability in b| over bins of equal width, (0, 1/B], …, with 0 in
 * the first; an empty bin adds nothing. For more than two classes, give the probability of the predicted class
 * and whether it was right.
 *
 * @param probabilities n probabilities, in [0, 1]
 * @param outcomes n outcomes, 1 = came true, 0 = did not
 * @returns in [0, 1]
 * @throws RangeError if n is 0, the lengths differ, a value is out of range, or bins is not a whole number above 0
 * @see Naeini, Cooper & Hauskrecht (2015), AAAI 2901–2907; Guo et al. (2017), ICML 1321–1330
 */
export function expectedCalibrationError(
  probabilities: Float64Array,
  outcomes: Int32Array,
  { bins = DEFAULT_BINS }: { readonly bins?: number } = {},
): number {
  requireBinary('calibration error', probabilities, outcomes);
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`calibration error: bins must be a whole number above 0, got ${bins}`);
  }
  const excess = new Float64Array(bins);
  for (let i = 0; i < outcomes.length; i++) {
    excess[calibrationBin(probabilities[i], bins)] += outcomes[i] - probabilities[i];
  }
  return excess.reduce((sum, difference) => sum + Math.abs(difference), 0) / outcomes.length;
}

/** Bin b of B holds the probabilities in (b ÷ B, (b + 1) ÷ B], the first one 0 too: the rule of every calibration error. */
export function calibrationBin(probability: number, bins: number): number {
  let bin = 0;
  while (bin < bins - 1 && probability > (bin + 1) * (1 / bins)) bin++;
  return bin;
}
