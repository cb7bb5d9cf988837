import { BINARY_METRICS } from './binary-metrics.ts';
import type { BinaryMetric } from './binary-metrics.ts';
import type { ReferenceMetric } from './cbpe.ts';
import { requireChunks, tooFewChunks } from './chunks.ts';
import type { Insufficient } from './chunks.ts';
import {
  calibrateClasses,
  classAgainstRest,
  expectedMetric,
  fitClassCurves,
} from './class-calibration.ts';
import type { ClassCurves, ClassPredictions } from './class-calibration.ts';
import { learnMacroSamplingError, samplingErrorOf } from './sampling-error.ts';
import type { SamplingError } from './sampling-error.ts';
import { estimateOf, thresholdsOf } from './thresholds.ts';
import type { EstimatedMetric } from './thresholds.ts';

const RANGE = { least: 0, greatest: 1 };

/** Confidence-based performance estimation of a classifier with more than two classes, fitted; plain JSON. */
export interface MulticlassCbpe {
  readonly kind: 'multiclass cbpe';
  readonly curves: ClassCurves;
  readonly metrics: Readonly<Partial<Record<BinaryMetric, ReferenceMetric>>>;
}

/** Of rows whose classes are known. */
export interface LabelledClasses extends ClassPredictions {
  /** n indices of the true class */
  readonly truth: Int32Array;
}

/**
 * Learns to estimate the performance of a classifier with more than two classes where no labels are known: `fitCbpe`,
 * each class against the rest. All metrics but accuracy are means over the classes.
 *
 * @param reference rows that the classifier was not trained on, in order
 * @param chunks rows (indices) of each chunk of the reference, of about the size of those to be estimated; at least 5
 * @param seed of the folds
 * @returns insufficient with fewer than 5 chunks
 * @throws RangeError if a chunk is empty or not of the reference
 * @see NannyML 0.13.1, whose figures these are
 */
export function fitMulticlassCbpe(
  reference: LabelledClasses,
  chunks: readonly Int32Array[],
  seed: number,
): MulticlassCbpe | Insufficient {
  requireChunks('cbpe', chunks, reference.truth.length);
  const insufficient = tooFewChunks(chunks);
  if (insufficient !== null) return insufficient;
  const parts = chunks.map((rows) => takeRows(reference, rows));
  const metrics: Partial<Record<BinaryMetric, ReferenceMetric>> = {};
  for (const metric of BINARY_METRICS) {
    const samplingError = samplingErrorOfClasses(metric, reference);
    const realised = parts
      .map((part) => expectedMetric(metric, part, asProbabilities(part)))
      .filter((value) => value !== undefined);
    if (samplingError === undefined || realised.length === 0) continue;
    metrics[metric] = { samplingError, thresholds: thresholdsOf(realised, RANGE) };
  }
  const curves = fitClassCurves(reference, reference.truth, seed);
  return { kind: 'multiclass cbpe', curves, metrics };
}

/**
 * Estimates the metrics of a chunk without labels.
 *
 * @param chunk n rows, of the classes of the reference
 * @returns a metric that is undefined on the chunk is absent
 * @throws RangeError if n is 0
 */
export function estimateMulticlassCbpe(
  { curves, metrics }: MulticlassCbpe,
  chunk: ClassPredictions,
): Partial<Record<BinaryMetric, EstimatedMetric>> {
  const rows = chunk.labels.length;
  if (rows === 0) throw new RangeError('cbpe: the chunk has no row');
  const calibrated = calibrateClasses(curves, chunk);
  const estimates: Partial<Record<BinaryMetric, EstimatedMetric>> = {};
  for (const metric of BINARY_METRICS) {
    const known = metrics[metric];
    const value = expectedMetric(metric, chunk, calibrated);
    if (known === undefined || value === undefined) continue;
    const error = samplingErrorOf(known.samplingError, rows);
    estimates[metric] = estimateOf(value, error, known.thresholds, RANGE);
  }
  return estimates;
}

function samplingErrorOfClasses(
  metric: BinaryMetric,
  reference: LabelledClasses,
): SamplingError | undefined {
  const { labels, truth, classes } = reference;
  if (metric === 'accuracy') {
    const right = labels.reduce((sum, label, i) => sum + Number(label === truth[i]), 0);
    const share = right / truth.length;
    return { deviation: Math.sqrt(share * (1 - share)), share: 1 };
  }
  const each = Array.from({ length: classes }, (_, k) => ({
    ...classAgainstRest(reference, k),
    outcomes: truth.map((label) => Number(label === k)),
  }));
  return learnMacroSamplingError(metric, each);
}

/** 1 for the true class of each row, 0 for the others; row-major. */
function asProbabilities({ truth, classes }: LabelledClasses): Float64Array {
  const outcomes = new Float64Array(truth.length * classes);
  truth.forEach((k, i) => (outcomes[i * classes + k] = 1));
  return outcomes;
}

function takeRows(of: LabelledClasses, rows: Int32Array): LabelledClasses {
  const { classes, labels, truth } = of;
  const probabilities = new Float64Array(rows.length * classes);
  rows.forEach((row, i) => {
    probabilities.set(of.probabilities.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return {
    classes,
    probabilities,
    labels: rows.map((row) => labels[row]),
    truth: rows.map((row) => truth[row]),
  };
}
