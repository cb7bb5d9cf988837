import { countMetric, isCountMetric } from '../../models/metrics/count-metrics.ts';
import { groupsOfClass, isRankMetric, meanArea } from '../../models/metrics/rank-metrics.ts';
import type { Tally } from '../../models/metrics/rank-metrics.ts';
import { rowTerms } from '../../models/metrics/sum-metrics.ts';
import type { ClassProbabilities } from './class-calibration.ts';

/** What a classifier said of n rows. */
export interface ClassPredictions extends ClassProbabilities {
  /** n indices of the predicted class */
  readonly labels: Int32Array;
}

/** Metrics of classes that probabilities can stand in for the outcomes of: all but the calibration error. */
export const CLASS_METRICS = [
  'accuracy',
  'balancedAccuracy',
  'f1',
  'f1Micro',
  'precision',
  'recall',
  'specificity',
  'rocAuc',
  'prAuc',
  'logLoss',
  'brier',
] as const;

export type ClassMetric = (typeof CLASS_METRICS)[number];

/**
 * What a metric, as `metricsOf` defines it, is expected to be if each row is of class k with the given probability c_ik.
 *
 * Counts are expected ones: rows of class k that are predicted as l count Σ c_ik over the rows predicted as l; in the
 * ranking by p_k, a row counts c_ik as one of the class and 1 − c_ik as another. Losses are Σ_ik c_ik loss_i(k) ÷ n.
 * With outcomes as 0 and 1 for c this is the metric itself.
 *
 * @param truth c: calibrated probabilities, row-major, n × classes
 * @returns undefined where the metric is
 * @see Kivimäki, Białek, Kuberski & Nurminen (2025), arXiv 2505.05295; NannyML 0.13.1, whose figures these are
 */
export function expectedMetric(
  metric: ClassMetric,
  predictions: ClassPredictions,
  truth: Float64Array,
): number | undefined {
  const { labels, classes } = predictions;
  if (labels.length === 0) return undefined;
  if (isCountMetric(metric)) {
    const counts = expectedConfusion(predictions, truth);
    const trueClass = Int32Array.from(counts, (_, cell) => Math.floor(cell / classes));
    const predicted = Int32Array.from(counts, (_, cell) => cell % classes);
    return asShare(countMetric(metric, classes, trueClass, predicted, counts));
  }
  if (isRankMetric(metric)) {
    const ranked = classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
    const tallies = ranked.map((k) => expectedTally(predictions, truth, k));
    return asShare(meanArea(metric, tallies));
  }
  return expectedMean(metric, predictions, truth);
}

/** Expected rows of each true and predicted class, row-major: cell k · classes + l is of class k, predicted as l. */
export function expectedConfusion(
  { labels, classes }: Omit<ClassPredictions, 'probabilities'>,
  truth: Float64Array,
): Float64Array {
  const counts = new Float64Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    for (let k = 0; k < classes; k++) counts[k * classes + labels[i]] += truth[i * classes + k];
  }
  return counts;
}

/** Expected rows of a class and others, by how probable the classifier calls it. */
function expectedTally(
  { probabilities, classes }: ClassProbabilities,
  truth: Float64Array,
  k: number,
): Tally {
  const { groupOf, groups } = groupsOfClass(probabilities, classes, k);
  const positives = new Float64Array(groups);
  const negatives = new Float64Array(groups);
  for (let i = 0; i < groupOf.length; i++) {
    positives[groupOf[i]] += truth[i * classes + k];
    negatives[groupOf[i]] += 1 - truth[i * classes + k];
  }
  const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
  return { positives, negatives, allPositives: total(positives), allNegatives: total(negatives) };
}

/** Sums of fractions may end by a rounding outside of [0, 1]. */
function asShare(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(1, Math.max(0, value));
}

/** Mean over the rows of what is lost if the row is of class k, by the probability that it is. */
function expectedMean(
  metric: 'logLoss' | 'brier',
  predictions: ClassPredictions,
  truth: Float64Array,
): number | undefined {
  const { classes, labels } = predictions;
  const rows = labels.length;
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const allOfClass = new Int32Array(rows).fill(k);
    const scores = { ...predictions, kind: 'classification', rows, truth: allOfClass } as const;
    const terms = rowTerms(metric, scores);
    if (terms === undefined) return undefined;
    for (let i = 0; i < rows; i++) sum += truth[i * classes + k] * terms.data[i];
  }
  return sum / rows;
}
