import type { Rows } from '../../stats/design-effect.ts';
import { bootstrapMetrics, percentileInterval } from './bootstrap.ts';
import { confusionOf } from './count-metrics.ts';
import { DEFAULT_METRIC, METRIC_DIRECTION, METRICS_OF_TASK } from './evaluation.ts';
import type {
  Evaluation,
  MetricEstimate,
  MetricName,
  Performance,
  ThresholdBreach,
} from './evaluation.ts';
import { largerLossPValue, measureLoss } from './loss.ts';
import type { MeasuredLoss } from './loss.ts';
import { metricOf, metricsOf } from './metrics.ts';
import type { Outcomes, Predictions } from '../model.ts';
import { residualQuantiles } from './residuals.ts';
import { scored } from './scored.ts';
import type { Scored } from './scored.ts';

/** Absolute limits: at least the number where higher is better (`METRIC_DIRECTION`), at most where lower is. */
export type Thresholds = Readonly<Partial<Record<MetricName, number | undefined>>>;

export interface EvaluateOptions {
  /** of the interval, in (0, 1) */
  readonly confidence: number;
  readonly seed: number;
  /** which metrics get an interval; `all` when absent, `primary` where many evaluations are made in a row */
  readonly intervals?: 'all' | 'primary';
  /** `learned`: how errors of neighbouring rows resemble one another is told as well */
  readonly errors?: Rows;
}

/**
 * Scores predictions: every metric of the task with its bootstrap percentile interval, which of them is the primary one, the
 * loss per row that later files are compared with, and where the errors are.
 *
 * Where the primary metric is undefined on these rows (R² of outcomes that do not vary), the default metric of
 * the task stands in; its name says so. The intervals cost about the same for any number of rows: see `bootstrapMetrics`.
 * @throws RangeError if there is no row, predictions and outcomes do not match, the metric is not of the task, or
 *   the confidence is not in (0, 1)
 */
export function evaluate(
  predictions: Predictions,
  outcomes: Outcomes,
  metric: MetricName,
  options: EvaluateOptions,
): Evaluation {
  requireConfidence(options.confidence);
  const scores = scored(predictions, outcomes);
  const name = definedMetric(metric, [scores]);
  const metrics = metricsOf(scores);
  const names = METRICS_OF_TASK[scores.kind].filter((each) => metrics[each] !== undefined);
  const wanted = options.intervals === 'primary' ? [name] : names;
  const replicates = bootstrapMetrics(wanted, [scores], options.seed);
  const estimates = wanted.map((each) => {
    const [own] = replicates.get(each) ?? [];
    return estimateOf({ name: each, value: valueOf(each, metrics) }, own, options.confidence);
  });
  const [primary] = estimates.filter((estimate) => estimate.name === name);
  return {
    rows: scores.rows,
    primary,
    metrics,
    intervals: Object.fromEntries(
      estimates.map(({ name: each, low, high }) => [each, { low, high }]),
    ),
    loss: measureLoss(scores, options.errors).loss,
    ...errorsOf(scores, outcomes),
  };
}

/**
 * The champion on a new file beside what it scored before: see `growBaseline`.
 *
 * The p-value says whether the mean loss is now larger than it was: see `largerLossPValue`.
 * @param rows how many independent ones they count as
 */
export function comparePerformance(
  current: Evaluation,
  baseline: Evaluation,
  thresholds: Thresholds,
  rows: Rows = 'independent',
): Performance {
  return {
    current,
    baseline,
    pValue: largerLossPValue(measuredOf(current), measuredOf(baseline), rows),
    drop: dropOf(current, baseline),
    breached: breachesOf(current.metrics, thresholds),
  };
}

/** The thresholds that metrics do not keep, in the order of the metrics; an absent metric breaks none. */
export function breachesOf(
  metrics: Evaluation['metrics'],
  thresholds: Thresholds,
): readonly ThresholdBreach[] {
  const breaches: ThresholdBreach[] = [];
  for (const metric of [...METRICS_OF_TASK.classification, ...METRICS_OF_TASK.regression]) {
    const value = metrics[metric];
    const threshold = thresholds[metric];
    if (value === undefined || threshold === undefined) continue;
    const holds = METRIC_DIRECTION[metric] === 'higher' ? value >= threshold : value <= threshold;
    if (!holds) breaches.push({ metric, value, threshold });
  }
  return breaches;
}

/**
 * The metric, or the default one of the task where it is undefined for one of the models on these rows.
 * @throws RangeError if the metric is not of the task
 */
export function definedMetric(metric: MetricName, models: readonly Scored[]): MetricName {
  const task = models[0].kind;
  if (!METRICS_OF_TASK[task].includes(metric)) {
    throw new RangeError(
      `metric '${metric}' is not of ${task}; use ${METRICS_OF_TASK[task].join(', ')}`,
    );
  }
  const defined = models.every((scores) => metricOf(metric, scores) !== undefined);
  return defined ? metric : DEFAULT_METRIC[task];
}

/** @throws RangeError if the metric is undefined on the rows that were scored */
export function valueOf(name: MetricName, metrics: Evaluation['metrics']): number {
  const value = metrics[name];
  if (value === undefined) throw new RangeError(`${name} is undefined on these rows`);
  return value;
}

/**
 * A metric with the percentile interval of its resampled values, widened to hold
 * the value: resampling adds noise, which a distance such as the calibration error takes for distance.
 */
export function estimateOf(
  { name, value }: { readonly name: MetricName; readonly value: number },
  replicates: Float64Array,
  confidence: number,
): MetricEstimate {
  if (replicates.length === 0) return { name, value, low: value, high: value };
  const { low, high } = percentileInterval(replicates, confidence);
  return { name, value, low: Math.min(low, value), high: Math.max(high, value) };
}

/** @throws RangeError if it is not in (0, 1) */
export function requireConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`confidence must be in (0, 1), got ${confidence}`);
  }
}

function errorsOf(scores: Scored, outcomes: Outcomes): Pick<Evaluation, 'confusion' | 'residuals'> {
  if (scores.kind === 'regression') return { residuals: residualQuantiles(scores) };
  if (outcomes.kind === 'regression') return {};
  const confusion = confusionOf(scores, outcomes.classes);
  return confusion === undefined ? {} : { confusion };
}

function measuredOf({ rows, loss, metrics }: Evaluation): MeasuredLoss {
  return { task: metrics.accuracy === undefined ? 'regression' : 'classification', rows, loss };
}

/** In the unit of the current primary metric, or of the task's default one where the baseline lacks that. */
function dropOf(current: Evaluation, baseline: Evaluation): number {
  const { task } = measuredOf(current);
  const name =
    current.primary.name in baseline.metrics ? current.primary.name : DEFAULT_METRIC[task];
  const before = baseline.metrics[name];
  const after = current.metrics[name];
  if (before === undefined || after === undefined) {
    throw new RangeError(
      `comparePerformance: the evaluations are of different tasks, ${name} is not in both`,
    );
  }
  return METRIC_DIRECTION[name] === 'higher' ? before - after : after - before;
}
