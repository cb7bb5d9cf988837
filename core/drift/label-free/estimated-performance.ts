import { METRIC_DIRECTION } from '../../models/metrics/evaluation.ts';
import type { MetricName } from '../../models/metrics/evaluation.ts';
import { metricOf } from '../../models/metrics/metrics.ts';
import type { Scored } from '../../models/metrics/scored.ts';
import { rowTerms, sumMetric } from '../../models/metrics/sum-metrics.ts';
import type { FeatureSchema, Model, Predictions } from '../../models/model.ts';
import { largerMeanPValue, meanOf, momentsOf } from '../../stats/mean-test.ts';
import type { Moments } from '../../stats/mean-test.ts';
import { normalQuantile } from '../../stats/normal-quantile.ts';
import type { Table } from '../../table.ts';
import { calibrateClasses, fitClassCurves } from './class-calibration.ts';
import type { ClassCurves } from './class-calibration.ts';
import type { EstimatedPerformance } from './estimate.ts';
import { fitExpectedLosses, predictLosses } from './expected-losses.ts';
import { CLASS_METRICS, expectedMetric } from './expected-metrics.ts';
import type { ClassMetric, ClassPredictions } from './expected-metrics.ts';
import { standardError } from './standard-error.ts';
import { errorRatio, stratify } from './strata.ts';
import type { Stratum } from './strata.ts';

/** What is learned from a champion's held-out rows to estimate its metric without labels. */
export interface PerformanceEstimator {
  readonly kind: 'fitted';
  readonly method: EstimationMethod;
  /** the metric on the held-out rows, its standard error there, and how far off their own estimate is */
  readonly baseline: number;
  readonly standardError: number;
  readonly offset: number;
  /** the losses expected of the held-out rows: 0/1 errors of classes, the losses of the metric of numbers */
  readonly expected: Moments;
  /** how much the losses vary, and over how many rows, by what was expected of them */
  readonly strata: readonly Stratum[];
}

export type EstimationMethod =
  | { readonly kind: 'CBPE'; readonly metric: ClassMetric; readonly curves: ClassCurves }
  | { readonly kind: 'DLE'; readonly metric: LossMetric; readonly nannies: readonly Model[] };

/** Metrics of numbers that are a mean loss, or the root of one: all but R². */
export const LOSS_METRICS = ['mae', 'mape', 'mse', 'rmse'] as const;

export type LossMetric = (typeof LOSS_METRICS)[number];

/** Too little to learn from: how many rows with a loss of at most 1e50 there were, and how many are needed. */
export interface Insufficient {
  readonly kind: 'insufficient';
  readonly n: number;
  readonly required: number;
}

export interface EstimatorOptions {
  /** the champion's primary metric; accuracy or RMSE stands in where it cannot be estimated, or is undefined */
  readonly metric: MetricName;
  /** what the champion reads */
  readonly features: readonly FeatureSchema[];
  /** of folds, fits and resamples */
  readonly seed: number;
}

/** Fewer held-out rows than this teach too little. */
const LEAST_ROWS = 100;

/** Beyond this, fourth powers of losses, which degrees of freedom have, come near to the end of 64-bit numbers. */
const GREATEST_LOSS = 1e50;

/**
 * Learns to estimate a champion's metric where no labels are known: for classes by calibrated probabilities (CBPE), for
 * numbers by a model of the losses (DLE).
 *
 * @param heldOut rows that the champion was not trained on, and what it said of them beside what came true
 * @returns insufficient with fewer than 100 rows, or a loss above 1e50
 * @throws RangeError if the lengths differ, a probability is not in [0, 1], or a feature is absent
 */
export function fitPerformanceEstimator(
  heldOut: { readonly table: Table; readonly scores: Scored },
  options: EstimatorOptions,
): PerformanceEstimator | Insufficient {
  const { scores } = heldOut;
  if (scores.rows < LEAST_ROWS) {
    return { kind: 'insufficient', n: scores.rows, required: LEAST_ROWS };
  }
  if (scores.kind === 'classification') return fitCbpe(scores, options);
  return fitDle(heldOut.table, scores, options);
}

/**
 * Estimates the champion's metric on rows without labels.
 *
 * The estimate is moved by what it is off on the held-out rows, so that rows like those get the baseline itself. Its
 * interval has the standard error of the baseline, by how sure the held-out rows are of rows like these, and how much
 * these may stray: see `errorRatio`, which is exact of mean losses and taken for the other metrics. The test compares
 * expected losses, which differ only as far as the inputs do: it sees harm of another mix of rows, never of another
 * concept, which needs labels. Rows are taken as independent of one another.
 *
 * @param predictions of the champion, for the rows of the table
 * @param confidence of the interval, in (0, 1)
 * @returns null where the metric is undefined on these rows, as ROC-AUC is where all are surely of one class
 * @throws RangeError if there are no rows, or the predictions are not of the champion's task and classes
 */
export function estimatePerformance(
  estimator: PerformanceEstimator,
  table: Table,
  predictions: Predictions,
  confidence: number,
): EstimatedPerformance | null {
  const { baseline, method, expected } = estimator;
  const { metric, kind } = method;
  const { value, losses } = expectationOf(method, table, predictions);
  const current = momentsOf(losses);
  const rows = current.count;
  if (rows === 0) throw new RangeError('estimated performance: no rows');
  if (value === undefined) return null;
  const shifted = value + estimator.offset;
  const error = estimator.standardError * Math.sqrt(errorRatio(estimator.strata, losses));
  const reach = normalQuantile((1 + confidence) / 2) * error;
  const own = withinRange(shifted, metric);
  return {
    method: kind,
    rows,
    metric: {
      name: metric,
      value: own,
      low: withinRange(shifted - reach, metric),
      high: withinRange(shifted + reach, metric),
    },
    baseline,
    drop: METRIC_DIRECTION[metric] === 'higher' ? baseline - own : own - baseline,
    pValue: largerMeanPValue(meanOf(current), meanOf(expected)),
  };
}

function fitCbpe(
  scores: Extract<Scored, { kind: 'classification' }>,
  { metric: wanted, seed }: EstimatorOptions,
): PerformanceEstimator {
  const curves = fitClassCurves(scores, scores.truth, seed);
  const misses = Float64Array.from(scores.truth, (k, i) => Number(k !== scores.labels[i]));
  const learn = (metric: ClassMetric): PerformanceEstimator | undefined => {
    const method = { kind: 'CBPE', metric, curves } as const;
    const expectation = expectationOfClasses(method, scores);
    return learned(method, scores, { ...expectation, realised: misses }, seed);
  };
  const estimator = (isClassMetric(wanted) ? learn(wanted) : undefined) ?? learn('accuracy');
  if (estimator === undefined) throw new RangeError('estimated performance: no accuracy');
  return estimator;
}

function fitDle(
  table: Table,
  scores: Extract<Scored, { kind: 'regression' }>,
  { metric: wanted, features, seed }: EstimatorOptions,
): PerformanceEstimator | Insufficient {
  const { rows, values: predictions } = scores;
  const isDefined = isLossMetric(wanted) && rowTerms(wanted, scores) !== undefined;
  const metric = isDefined ? wanted : 'rmse';
  const losses = rowTerms(metric, scores)?.data.filter((loss) => loss <= GREATEST_LOSS);
  const insufficient = { kind: 'insufficient', n: losses?.length ?? 0, required: rows } as const;
  if (losses === undefined || losses.length < rows) return insufficient;
  const options = { features, seed };
  const { nannies, expected } = fitExpectedLosses({ table, predictions }, losses, options);
  const method = { kind: 'DLE', metric, nannies } as const;
  const expectation = { ...expectationOfLosses(metric, expected), realised: losses };
  return learned(method, scores, expectation, seed) ?? insufficient;
}

/** The metric that is expected of some rows, if it is defined there, and the loss that is expected of each. */
interface Expectation {
  readonly value: number | undefined;
  readonly losses: Float64Array;
}

function learned(
  method: EstimationMethod,
  scores: Scored,
  { value, losses, realised }: Expectation & { readonly realised: Float64Array },
  seed: number,
): PerformanceEstimator | undefined {
  const baseline = metricOf(method.metric, scores);
  if (baseline === undefined || value === undefined) return undefined;
  return {
    kind: 'fitted',
    method,
    baseline,
    standardError: standardError(method.metric, scores, seed),
    offset: baseline - value,
    expected: momentsOf(losses),
    strata: stratify(losses, realised),
  };
}

function expectationOf(
  method: EstimationMethod,
  table: Table,
  predictions: Predictions,
): Expectation {
  if (method.kind === 'CBPE' && predictions.kind === 'classification') {
    return expectationOfClasses(method, { ...predictions, classes: predictions.classes.length });
  }
  if (method.kind === 'DLE' && predictions.kind === 'regression') {
    const losses = predictLosses(method.nannies, { table, predictions: predictions.values });
    return expectationOfLosses(method.metric, losses);
  }
  throw new RangeError(`estimated performance: ${method.metric} of ${predictions.kind}`);
}

/** The losses are the chances that the predicted class is wrong. */
function expectationOfClasses(
  { metric, curves }: Extract<EstimationMethod, { kind: 'CBPE' }>,
  predictions: ClassPredictions,
): Expectation {
  const calibrated = calibrateClasses(curves, predictions);
  const { labels, classes } = predictions;
  return {
    value: expectedMetric(metric, predictions, calibrated),
    losses: Float64Array.from(labels, (k, i) => 1 - calibrated[i * classes + k]),
  };
}

function expectationOfLosses(metric: LossMetric, losses: Float64Array): Expectation {
  // A sum of trees can fall below 0 where losses are small, which no mean loss does.
  const mean = Math.max(0, momentsOf(losses).mean);
  return { value: sumMetric(metric, Float64Array.of(mean), 1), losses };
}

function isClassMetric(metric: MetricName): metric is ClassMetric {
  return CLASS_METRICS.some((name) => name === metric);
}

function isLossMetric(metric: MetricName): metric is LossMetric {
  return LOSS_METRICS.some((name) => name === metric);
}

function withinRange(value: number, metric: MetricName): number {
  const most = METRIC_DIRECTION[metric] === 'higher' ? 1 : Infinity;
  return Math.max(0, Math.min(most, value));
}
