import type { Task } from '../model.ts';
import type { Loss } from './loss.ts';

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

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A model scored on rows it was not trained on. */
export interface Evaluation {
  readonly rows: number;
  readonly primary: MetricEstimate;
  /** every metric of the task; a metric that is undefined on these rows is absent */
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
  /** the bootstrap interval of each of them; absent in evaluations of before there were any */
  readonly intervals?: Readonly<Partial<Record<MetricName, Interval>>>;
  /** mean loss per row (0/1 error, or squared error) with its variance: what later files are compared with */
  readonly loss: Loss;
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

/** The champion on a new file, beside what it scored before. */
export interface Performance {
  readonly current: Evaluation;
  /** on the rows held out of its training and on its first files: see `growBaseline` */
  readonly baseline: Evaluation;
  /** absent where the baseline is the held-out rows alone, in reports of before it grew */
  readonly baselineOf?: BaselineRows;
  /** one-sided Welch test on the losses: is the champion worse than it was? */
  readonly pValue: number;
  /** how much worse the primary metric is, in its own unit; negative = better */
  readonly drop: number;
  /** absolute thresholds of the pipeline that do not hold */
  readonly breached: readonly ThresholdBreach[];
}

/** What a baseline consists of. */
export interface BaselineRows {
  /** rows held out of the champion's training */
  readonly heldOut: number;
  /** later files whose rows joined them */
  readonly files: number;
  /** labelled rows of those files together */
  readonly fileRows: number;
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
  /** challenger minus champion, signed so that above 0 is better, with its paired interval */
  readonly gain: Interval & { readonly value: number };
  readonly margin: number;
  /** absent in comparisons of before it was told */
  readonly test?: GateTest;
  /** what these rows can tell; absent where no gain varies */
  readonly power?: GatePower;
  /** named segments and classes, at most 20; absent where there are none */
  readonly groups?: readonly GroupComparison[];
  readonly verdict: 'promote' | 'refuse' | 'undecided';
  /** one sentence for people */
  readonly reason: string;
}

/** The paired test of a gain. */
export interface GateTest {
  readonly name: 'mcnemar' | 'delong' | 'bootstrap';
  /** one-sided: the chance of such a gain, or a larger one, if the challenger were just as bad as it may be */
  readonly pValue: number;
}

/** What a comparison on so many rows can show, at its confidence, with a power of 80 %. */
export interface GatePower {
  /** the smallest true gain that would be found in 80 % of such comparisons, in the metric's unit */
  readonly detectable: number;
  /** rows on which a true gain as large as the one measured would be; absent where none was */
  readonly rowsNeeded?: number;
}

/** A challenger against a champion on a part of the rows. */
export interface GroupComparison {
  readonly kind: 'class' | 'segment';
  readonly name: string;
  readonly rows: number;
  /** in what: F1 of a class, share right or RMSE of a segment */
  readonly measure: 'f1' | 'accuracy' | 'rmse';
  readonly champion: number;
  readonly challenger: number;
  /** above 0 is better; of an RMSE as a share of the champion's */
  readonly gain: Interval & { readonly value: number };
  /** the largest loss that does not count */
  readonly tolerance: number;
  /** of losing more than that, corrected over all groups */
  readonly pValue: number;
  readonly verdict: 'unharmed' | 'harmed' | 'unclear' | 'too few';
}
