import { alongLine } from '../wrapped/calibrated.ts';
import type { LineCorrection } from '../calibration/correction.ts';
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
 * @param weights of the rows, above 0; a row of weight 2 counts as two equal rows; absent: all 1
 * @see Cox (1958), Biometrika 45:562–565, for outcomes regressed on predictions
 */
export function chooseLine(
  predictions: Float64Array,
  outcomes: Float64Array,
  seed: number,
  weights: Float64Array = new Float64Array(predictions.length).fill(1),
): LineChoice {
  const n = predictions.length;
  if (n < MIN_ROWS) return { kind: 'insufficient', n, required: MIN_ROWS };
  const foldOf = stratifiedFolds(new Int32Array(n), FOLDS, seed);
  const sample = { predictions, outcomes, weights };
  const none = heldOutError(() => null, sample, foldOf);
  const shift = heldOutError(fitShift, sample, foldOf);
  const line = heldOutError(fitLine, sample, foldOf);
  if (none <= Math.min(shift, line)) return { kind: 'chosen', line: null };
  const fit = shift <= line ? fitShift : fitLine;
  return { kind: 'chosen', line: fit(sample) };
}

/** Of each row: what was said, what happened, how much it counts. */
interface LineSample {
  readonly predictions: Float64Array;
  readonly outcomes: Float64Array;
  readonly weights: Float64Array;
}

type LineFit = (sample: LineSample) => LineCorrection | null;

function fitShift({ predictions, outcomes, weights }: LineSample): LineCorrection {
  const intercept = mean(outcomes, weights) - mean(predictions, weights);
  return { kind: 'line', slope: 1, intercept };
}

/** Least squares; a shift where the predictions do not vary. */
function fitLine(sample: LineSample): LineCorrection {
  const { predictions, outcomes, weights } = sample;
  const p = mean(predictions, weights);
  const y = mean(outcomes, weights);
  let squares = 0;
  let products = 0;
  predictions.forEach((prediction, i) => {
    squares += weights[i] * (prediction - p) ** 2;
    products += weights[i] * (prediction - p) * (outcomes[i] - y);
  });
  const slope = products / squares;
  if (!Number.isFinite(slope)) return fitShift(sample);
  return { kind: 'line', slope, intercept: y - slope * p };
}

function heldOutError(fit: LineFit, sample: LineSample, foldOf: Int32Array): number {
  let sum = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const line = fit(rowsOf(sample, (i) => foldOf[i] !== fold));
    const test = rowsOf(sample, (i) => foldOf[i] === fold);
    const corrected = line === null ? test.predictions : alongLine(line, test.predictions);
    test.outcomes.forEach((outcome, i) => {
      sum += test.weights[i] * (outcome - corrected[i]) ** 2;
    });
  }
  return sum;
}

function rowsOf(
  { predictions, outcomes, weights }: LineSample,
  isTaken: (row: number) => boolean,
): LineSample {
  const taken = (_: number, i: number): boolean => isTaken(i);
  return {
    predictions: predictions.filter(taken),
    outcomes: outcomes.filter(taken),
    weights: weights.filter(taken),
  };
}

/** Means of increments, so that large values do not overflow a sum. */
function mean(values: Float64Array, weights: Float64Array): number {
  let found = 0;
  let total = 0;
  values.forEach((value, i) => {
    total += weights[i];
    found += (weights[i] / total) * (value - found);
  });
  return found;
}
