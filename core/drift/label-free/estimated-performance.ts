import { METRIC_DIRECTION } from '../../models/metrics/evaluation.ts';
import type { MetricEstimate, MetricName } from '../../models/metrics/evaluation.ts';
import type { FeatureSchema, Model, Predictions } from '../../models/model.ts';
import type { Scored } from '../../models/metrics/scored.ts';
import { normalQuantile } from '../../stats/normal-quantile.ts';
import { studentTSurvival } from '../../stats/special-functions.ts';
import type { Table } from '../../table.ts';
import {
  calibrateClasses,
  ESTIMABLE_METRICS,
  expectedMetric,
  fitClassCurves,
} from './class-calibration.ts';
import type { ClassCurves, ClassPredictions, EstimableMetric } from './class-calibration.ts';
import { fitExpectedLosses, predictLosses } from './expected-losses.ts';
import { LOSS_OF_METRIC, metricOfMeanLoss } from './row-losses.ts';

/** The champion's metric on rows without labels, beside what it was when the champion was chosen. */
export interface EstimatedPerformance {
  /** CBPE: by calibrated probabilities; DLE: by a model of the losses */
  readonly method: 'CBPE' | 'DLE';
  readonly rows: number;
  /** the estimate, with the interval in which the metric of these rows would lie, were it known */
  readonly metric: MetricEstimate;
  /** the metric on the rows held out when the champion was trained */
  readonly baseline: number;
  /** how much worse the estimate is, in the unit of the metric; negative = better */
  readonly drop: number;
  /** one-sided Welch test: are the losses expected of these rows larger than those expected of the held-out ones? */
  readonly pValue: number;
}

/** What is learned from a champion's held-out rows to estimate its metric without labels. */
export interface PerformanceEstimator {
  readonly metric: MetricName;
  readonly rows: number;
  /** the metric on the held-out rows, its standard error there, and how far off their own estimate is */
  readonly baseline: number;
  readonly standardError: number;
  readonly offset: number;
  /** of the losses expected of the held-out rows: 0/1 errors of classes, the losses of the metric of numbers */
  readonly expected: Moments;
  readonly method:
    | { readonly kind: 'CBPE'; readonly curves: ClassCurves }
    | { readonly kind: 'DLE'; readonly nannies: readonly Model[] };
}

export interface Moments {
  readonly mean: number;
  /** ddof 1 */
  readonly variance: number;
}

/** Rows that the champion was not trained on, with what it said of them and what came true. */
export interface HeldOut {
  readonly table: Table;
  readonly scores: Scored;
  /** the champion's primary metric on these rows, with the confidence of its interval */
  readonly primary: MetricEstimate;
  readonly confidence: number;
}

/** Fewer held-out rows than this teach too little. */
const LEAST_ROWS = 100;
/** The loss that stands in where the primary metric of numbers is not a mean loss. */
const DEFAULT_LOSS_METRIC = 'rmse';

/**
 * Learns to estimate a champion's metric where no labels are known: for classes by calibrated probabilities (CBPE), for
 * numbers by a model of the losses (DLE).
 *
 * @param features what the champion reads
 * @returns null if fewer than 100 rows were held out, or the metric cannot be estimated (R², calibration error)
 */
export function fitPerformanceEstimator(
  { table, scores, primary, confidence }: HeldOut,
  features: readonly FeatureSchema[],
  seed: number,
): PerformanceEstimator | null {
  if (scores.rows < LEAST_ROWS) return null;
  const z = normalQuantile((1 + confidence) / 2);
  const known = {
    metric: primary.name,
    rows: scores.rows,
    baseline: primary.value,
    standardError: (primary.high - primary.low) / (2 * z),
  };
  if (scores.kind === 'classification') {
    if (!isEstimable(primary.name)) return null;
    const curves = fitClassCurves(scores, scores.truth, seed);
    const { value, losses } = classEstimate(curves, scores, primary.name);
    if (value === undefined) return null;
    const offset = primary.value - value;
    return { ...known, offset, expected: momentsOf(losses), method: { kind: 'CBPE', curves } };
  }
  if (!isLossMetric(primary.name)) return null;
  const loss = LOSS_OF_METRIC[primary.name];
  const learned = fitExpectedLosses(table, scores, { loss, features, seed });
  if (learned === null) return null;
  const { expected, nannies } = learned;
  const moments = momentsOf(expected);
  const offset = primary.value - metricOfMeanLoss(primary.name, moments.mean);
  return { ...known, offset, expected: moments, method: { kind: 'DLE', nannies } };
}

/**
 * Estimates the champion's metric on rows without labels.
 *
 * The estimate is moved by what it is off on the held-out rows, so that rows like those get the baseline itself. Its
 * interval has the sampling error of the baseline for as many rows, and that of the baseline. The test compares
 * expected losses, which differ only as far as the inputs do: it sees harm of another mix of rows, never of another
 * concept, which needs labels.
 *
 * @param predictions of the champion, for the rows of the table
 * @throws RangeError if there are no rows, or the predictions are of the other task
 */
export function estimatePerformance(
  estimator: PerformanceEstimator,
  table: Table,
  predictions: Predictions,
  confidence: number,
): EstimatedPerformance {
  const { metric, baseline, method } = estimator;
  if (table.rows < 1) throw new RangeError('estimated performance: no rows');
  const { value, losses } = estimateOf(estimator, table, predictions);
  const own = value + estimator.offset;
  const spread = estimator.standardError * Math.sqrt(estimator.rows / table.rows + 1);
  const reach = normalQuantile((1 + confidence) / 2) * spread;
  const drop = METRIC_DIRECTION[metric] === 'higher' ? baseline - own : own - baseline;
  return {
    method: method.kind,
    rows: table.rows,
    metric: {
      name: metric,
      value: withinRange(own, metric),
      low: withinRange(own - reach, metric),
      high: withinRange(own + reach, metric),
    },
    baseline,
    drop,
    pValue: largerThanPValue(
      { ...momentsOf(losses), rows: table.rows },
      { ...estimator.expected, rows: estimator.rows },
    ),
  };
}

function estimateOf(
  { metric, method }: PerformanceEstimator,
  table: Table,
  predictions: Predictions,
): { readonly value: number; readonly losses: Float64Array } {
  if (method.kind === 'CBPE' && predictions.kind === 'classification' && isEstimable(metric)) {
    const classes = predictions.classes.length;
    const own = classEstimate(method.curves, { ...predictions, classes }, metric);
    if (own.value !== undefined) return { value: own.value, losses: own.losses };
  }
  if (method.kind === 'DLE' && predictions.kind === 'regression' && isLossMetric(metric)) {
    const losses = predictLosses(method.nannies, table, predictions.values);
    return { value: metricOfMeanLoss(metric, momentsOf(losses).mean), losses };
  }
  throw new RangeError(`estimated performance: ${metric} of predictions of ${predictions.kind}`);
}

/** The metric that calibrated probabilities lead to expect, and the expected 0/1 loss of each row. */
function classEstimate(
  curves: ClassCurves,
  predictions: ClassPredictions,
  metric: EstimableMetric,
): { readonly value: number | undefined; readonly losses: Float64Array } {
  const calibrated = calibrateClasses(curves, predictions);
  const { labels, classes } = predictions;
  return {
    value: expectedMetric(metric, predictions, calibrated),
    losses: Float64Array.from(labels, (k, i) => 1 - calibrated[i * classes + k]),
  };
}

type LossMetric = 'mae' | 'mape' | 'mse' | 'rmse';

/** What is estimated where the primary metric of the task cannot be. */
export function estimatedMetricOf(primary: MetricName, task: Scored['kind']): MetricName {
  if (task === 'classification') return isEstimable(primary) ? primary : 'accuracy';
  return isLossMetric(primary) ? primary : DEFAULT_LOSS_METRIC;
}

function isEstimable(metric: MetricName): metric is EstimableMetric {
  return ESTIMABLE_METRICS.some((name) => name === metric);
}

function isLossMetric(metric: MetricName): metric is LossMetric {
  return metric === 'mae' || metric === 'mape' || metric === 'mse' || metric === 'rmse';
}

function withinRange(value: number, metric: MetricName): number {
  const most = METRIC_DIRECTION[metric] === 'higher' ? 1 : Infinity;
  return Math.max(0, Math.min(most, value));
}

function momentsOf(values: Float64Array): Moments {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const before = values[i] - mean;
    mean += before / (i + 1);
    squares += before * (values[i] - mean);
  }
  return { mean, variance: values.length > 1 ? squares / (values.length - 1) : 0 };
}

/** Welch's one-sided test that the mean of `a` is larger. */
function largerThanPValue(
  a: Moments & { readonly rows: number },
  b: Moments & { readonly rows: number },
): number {
  if (a.rows < 2 || b.rows < 2) return 1;
  const ofA = a.variance / a.rows;
  const ofB = b.variance / b.rows;
  if (ofA + ofB === 0) return 1;
  const freedom = (ofA + ofB) ** 2 / (ofA ** 2 / (a.rows - 1) + ofB ** 2 / (b.rows - 1));
  return studentTSurvival((a.mean - b.mean) / Math.sqrt(ofA + ofB), freedom);
}
