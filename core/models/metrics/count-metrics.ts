/** Metrics that depend on counts of (true class, predicted class) only, and the matrix of these counts. */
import type { ConfusionMatrix, MetricName } from './evaluation.ts';
import type { Scored } from './scored.ts';

/** With more classes, or longer names, an evaluation goes without its matrix: it has to stay small. */
const MAX_CONFUSION_CLASSES = 20;
const MAX_CONFUSION_CHARACTERS = 1000;

/** Metrics that depend on counts of true and predicted classes only. */
export const COUNT_METRICS = [
  'accuracy',
  'balancedAccuracy',
  'f1',
  'f1Micro',
  'precision',
  'recall',
  'specificity',
] as const;

export type CountMetric = (typeof COUNT_METRICS)[number];

/** Is it one of those that depend on counts only? */
export function isCountMetric(metric: MetricName): metric is CountMetric {
  return COUNT_METRICS.some((name) => name === metric);
}

/** Micro-averaged, every miss is one false positive and one false negative: F1 is the accuracy then. */
export function isShareRight(metric: CountMetric): metric is 'accuracy' | 'f1Micro' {
  return metric === 'accuracy' || metric === 'f1Micro';
}

/**
 * A count metric of cells of the confusion matrix.
 *
 * @param truth true class of each cell, −1 = unknown
 * @param predicted predicted class of each cell
 * @param counts rows in each cell; 1 each when absent
 * @returns undefined where it is not defined
 */
export function countMetric(
  metric: CountMetric,
  classes: number,
  truth: Int32Array,
  predicted: Int32Array,
  counts?: Float64Array,
): number | undefined {
  const table = emptyCounts(classes);
  countByClassInto(table, truth, predicted, counts);
  return metricOfCounts(metric, table);
}

/** `countMetric` of cells that are counted already. */
export function metricOfCounts(metric: CountMetric, table: CountsByClass): number | undefined {
  if (isShareRight(metric)) return ratio(table.right, table.all);
  const classes = table.hits.length - 1;
  if (metric === 'specificity' && classes === 2) return ofClass[metric](table, 1);
  let sum = 0;
  let terms = 0;
  for (let k = 0; k <= classes; k++) {
    if (table.ofTruth[k] + table.ofPredicted[k] === 0) continue;
    const value = ofClass[metric](table, k);
    if (value === undefined) continue;
    sum += value;
    terms++;
  }
  return ratio(sum, terms);
}

/**
 * The confusion matrix of scored rows.
 * @param classes their names
 * @returns undefined with more than 20 classes, or names of more than 1000 characters together
 */
export function confusionOf(
  scores: Extract<Scored, { kind: 'classification' }>,
  classes: readonly string[],
): ConfusionMatrix | undefined {
  const characters = classes.reduce((sum, name) => sum + name.length, 0);
  if (classes.length > MAX_CONFUSION_CLASSES || characters > MAX_CONFUSION_CHARACTERS) {
    return undefined;
  }
  const counts = classes.map(() => classes.map(() => 0));
  const unknown = classes.map(() => 0);
  for (let i = 0; i < scores.rows; i++) {
    const row = scores.truth[i] < 0 ? unknown : counts[scores.truth[i]];
    row[scores.labels[i]]++;
  }
  return { classes, counts, ...(unknown.some((count) => count > 0) && { unknown }) };
}

/** Cells counted by class: a class a place, the last of them for the classes that no model knows. */
export interface CountsByClass {
  all: number;
  /** those whose class was predicted */
  right: number;
  readonly hits: Float64Array;
  readonly ofTruth: Float64Array;
  readonly ofPredicted: Float64Array;
}

export function emptyCounts(classes: number): CountsByClass {
  return {
    all: 0,
    right: 0,
    hits: new Float64Array(classes + 1),
    ofTruth: new Float64Array(classes + 1),
    ofPredicted: new Float64Array(classes + 1),
  };
}

/** Counts cells anew; parameters as of `countMetric`. */
export function countByClassInto(
  table: CountsByClass,
  truth: Int32Array,
  predicted: Int32Array,
  counts?: Float64Array,
): void {
  const { hits, ofTruth, ofPredicted } = table;
  const unknown = hits.length - 1;
  hits.fill(0);
  ofTruth.fill(0);
  ofPredicted.fill(0);
  let all = 0;
  let right = 0;
  for (let c = 0; c < truth.length; c++) {
    const count = counts === undefined ? 1 : counts[c];
    const k = truth[c] < 0 ? unknown : truth[c];
    all += count;
    ofTruth[k] += count;
    ofPredicted[predicted[c]] += count;
    if (k !== predicted[c]) continue;
    hits[k] += count;
    right += count;
  }
  table.all = all;
  table.right = right;
}

type OfClass = (table: CountsByClass, k: number) => number | undefined;

/** Of a class that occurs or is predicted: undefined = left out of the mean over the classes. */
const ofClass: Readonly<Record<Exclude<CountMetric, 'accuracy' | 'f1Micro'>, OfClass>> = {
  balancedAccuracy: ({ hits, ofTruth }, k) => ratio(hits[k], ofTruth[k]),
  f1: ({ hits, ofTruth, ofPredicted }, k) => ratio(2 * hits[k], ofTruth[k] + ofPredicted[k]),
  precision: ({ hits, ofPredicted }, k) => ratio(hits[k], ofPredicted[k]) ?? 0,
  recall: ({ hits, ofTruth }, k) => ratio(hits[k], ofTruth[k]) ?? 0,
  specificity: ({ all, hits, ofTruth, ofPredicted }, k) =>
    ratio(all - ofTruth[k] - ofPredicted[k] + hits[k], all - ofTruth[k]),
};

function ratio(numerator: number, denominator: number): number | undefined {
  return denominator === 0 ? undefined : numerator / denominator;
}
