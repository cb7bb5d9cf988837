import { applyIsotonic, fitIsotonic } from '../../models/calibration/isotonic.ts';
import type { IsotonicParams } from '../../models/calibration/isotonic.ts';
import { COUNT_METRICS } from '../../models/metrics/count-metrics.ts';
import type { CountMetric } from '../../models/metrics/count-metrics.ts';
import { binaryMetric } from './binary-metrics.ts';
import type { BinaryPredictions, ExpectedBinaryMetric } from './binary-metrics.ts';
import { calibrationHelps } from './cbpe.ts';

/** What a classifier said of n rows. */
export interface ClassPredictions {
  /** row-major, n × classes; each row sums to 1 */
  readonly probabilities: Float64Array;
  /** n indices of the predicted class */
  readonly labels: Int32Array;
  readonly classes: number;
}

/**
 * One curve a class, each of the class against the rest; for two classes the one curve of the second. null: its own
 * probabilities are closer to the truth. Plain JSON.
 */
export type ClassCurves = readonly (IsotonicParams | null)[];

/** Metrics that calibrated probabilities can stand in for the outcomes of. */
export const ESTIMABLE_METRICS: readonly EstimableMetric[] = [
  ...COUNT_METRICS,
  'rocAuc',
  'prAuc',
  'logLoss',
  'brier',
];

export type EstimableMetric = CountMetric | 'rocAuc' | 'prAuc' | 'logLoss' | 'brier';

/** Fewer rows of a class, or of the others, than this do not calibrate it: one in every fold. */
const LEAST_OF_A_CLASS = 10;

const LEAST_PROBABILITY: number = 2 ** -52;

/**
 * Learns to calibrate the probabilities of a classifier, class by class against the rest, by isotonic regression
 * where that lowers the calibration error out of fold.
 *
 * @param truth n indices of the true class; −1 = one that the classifier does not know
 * @see Zadrozny & Elkan (2002), KDD 694–699; NannyML 0.13.1 for CBPE of more than two classes
 */
export function fitClassCurves(
  { probabilities, classes }: Omit<ClassPredictions, 'labels'>,
  truth: Int32Array,
  seed: number,
): ClassCurves {
  const calibrated = classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
  return calibrated.map((k) => {
    const own = columnOf(probabilities, classes, k);
    const outcomes = truth.map((label) => Number(label === k));
    const positives = outcomes.reduce((sum, outcome) => sum + outcome, 0);
    if (Math.min(positives, outcomes.length - positives) < LEAST_OF_A_CLASS) return null;
    return calibrationHelps(own, outcomes, seed) ? fitIsotonic(own, outcomes) : null;
  });
}

/** Probabilities after calibration, row-major; each row sums to 1. */
export function calibrateClasses(
  curves: ClassCurves,
  { probabilities, classes }: Omit<ClassPredictions, 'labels'>,
): Float64Array {
  const columns = curves.map((curve, at) => {
    const own = columnOf(probabilities, classes, classes === 2 ? 1 : at);
    return curve === null ? own : applyIsotonic(curve, own);
  });
  if (classes === 2) {
    return probabilities.map((_, i) => (i % 2 === 1 ? columns[0][i >> 1] : 1 - columns[0][i >> 1]));
  }
  const calibrated = probabilities.slice();
  for (let i = 0; i * classes < calibrated.length; i++) {
    const sum = columns.reduce((total, column) => total + column[i], 0);
    // Curves may all say 0 of a row, which says nothing: it keeps its own probabilities.
    if (sum <= 0) continue;
    for (let k = 0; k < classes; k++) calibrated[i * classes + k] = columns[k][i] / sum;
  }
  return calibrated;
}

/**
 * What a metric is expected to be if each row is of class k with the given probability, as `metricsOf` defines the
 * metrics: macro averages over the classes, areas of the second of two classes or averages of one against the rest.
 *
 * @param truth calibrated probabilities, or outcomes as 0 and 1, row-major
 * @returns undefined where the metric is
 */
export function expectedMetric(
  metric: EstimableMetric,
  predictions: ClassPredictions,
  truth: Float64Array,
): number | undefined {
  const { probabilities, classes, labels } = predictions;
  if (labels.length === 0) return undefined;
  switch (metric) {
    case 'accuracy':
    case 'f1Micro':
      return labels.reduce((sum, k, i) => sum + truth[i * classes + k], 0) / labels.length;
    case 'logLoss':
      return (
        sumOverCells(truth, (c, at) => -c * Math.log(clipped(probabilities[at]))) / labels.length
      );
    case 'brier': {
      const scale = classes === 2 ? 0.5 : 1;
      const squares = sumOverCells(
        truth,
        (c, at) => probabilities[at] * (probabilities[at] - 2 * c) + c,
      );
      return (scale * squares) / labels.length;
    }
    case 'specificity':
    case 'rocAuc':
    case 'prAuc':
      return classes === 2
        ? metricOfClass(metric, predictions, truth, 1)
        : averageOverClasses(metric, predictions, truth);
    case 'balancedAccuracy':
      return averageOverClasses('recall', predictions, truth);
    case 'f1':
    case 'precision':
    case 'recall':
      return averageOverClasses(metric, predictions, truth);
  }
}

/** Mean over the classes that can be true or are predicted; 0 where it is not defined for one of them. */
function averageOverClasses(
  metric: ExpectedBinaryMetric,
  predictions: ClassPredictions,
  truth: Float64Array,
): number | undefined {
  let sum = 0;
  let counted = 0;
  for (let k = 0; k < predictions.classes; k++) {
    const value = metricOfClass(metric, predictions, truth, k);
    if (value === undefined && (metric === 'rocAuc' || metric === 'prAuc')) continue;
    sum += value ?? 0;
    counted++;
  }
  return counted > 0 ? sum / counted : undefined;
}

function metricOfClass(
  metric: ExpectedBinaryMetric,
  predictions: ClassPredictions,
  truth: Float64Array,
  k: number,
): number | undefined {
  const own = classAgainstRest(predictions, k);
  return binaryMetric(metric, own, columnOf(truth, predictions.classes, k));
}

/** What was said of one class, the others being the negative one. */
export function classAgainstRest(
  { probabilities, labels, classes }: ClassPredictions,
  k: number,
): BinaryPredictions {
  const predicted = labels.map((label) => Number(label === k));
  return { probabilities: columnOf(probabilities, classes, k), predicted };
}

function columnOf(matrix: Float64Array, cols: number, j: number): Float64Array {
  const column = new Float64Array(matrix.length / cols);
  for (let i = 0; i < column.length; i++) column[i] = matrix[i * cols + j];
  return column;
}

function sumOverCells(truth: Float64Array, term: (c: number, at: number) => number): number {
  return truth.reduce((sum, c, at) => sum + term(c, at), 0);
}

const clipped = (p: number): number =>
  Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, p));
