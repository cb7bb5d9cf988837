import { DEFAULT_BOOSTING } from '../../models/boosting/params.ts';
import { deriveSeed } from '../../random.ts';
import { fitModel } from '../../models/fit.ts';
import type { EstimatorParams } from '../../models/fit.ts';
import type { FeatureSchema, Model } from '../../models/model.ts';
import { columnOf } from '../../table.ts';
import type { Table } from '../../table.ts';
import { requireChunks, tooFewChunks } from './chunks.ts';
import type { Insufficient } from './chunks.ts';
import {
  isRoot,
  LOSS_OF_METRIC,
  metricOfMeanLoss,
  REGRESSION_METRICS,
  rowLosses,
} from './row-losses.ts';
import type { RegressionMetric, RowLoss } from './row-losses.ts';
import { estimateOf, thresholdsOf } from './thresholds.ts';
import type { EstimatedMetric, Thresholds } from './thresholds.ts';

/** Regressors of fewer rows learn little of what makes errors large. */
const MIN_ROWS = 100;

const RANGE = { least: 0, greatest: Infinity };

/** What a regression model said of some rows. */
export interface PredictedRows {
  /** n rows with the model's features */
  readonly table: Table;
  /** n finite numbers */
  readonly predictions: Float64Array;
}

/** Of rows whose outcomes are known. */
export interface LabelledRows extends PredictedRows {
  /** n finite numbers */
  readonly outcomes: Float64Array;
}

export interface DleOptions {
  /** what the monitored model reads */
  readonly features: readonly FeatureSchema[];
  /** metrics to estimate; absent: mae and rmse. Each kind of loss among them costs the fit of one regressor. */
  readonly metrics?: readonly RegressionMetric[];
  /** estimator of the losses; absent: gradient boosting as scikit-learn's defaults have it */
  readonly params?: EstimatorParams;
  readonly seed: number;
}

/** Direct loss estimation of a regression model, fitted. */
export interface Dle {
  readonly kind: 'dle';
  /** a metric that is not defined on the reference is absent */
  readonly metrics: Readonly<Partial<Record<RegressionMetric, ReferenceLoss>>>;
}

/** What the reference says of a metric. */
export interface ReferenceLoss {
  /** predicts the loss of a row; metrics of one loss share it */
  readonly nanny: Model;
  /** column of the nanny's that holds the monitored model's predictions */
  readonly predictionColumn: string;
  /** mean and standard deviation (ddof 0) of the loss on the reference */
  readonly mean: number;
  readonly deviation: number;
  readonly thresholds: Thresholds;
}

/**
 * Learns to estimate the performance of a regression model where no labels are known.
 *
 * For each loss a regressor (the nanny) learns the loss of a row from its features and its prediction. What is
 * usual of a metric is what it was on the reference's chunks: mean ± 3 standard deviations. The estimates hold
 * under covariate shift within what the reference has seen; a change of the outcome given the features cannot be
 * seen without labels.
 *
 * @param reference rows that the model was not trained on, in order
 * @param chunks rows (indices) of each chunk of the reference, of about the size of those to be estimated; at least 5
 * @returns insufficient with fewer than 5 chunks or 100 rows
 * @throws RangeError if the lengths differ, a number is not finite, a feature is absent, a chunk is empty or not
 *   of the reference, or the estimator is not for regression
 * @see NannyML 0.13.1, "Direct loss estimation"
 */
export function fitDle(
  reference: LabelledRows,
  chunks: readonly Int32Array[],
  options: DleOptions,
): Dle | Insufficient {
  const { outcomes } = reference;
  requirePredicted(reference);
  requireFinite('outcome', outcomes, reference.table.rows);
  requireChunks('dle', chunks, outcomes.length);
  const insufficient = tooFewChunks(chunks) ?? tooFewRows(outcomes.length);
  if (insufficient !== null) return insufficient;
  const wanted = options.metrics ?? ['mae', 'rmse'];
  const metrics: Partial<Record<RegressionMetric, ReferenceLoss>> = {};
  for (const loss of new Set(wanted.map((metric) => LOSS_OF_METRIC[metric]))) {
    const learned = learnLoss(loss, reference, options);
    if (learned === undefined) continue;
    for (const metric of wanted) {
      if (LOSS_OF_METRIC[metric] !== loss) continue;
      metrics[metric] = referenceLoss(metric, learned, chunks);
    }
  }
  return { kind: 'dle', metrics };
}

/**
 * Estimates the metrics of a chunk without labels.
 *
 * @param chunk n rows
 * @throws RangeError if n is 0, the lengths differ, a prediction is not finite, or a feature is absent
 */
export function estimateDle(
  dle: Dle,
  chunk: PredictedRows,
): Partial<Record<RegressionMetric, EstimatedMetric>> {
  requirePredicted(chunk);
  const estimates: Partial<Record<RegressionMetric, EstimatedMetric>> = {};
  const meanLossOf = new Map<Model, number>();
  for (const metric of REGRESSION_METRICS) {
    const known = dle.metrics[metric];
    if (known === undefined) continue;
    const meanLoss = meanLossOf.get(known.nanny) ?? meanPredictedLoss(known, chunk);
    meanLossOf.set(known.nanny, meanLoss);
    const value = metricOfMeanLoss(metric, meanLoss);
    const error = samplingErrorOf(metric, known, chunk.predictions.length);
    estimates[metric] = estimateOf(value, error, known.thresholds, RANGE);
  }
  return estimates;
}

interface LearnedLoss {
  readonly losses: Float64Array;
  readonly nanny: Model;
  readonly predictionColumn: string;
}

function learnLoss(
  loss: RowLoss,
  { table, predictions, outcomes }: LabelledRows,
  { features, params = DEFAULT_BOOSTING, seed }: DleOptions,
): LearnedLoss | undefined {
  const losses = rowLosses(loss, outcomes, predictions);
  if (losses === undefined) return undefined;
  const names = features.map(({ name }) => name);
  const predictionColumn = nameUnlike('prediction', names);
  const target = nameUnlike('loss', [...names, predictionColumn]);
  const columns = [
    ...names.map((name) => columnOf(table, name)),
    { kind: 'numeric', name: predictionColumn, values: predictions } as const,
    { kind: 'numeric', name: target, values: losses } as const,
  ];
  const schema = {
    target,
    task: 'regression',
    features: [...features, { kind: 'numeric', name: predictionColumn }],
    classes: [],
  } as const;
  const rows = Int32Array.from(losses, (_, i) => i);
  const seedOfLoss = deriveSeed(seed, Object.values(LOSS_OF_METRIC).indexOf(loss));
  const nanny = fitModel({ rows: table.rows, columns }, rows, schema, params, seedOfLoss);
  return { losses, nanny, predictionColumn };
}

function referenceLoss(
  metric: RegressionMetric,
  { losses, nanny, predictionColumn }: LearnedLoss,
  chunks: readonly Int32Array[],
): ReferenceLoss {
  const realised = chunks.map((rows) =>
    metricOfMeanLoss(metric, meanOf(Float64Array.from(rows, (row) => losses[row]))),
  );
  const mean = meanOf(losses);
  const deviation = Math.sqrt(meanOf(losses.map((loss) => (loss - mean) ** 2)));
  return { nanny, predictionColumn, mean, deviation, thresholds: thresholdsOf(realised, RANGE) };
}

/** Of a mean, deviation/√n; of its root, by the delta method, deviation/(2·√(n·mean)). */
function samplingErrorOf(
  metric: RegressionMetric,
  { mean, deviation }: ReferenceLoss,
  n: number,
): number {
  const ofMean = deviation / Math.sqrt(n);
  if (!isRoot(metric)) return ofMean;
  return mean > 0 ? ofMean / (2 * Math.sqrt(mean)) : 0;
}

function meanPredictedLoss(
  { nanny, predictionColumn }: ReferenceLoss,
  { table, predictions }: PredictedRows,
): number {
  const columns = [
    ...table.columns.filter(({ name }) => name !== predictionColumn),
    { kind: 'numeric', name: predictionColumn, values: predictions } as const,
  ];
  const predicted = nanny.predict({ rows: table.rows, columns });
  if (predicted.kind !== 'regression') {
    throw new RangeError(`dle: losses are numbers, the estimator gives ${predicted.kind}`);
  }
  return meanOf(predicted.values);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** The name, with as many underscores as make it unlike the others. */
function nameUnlike(name: string, others: readonly string[]): string {
  return others.includes(name) ? nameUnlike(`${name}_`, others) : name;
}

function tooFewRows(n: number): Insufficient | null {
  if (n >= MIN_ROWS) return null;
  const reason = `${n} rows of reference, at least ${MIN_ROWS} are needed to learn what makes errors large`;
  return { kind: 'insufficient', n, required: MIN_ROWS, reason };
}

function requirePredicted({ table, predictions }: PredictedRows): void {
  if (table.rows === 0) throw new RangeError('dle: no row');
  requireFinite('prediction', predictions, table.rows);
}

function requireFinite(what: string, values: Float64Array, rows: number): void {
  if (values.length !== rows) {
    throw new RangeError(`dle: ${values.length} ${what}s for ${rows} rows; as many are needed`);
  }
  const strange = values.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0) {
    throw new RangeError(`dle: ${what} ${strange + 1} is ${values[strange]}, not a finite number`);
  }
}
