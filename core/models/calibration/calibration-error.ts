import { requireBinary } from './binary-sample.ts';

/** Bins of equal width of every calibration error, so that figures compare. */
export const CALIBRATION_BINS = 10;

/**
 * Expected calibration error: how far the probabilities are from the shares of what came true, on average.
 *
 * ECE = Σ_b n_b/n · |mean outcome in b − mean probability in b| over ten bins of equal width, (0, 0.1], …, with 0
 * in the first; an empty bin adds nothing. For more than two classes, give the probability of the predicted class
 * and whether it was right.
 *
 * @param probabilities n probabilities, in [0, 1]
 * @param outcomes n outcomes, 1 = came true, 0 = did not
 * @returns in [0, 1]
 * @throws RangeError if n is 0, the lengths differ, or a value is out of range
 * @see Naeini, Cooper & Hauskrecht (2015), AAAI 2901–2907; Guo et al. (2017), ICML 1321–1330
 */
export function expectedCalibrationError(
  probabilities: Float64Array,
  outcomes: Int32Array,
): number {
  requireBinary('calibration error', probabilities, outcomes);
  const excess = new Float64Array(CALIBRATION_BINS);
  for (let i = 0; i < outcomes.length; i++) {
    excess[calibrationBin(probabilities[i])] += outcomes[i] - probabilities[i];
  }
  return excess.reduce((sum, difference) => sum + Math.abs(difference), 0) / outcomes.length;
}

/** Bin b holds the probabilities in (b ÷ 10, (b + 1) ÷ 10], the first one 0 too: the rule of every calibration error. */
export function calibrationBin(probability: number): number {
  let bin = 0;
  while (bin < CALIBRATION_BINS - 1 && probability > (bin + 1) * (1 / CALIBRATION_BINS)) bin++;
  return bin;
}
