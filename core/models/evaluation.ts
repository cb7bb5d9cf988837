import type { Task } from './model.ts';

export type MetricName = 'accuracy' | 'balancedAccuracy' | 'f1' | 'logLoss' | 'r2' | 'rmse' | 'mae';

/** Which way is better. */
export const METRIC_DIRECTION: Readonly<Record<MetricName, 'higher' | 'lower'>> = {
  accuracy: 'higher',
  balancedAccuracy: 'higher',
  f1: 'higher',
  logLoss: 'lower',
  r2: 'higher',
  rmse: 'lower',
  mae: 'lower',
};

/** Metrics as sentences name them. */
export const METRIC_WORDS: Readonly<Record<MetricName, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  f1: 'F1',
  logLoss: 'log-loss',
  r2: 'R²',
  rmse: 'RMSE',
  mae: 'MAE',
};

export const METRICS_OF_TASK: Readonly<Record<Task, readonly MetricName[]>> = {
  classification: ['accuracy', 'balancedAccuracy', 'f1', 'logLoss'],
  regression: ['r2', 'rmse', 'mae'],
};

export const DEFAULT_METRIC: Readonly<Record<Task, MetricName>> = {
  classification: 'accuracy',
  regression: 'rmse',
};

/** A metric on some rows with its bootstrap percentile interval. */
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
