import { requireBinary, requireProbabilities } from '../../models/calibration/binary-sample.ts';
import { expectedCalibrationError } from '../../models/calibration/calibration-error.ts';
import { stratifiedFolds } from '../../models/calibration/folds.ts';
import { applyIsotonic, fitIsotonic } from '../../models/calibration/isotonic.ts';
import type { IsotonicParams } from '../../models/calibration/isotonic.ts';
import { BINARY_METRICS, binaryMetric } from './binary-metrics.ts';
import type { BinaryMetric, BinaryPredictions } from './binary-metrics.ts';
import { requireChunks, tooFewChunks } from './chunks.ts';
import type { Insufficient } from './chunks.ts';
import { learnSamplingError, samplingErrorOf } from './sampling-error.ts';
import type { LabelledPredictions, SamplingError } from './sampling-error.ts';
import { estimateOf, thresholdsOf } from './thresholds.ts';
import type { EstimatedMetric, Thresholds } from './thresholds.ts';

const FOLDS = 10;

/** One of each class in every fold. */
const MIN_ROWS_OF_A_CLASS = FOLDS;

const RANGE = { least: 0, greatest: 1 };

/** Confidence-based performance estimation of a classifier with two classes, fitted; plain JSON. */
export interface Cbpe {
  readonly kind: 'cbpe';
  /** null: the classifier's own probabilities are closer to the truth than an isotonic curve of them */
  readonly calibration: IsotonicParams | null;
  /** a metric that no reference chunk has is absent */
  readonly metrics: Readonly<Partial<Record<BinaryMetric, ReferenceMetric>>>;
}

/** What the reference says of a metric. */
export interface ReferenceMetric {
  readonly samplingError: SamplingError;
  readonly thresholds: Thresholds;
}

/**
 * Learns to estimate the performance of a classifier where no labels are known.
 *
 * The probabilities are calibrated by isotonic regression if that lowers their expected calibration error out of
 * fold (10 stratified folds). What is usual of a metric is what it was on the reference's chunks: mean ± 3
 * standard deviations. The estimates hold under covariate shift; a change of the outcome given the features
 * cannot be seen without labels.
 *
 * @param reference rows that the classifier was not trained on, in order
 * @param chunks rows (indices) of each chunk of the reference, of about the size of those to be estimated; at least 5
 * @param seed of the folds
 * @returns insufficient with fewer than 5 chunks, or 10 rows of either class
 * @throws RangeError if the lengths differ, a value is out of range, or a chunk is empty or not of the reference
 * @see Kivimäki, Białek, Kuberski & Nurminen (2025), arXiv 2505.05295; NannyML 0.13.1, whose figures these are
 */
export function fitCbpe(
  reference: LabelledPredictions,
  chunks: readonly Int32Array[],
  seed: number,
): Cbpe | Insufficient {
  const { probabilities, predicted, outcomes } = reference;
  requireBinary('cbpe', probabilities, outcomes);
  requirePredicted(predicted, outcomes.length);
  requireChunks('cbpe', chunks, outcomes.length);
  const insufficient = tooFewChunks(chunks) ?? tooFewOfAClass(outcomes);
  if (insufficient !== null) return insufficient;
  const parts = chunks.map((rows) => takeLabelled(reference, rows));
  const metrics: Partial<Record<BinaryMetric, ReferenceMetric>> = {};
  for (const metric of BINARY_METRICS) {
    const learned = learnMetric(metric, reference, parts);
    if (learned !== undefined) metrics[metric] = learned;
  }
  const calibration = calibrationHelps(probabilities, outcomes, seed)
    ? fitIsotonic(probabilities, outcomes)
    : null;
  return { kind: 'cbpe', calibration, metrics };
}

/**
 * Estimates the metrics of a chunk without labels.
 *
 * @param chunk n rows
 * @returns a metric that is undefined on the chunk, such as precision without a predicted positive, is absent
 * @throws RangeError if n is 0, the lengths differ, or a value is out of range
 */
export function estimateCbpe(
  cbpe: Cbpe,
  chunk: BinaryPredictions,
): Partial<Record<BinaryMetric, EstimatedMetric>> {
  const { probabilities, predicted } = chunk;
  if (probabilities.length === 0) throw new RangeError('cbpe: the chunk has no row');
  requireProbabilities('cbpe', probabilities);
  requirePredicted(predicted, probabilities.length);
  const positive =
    cbpe.calibration === null ? probabilities : applyIsotonic(cbpe.calibration, probabilities);
  const estimates: Partial<Record<BinaryMetric, EstimatedMetric>> = {};
  for (const metric of BINARY_METRICS) {
    const known = cbpe.metrics[metric];
    const value = binaryMetric(metric, chunk, positive);
    if (known === undefined || value === undefined) continue;
    const error = samplingErrorOf(known.samplingError, predicted.length);
    estimates[metric] = estimateOf(value, error, known.thresholds, RANGE);
  }
  return estimates;
}

function learnMetric(
  metric: BinaryMetric,
  reference: LabelledPredictions,
  parts: readonly LabelledPredictions[],
): ReferenceMetric | undefined {
  const samplingError = learnSamplingError(metric, reference);
  const realised = parts
    .map((part) => binaryMetric(metric, part, Float64Array.from(part.outcomes)))
    .filter((value) => value !== undefined);
  if (samplingError === undefined || realised.length === 0) return undefined;
  return { samplingError, thresholds: thresholdsOf(realised, RANGE) };
}

/** Does an isotonic curve lower the expected calibration error, out of fold (10 stratified folds)? */
export function calibrationHelps(
  probabilities: Float64Array,
  outcomes: Int32Array,
  seed: number,
): boolean {
  const foldOf = stratifiedFolds(outcomes, FOLDS, seed);
  const calibrated = new Float64Array(probabilities.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const inTrain = (_: number, i: number): boolean => foldOf[i] !== fold;
    const curve = fitIsotonic(probabilities.filter(inTrain), outcomes.filter(inTrain));
    const all = applyIsotonic(curve, probabilities);
    for (let i = 0; i < all.length; i++) if (foldOf[i] === fold) calibrated[i] = all[i];
  }
  return (
    expectedCalibrationError(calibrated, outcomes) <
    expectedCalibrationError(probabilities, outcomes)
  );
}

function takeLabelled(sample: LabelledPredictions, rows: Int32Array): LabelledPredictions {
  return {
    probabilities: Float64Array.from(rows, (row) => sample.probabilities[row]),
    predicted: rows.map((row) => sample.predicted[row]),
    outcomes: rows.map((row) => sample.outcomes[row]),
  };
}

function tooFewOfAClass(outcomes: Int32Array): Insufficient | null {
  const positives = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  const n = Math.min(positives, outcomes.length - positives);
  if (n >= MIN_ROWS_OF_A_CLASS) return null;
  const which = n === positives ? 'positive' : 'negative';
  const reason = `${n} rows of the reference are ${which}, at least ${MIN_ROWS_OF_A_CLASS} are needed`;
  return { kind: 'insufficient', n, required: MIN_ROWS_OF_A_CLASS, reason };
}

function requirePredicted(predicted: Int32Array, rows: number): void {
  if (predicted.length !== rows) {
    throw new RangeError(
      `cbpe: ${predicted.length} predicted classes for ${rows} rows; as many are needed`,
    );
  }
  const strange = predicted.findIndex((label) => label !== 0 && label !== 1);
  if (strange >= 0) {
    throw new RangeError(
      `cbpe: predicted class ${strange + 1} is ${predicted[strange]}, not 0 or 1`,
    );
  }
}
