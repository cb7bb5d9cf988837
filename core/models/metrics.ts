import type { MetricName } from './evaluation.ts';
import type { Outcomes, Predictions } from './model.ts';
import { overClasses } from './predictions.ts';

/** Probabilities are clipped to [ε, 1 − ε] before their logarithm, ε = 2⁻⁵² as scikit-learn has it for 64-bit numbers. */
const PROBABILITY_EPSILON: number = 2 ** -52;

/** Metrics that depend on counts of (true class, predicted class) only. */
export type CountMetric = 'accuracy' | 'balancedAccuracy' | 'f1';

/** Metrics that depend on sums over the rows only: see `rowTerms`. */
export type SumMetric = 'logLoss' | 'r2' | 'rmse' | 'mae';

/** Is it one of those that depend on counts only? */
export function isCountMetric(metric: MetricName): metric is CountMetric {
  return metric === 'accuracy' || metric === 'balancedAccuracy' || metric === 'f1';
}

/** Predictions with the outcomes they are to be compared with, over the same classes. */
export type Scored =
  | {
      readonly kind: 'classification';
      readonly rows: number;
      readonly classes: number;
      /** −1 = a class that no model knows */
      readonly truth: Int32Array;
      readonly labels: Int32Array;
      /** row-major, rows × classes */
      readonly probabilities: Float64Array;
    }
  | {
      readonly kind: 'regression';
      readonly rows: number;
      readonly truth: Float64Array;
      readonly values: Float64Array;
    };

/**
 * Pairs predictions with outcomes.
 * @throws RangeError if there is no row, the two differ in length or task, or the model knows a class that the
 *   outcomes are not over
 */
export function scored(predictions: Predictions, outcomes: Outcomes): Scored {
  if (predictions.kind === 'classification' && outcomes.kind === 'classification') {
    const { labels, probabilities } = overClasses(predictions, outcomes.classes);
    const rows = sameLength(labels.length, outcomes.labels.length);
    const classes = outcomes.classes.length;
    return { kind: 'classification', rows, classes, truth: outcomes.labels, labels, probabilities };
  }
  if (predictions.kind === 'regression' && outcomes.kind === 'regression') {
    const rows = sameLength(predictions.values.length, outcomes.values.length);
    return { kind: 'regression', rows, truth: outcomes.values, values: predictions.values };
  }
  throw new RangeError(`predictions of ${predictions.kind}, outcomes of ${outcomes.kind}`);
}

/**
 * Every metric of the task; one that is undefined on these rows is absent.
 *
 * accuracy; balancedAccuracy = mean recall over the classes that occur; f1 = macro F1 for any number of
 * classes, over those that occur or are predicted; logLoss = mean −ln p(true class), clipped;
 * r2 = 1 − Σe²/Σ(y − ȳ)², undefined where the outcomes do not vary; rmse; mae.
 * A true class that no model knows counts as one class of its own, with probability 0.
 *
 * Definitions and values are those of scikit-learn's `accuracy_score`, `balanced_accuracy_score`,
 * `f1_score(average='macro')`, `log_loss`, `r2_score`, `root_mean_squared_error`, `mean_absolute_error`.
 */
export function metricsOf(scores: Scored): Partial<Record<MetricName, number>> {
  const metrics: Partial<Record<MetricName, number>> = {};
  const names =
    scores.kind === 'classification'
      ? (['accuracy', 'balancedAccuracy', 'f1', 'logLoss'] as const)
      : (['r2', 'rmse', 'mae'] as const);
  for (const name of names) {
    const value = metricOf(name, scores);
    if (value !== undefined) metrics[name] = value;
  }
  return metrics;
}

/** One metric, or undefined where it is not defined on these rows. */
export function metricOf(metric: MetricName, scores: Scored): number | undefined {
  if (isCountMetric(metric)) {
    if (scores.kind !== 'classification') return undefined;
    return countMetric(metric, scores.classes, scores.truth, scores.labels);
  }
  const terms = rowTerms(metric, scores);
  if (terms === undefined) return undefined;
  const sums = new Float64Array(terms.cols);
  // Kahan's compensated sum, a column
  const lost = new Float64Array(terms.cols);
  for (let i = 0; i < scores.rows; i++) {
    for (let j = 0; j < terms.cols; j++) {
      const term = terms.data[i * terms.cols + j] - lost[j];
      const sum = sums[j] + term;
      lost[j] = sum - sums[j] - term;
      sums[j] = sum;
    }
  }
  return sumMetric(metric, sums, scores.rows);
}

/**
 * A count metric of cells of the confusion matrix.
 *
 * @param truth true class of each cell, −1 = unknown
 * @param predicted predicted class of each cell
 * @param counts rows in each cell; 1 each when absent
 * @returns undefined when there is no row
 */
export function countMetric(
  metric: CountMetric,
  classes: number,
  truth: Int32Array,
  predicted: Int32Array,
  counts?: Float64Array,
): number | undefined {
  if (metric === 'accuracy') return shareRight(truth, predicted, counts);
  const hits = new Float64Array(classes + 1);
  const ofTruth = new Float64Array(classes + 1);
  const ofPredicted = new Float64Array(classes + 1);
  for (let c = 0; c < truth.length; c++) {
    const count = counts === undefined ? 1 : counts[c];
    const k = truth[c] < 0 ? classes : truth[c];
    ofTruth[k] += count;
    ofPredicted[predicted[c]] += count;
    if (k === predicted[c]) hits[k] += count;
  }
  let sum = 0;
  let terms = 0;
  for (let k = 0; k <= classes; k++) {
    const numerator = metric === 'f1' ? 2 * hits[k] : hits[k];
    const denominator = metric === 'f1' ? ofTruth[k] + ofPredicted[k] : ofTruth[k];
    if (denominator === 0) continue;
    sum += numerator / denominator;
    terms++;
  }
  return ratio(sum, terms);
}

/**
 * What a sum metric adds up: row-major, a row of terms for each row.
 * logLoss: −ln p. mae: |e|. rmse: e². r2: e², y − c, (y − c)² with c the mean outcome, for the sake of precision.
 * @returns undefined if the metric is not of the task
 */
export function rowTerms(
  metric: SumMetric,
  scores: Scored,
): { readonly data: Float64Array; readonly cols: number } | undefined {
  if (scores.kind === 'classification') {
    if (metric !== 'logLoss') return undefined;
    const { truth, probabilities, classes } = scores;
    const data = Float64Array.from(truth, (k, i) =>
      surprise(k < 0 ? 0 : probabilities[i * classes + k]),
    );
    return { data, cols: 1 };
  }
  const { truth, values } = scores;
  if (metric === 'mae') return { data: truth.map((y, i) => Math.abs(y - values[i])), cols: 1 };
  if (metric === 'rmse') return { data: truth.map((y, i) => (y - values[i]) ** 2), cols: 1 };
  if (metric === 'logLoss') return undefined;
  const center = mean(truth);
  const data = new Float64Array(3 * scores.rows);
  for (let i = 0; i < scores.rows; i++) {
    data[3 * i] = (truth[i] - values[i]) ** 2;
    data[3 * i + 1] = truth[i] - center;
    data[3 * i + 2] = (truth[i] - center) ** 2;
  }
  return { data, cols: 3 };
}

/** A sum metric of the summed terms of n rows; undefined where it is not defined. */
export function sumMetric(metric: SumMetric, sums: Float64Array, n: number): number | undefined {
  if (n === 0) return undefined;
  if (metric === 'rmse') return Math.sqrt(sums[0] / n);
  if (metric !== 'r2') return sums[0] / n;
  const spread = sums[2] - (sums[1] * sums[1]) / n;
  return spread > 0 ? 1 - sums[0] / spread : undefined;
}

function surprise(probability: number): number {
  const clipped = Math.min(Math.max(probability, PROBABILITY_EPSILON), 1 - PROBABILITY_EPSILON);
  return -Math.log(clipped);
}

function sameLength(predictions: number, outcomes: number): number {
  if (predictions !== outcomes || predictions === 0) {
    throw new RangeError(
      `${predictions} predictions and ${outcomes} outcomes; at least 1 and as many are needed`,
    );
  }
  return predictions;
}

function ratio(numerator: number, denominator: number): number | undefined {
  return denominator === 0 ? undefined : numerator / denominator;
}

function shareRight(
  truth: Int32Array,
  predicted: Int32Array,
  counts: Float64Array | undefined,
): number | undefined {
  let right = 0;
  let all = 0;
  for (let c = 0; c < truth.length; c++) {
    const count = counts === undefined ? 1 : counts[c];
    all += count;
    if (truth[c] === predicted[c]) right += count;
  }
  return ratio(right, all);
}

function mean(values: Float64Array): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) result += (values[i] - result) / (i + 1);
  return result;
}
