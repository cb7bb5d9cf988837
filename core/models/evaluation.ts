import type { Task } from './model.ts';

const CLASSIFICATION_METRICS = [
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
  'ece',
] as const;

const REGRESSION_METRICS = ['r2', 'rmse', 'mae', 'mape', 'mse'] as const;

/** What models are scored by; `metricsOf` says how each is defined. */
export type MetricName =
  (typeof CLASSIFICATION_METRICS)[number] | (typeof REGRESSION_METRICS)[number];

export const METRICS_OF_TASK: Readonly<Record<Task, readonly MetricName[]>> = {
  classification: CLASSIFICATION_METRICS,
  regression: REGRESSION_METRICS,
};

export const METRIC_NAMES: readonly MetricName[] = [
  ...CLASSIFICATION_METRICS,
  ...REGRESSION_METRICS,
];

/** Which way is better. */
export const METRIC_DIRECTION: Readonly<Record<MetricName, 'higher' | 'lower'>> = {
  accuracy: 'higher',
  balancedAccuracy: 'higher',
  f1: 'higher',
  f1Micro: 'higher',
  precision: 'higher',
  recall: 'higher',
  specificity: 'higher',
  rocAuc: 'higher',
  prAuc: 'higher',
  logLoss: 'lower',
  brier: 'lower',
  ece: 'lower',
  r2: 'higher',
  rmse: 'lower',
  mae: 'lower',
  mape: 'lower',
  mse: 'lower',
};

/** Metrics as sentences name them. */
export const METRIC_WORDS: Readonly<Record<MetricName, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  f1: 'F1',
  f1Micro: 'micro F1',
  precision: 'precision',
  recall: 'recall',
  specificity: 'specificity',
  rocAuc: 'ROC-AUC',
  prAuc: 'PR-AUC',
  logLoss: 'log-loss',
  brier: 'Brier score',
  ece: 'calibration error',
  r2: 'R²',
  rmse: 'RMSE',
  mae: 'MAE',
  mape: 'MAPE',
  mse: 'MSE',
};

export const DEFAULT_METRIC: Readonly<Record<Task, MetricName>> = {
  classification: 'accuracy',
  regression: 'rmse',
};

/** A metric on some rows with its bootstrap interval, which holds the value. */
export interface MetricEstimate {
  readonly name: MetricName;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A model scored on rows it was not trained on. */
export interface Evaluation {
  readonly rows: number;
  readonly primary: MetricEstimate;
  /** every metric of the task; a metric that is undefined on these rows is absent */
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
  /** mean loss per row (0/1 error, or squared error) with its variance: what later files are compared with */
  readonly loss: { readonly mean: number; readonly variance: number };
  /** classification over few classes: see `confusionOf` */
  readonly confusion?: ConfusionMatrix;
  /** regression */
  readonly residuals?: ResidualQuantiles;
}

/** How many rows of each class were given which class. */
export interface ConfusionMatrix {
  readonly classes: readonly string[];
  /** a row for each true class, in it a count for each predicted one */
  readonly counts: readonly (readonly number[])[];
  /** what rows were given whose class the model does not know; absent when there are none */
  readonly unknown?: readonly number[];
}

/** Quantiles of outcome minus prediction, in the unit of the target. */
export interface ResidualQuantiles {
  readonly p05: number;
  readonly p50: number;
  readonly p95: number;
}

/** The champion on a new file, beside what it scored when it was chosen. */
export interface Performance {
  readonly current: Evaluation;
  readonly baseline: Evaluation;
  /** one-sided Welch test on the losses: is the champion worse than it was? */
  readonly pValue: number;
  /** how much worse the primary metric is, in its own unit; negative = better */
  readonly drop: number;
  /** absolute thresholds of the pipeline that do not hold */
  readonly breached: readonly ThresholdBreach[];
}

export interface ThresholdBreach {
  readonly metric: MetricName;
  readonly value: number;
  readonly threshold: number;
}

/** What the gate says of a challenger. */
export interface Comparison {
  readonly rows: number;
  readonly metric: MetricName;
  readonly champion: MetricEstimate;
  readonly challenger: MetricEstimate;
  /** challenger minus champion, signed so that above 0 is better, with its paired bootstrap interval */
  readonly gain: { readonly value: number; readonly low: number; readonly high: number };
  readonly margin: number;
  readonly verdict: 'promote' | 'refuse' | 'undecided';
  /** one sentence for people */
  readonly reason: string;
}
