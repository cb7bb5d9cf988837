import { alongLine } from '../calibrated.ts';
import type { LineCorrection } from '../calibrated.ts';
import { stratifiedFolds } from '../calibration/folds.ts';

const FOLDS = 5;

/** As for the calibration of classes: on fewer rows, held-out errors cannot tell. */
const MIN_ROWS = 50;

/** The line chosen, null where leaving the numbers alone is best; or why none could be. */
export type LineChoice =
  | { readonly kind: 'chosen'; readonly line: LineCorrection | null }
  | { readonly kind: 'insufficient'; readonly n: number; readonly required: number };

/**
 * Chooses between no correction, a shift (slope 1) and a line by the squared error on rows held out.
 *
 * Five folds at random: each is fitted by least squares on four and scored on the fifth; the one with the least sum
 * over all rows (of equals the simplest) is fitted again on all of them. Needs 50 rows.
 *
 * @param predictions n finite values, of rows the model was not trained on
 * @param outcomes n finite values, in the same unit
 * @param seed of the folds; the same rows and seed give the same choice
 * @see Cox (1958), Biometrika 45:562–565, for outcomes regressed on predictions
 */
export function chooseLine(
  predictions: Float64Array,
  outcomes: Float64Array,
  seed: number,
): LineChoice {
  const n = predictions.length;
  if (n < MIN_ROWS) return { kind: 'insufficient', n, required: MIN_ROWS };
  const foldOf = stratifiedFolds(new Int32Array(n), FOLDS, seed);
  const none = heldOutError(() => null, predictions, outcomes, foldOf);
  const shift = heldOutError(fitShift, predictions, outcomes, foldOf);
  const line = heldOutError(fitLine, predictions, outcomes, foldOf);
  if (none <= Math.min(shift, line)) return { kind: 'chosen', line: null };
  const fit = shift <= line ? fitShift : fitLine;
  return { kind: 'chosen', line: fit(predictions, outcomes) };
}

type LineFit = (predictions: Float64Array, outcomes: Float64Array) => LineCorrection | null;

function fitShift(predictions: Float64Array, outcomes: Float64Array): LineCorrection {
  return { kind: 'line', slope: 1, intercept: mean(outcomes) - mean(predictions) };
}

/** Least squares; a shift where the predictions do not vary. */
function fitLine(predictions: Float64Array, outcomes: Float64Array): LineCorrection {
  const p = mean(predictions);
  const y = mean(outcomes);
  let squares = 0;
  let products = 0;
  predictions.forEach((prediction, i) => {
    squares += (prediction - p) ** 2;
    products += (prediction - p) * (outcomes[i] - y);
  });
  const slope = products / squares;
  if (!Number.isFinite(slope)) return fitShift(predictions, outcomes);
  return { kind: 'line', slope, intercept: y - slope * p };
}

function heldOutError(
  fit: LineFit,
  predictions: Float64Array,
  outcomes: Float64Array,
  foldOf: Int32Array,
): number {
  let sum = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const line = fit(
      predictions.filter((_, i) => foldOf[i] !== fold),
      outcomes.filter((_, i) => foldOf[i] !== fold),
    );
    const test = predictions.filter((_, i) => foldOf[i] === fold);
    const corrected = line === null ? test : alongLine(line, test);
    const truth = outcomes.filter((_, i) => foldOf[i] === fold);
    truth.forEach((outcome, i) => (sum += (outcome - corrected[i]) ** 2));
  }
  return sum;
}

/** Means of increments, so that large values do not overflow a sum. */
function mean(values: Float64Array): number {
  let found = 0;
  values.forEach((value, i) => (found += (value - found) / (i + 1)));
  return found;
}
