import { meanLoss } from '../metrics/mean-loss.ts';
import { mostProbable } from '../predictions.ts';
import { applyCalibration, CALIBRATION_METHODS, fitCalibration } from './calibration.ts';
import type { Calibration, CalibrationMethod } from './calibration.ts';
import { stratifiedFolds } from './folds.ts';
import { requireLabelled } from './labelled-probabilities.ts';

const FOLDS = 5;

/** From fewer rows than this a curve learns mostly noise, and their held-out log-loss cannot tell. */
const MIN_ROWS = 50;

/** The calibration chosen, with what the choice was made on; or why none was. */
export type CalibrationChoice =
  | {
      readonly kind: 'chosen';
      readonly calibration: Calibration;
      /** held-out log-loss of each method, in nats a row */
      readonly logLoss: Readonly<Record<CalibrationMethod, number>>;
      readonly rows: number;
    }
  | { readonly kind: 'insufficient'; readonly n: number; readonly required: number };

/**
 * Chooses between no calibration, temperature, Platt and isotonic by log-loss on rows held out.
 *
 * Five stratified folds: each method is fitted on four and scored on the fifth, and the one with the least log-loss
 * over all rows (of equals the simplest) is fitted again on all of them. Needs 50 rows.
 *
 * @param probabilities row-major, n × classes, each row sums to 1: of rows the classifier was not trained on
 * @param labels n indices of the true class
 * @param seed of the folds; the same rows and seed give the same choice
 * @param weights of the rows, above 0; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if n is 0, classes is below 2, the lengths differ, or a value is out of range
 */
export function chooseCalibration(
  probabilities: Float64Array,
  labels: Int32Array,
  classes: number,
  seed: number,
  weights?: Float64Array,
): CalibrationChoice {
  requireLabelled('calibration', probabilities, labels, classes, weights);
  const rows = labels.length;
  if (rows < MIN_ROWS) return { kind: 'insufficient', n: rows, required: MIN_ROWS };
  const foldOf = stratifiedFolds(labels, FOLDS, seed);
  const lossOf = (method: CalibrationMethod): number =>
    heldOutLogLoss(method, { probabilities, labels, classes, weights }, foldOf);
  const logLoss: Record<CalibrationMethod, number> = {
    none: lossOf('none'),
    temperature: lossOf('temperature'),
    platt: lossOf('platt'),
    isotonic: lossOf('isotonic'),
  };
  const best = CALIBRATION_METHODS.reduce((least, method) =>
    logLoss[method] < logLoss[least] ? method : least,
  );
  const calibration = fitCalibration(best, probabilities, labels, classes, weights);
  return { kind: 'chosen', calibration, logLoss, rows };
}

interface LabelledRows {
  readonly probabilities: Float64Array;
  readonly labels: Int32Array;
  readonly classes: number;
  readonly weights: Float64Array | undefined;
}

function heldOutLogLoss(
  method: CalibrationMethod,
  { probabilities, labels, classes, weights }: LabelledRows,
  foldOf: Int32Array,
): number {
  const heldOut = new Float64Array(probabilities.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const train = labels.filter((_, i) => foldOf[i] !== fold);
    const inTrain = probabilities.filter((_, at) => foldOf[Math.floor(at / classes)] !== fold);
    const inTest = probabilities.filter((_, at) => foldOf[Math.floor(at / classes)] === fold);
    const own = weights?.filter((_, i) => foldOf[i] !== fold);
    const calibration = fitCalibration(method, inTrain, train, classes, own);
    const calibrated = applyCalibration(calibration, inTest, classes);
    let next = 0;
    for (let at = 0; at < heldOut.length; at++) {
      if (foldOf[Math.floor(at / classes)] === fold) heldOut[at] = calibrated[next++];
    }
  }
  const scores = {
    kind: 'classification',
    rows: labels.length,
    classes,
    truth: labels,
    labels: mostProbable(heldOut, classes),
    probabilities: heldOut,
  } as const;
  return meanLoss(scores, weights);
}
