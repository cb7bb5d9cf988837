import type { Thresholds } from '../../models/metrics/evaluate.ts';
import {
  METRIC_DIRECTION,
  METRIC_NAMES,
  type MetricName,
} from '../../models/metrics/evaluation.ts';

/** What one metric says under a rule of CalmOps for Python. */
export interface MetricVote {
  readonly metric: MetricName;
  readonly value: number;
  /** the least (where more is better) or the greatest value without a flag */
  readonly limit: number;
  readonly flagged: boolean;
  /** the previous model's value; absent where the limit is a threshold */
  readonly previous?: number;
}

export interface MetricVerdict {
  readonly votes: readonly MetricVote[];
  /** at least half of the metrics are flagged */
  readonly degraded: boolean;
}

/** A champion on a file by the rule of CalmOps for Python. */
export interface Degradation {
  readonly absolute: MetricVerdict;
  /** against the previous model; null where there is none, or no row that is new to both */
  readonly relative: MetricVerdict | null;
}

type Metrics = Readonly<Partial<Record<MetricName, number>>>;

/** What metrics without a threshold of the pipeline vote by; those of the other task are not measured. */
const DEFAULT_THRESHOLDS: Metrics = {
  accuracy: 0.9,
  balancedAccuracy: 0.9,
  f1: 0.9,
  r2: 0.5,
  rmse: 1.2,
  mae: 0.2,
  mse: 0.4,
};

/**
 * Absolute degradation as in CalmOps for Python: a metric is flagged on the wrong side of its threshold, and the model
 * has degraded if at least half of the metrics are flagged. Accuracy, balanced accuracy and F1 vote by 0.9 where the
 * pipeline sets no threshold, R² by 0.5, and RMSE, MAE and MSE by 1.2, 0.2 and 0.4 in the unit of the target (its
 * square), which fit no target in particular.
 *
 * The rule, without its defects: a metric that the rule does not know votes too if the pipeline has a threshold for
 * it, where it passed unseen; F1 is the mean over the classes, where it was for two classes only and ended the run of
 * any other number; an error of regression is computed, where it ended the run.
 *
 * @param thresholds of the pipeline; those of metrics that are not measured have no vote
 */
export function degradedAbsolutely(metrics: Metrics, thresholds: Thresholds): MetricVerdict {
  return verdictOf(
    METRIC_NAMES.map((metric) =>
      voteOf(metric, metrics[metric], thresholds[metric] ?? DEFAULT_THRESHOLDS[metric]),
    ),
  );
}

/** The relative loss from which a metric is flagged. */
const DECAY = 0.3;
/** A previous value below this counts as this. */
const NEXT_TO_NOTHING = 1e-12;

const COMPARED: readonly MetricName[] = [
  'accuracy',
  'balancedAccuracy',
  'f1',
  'rmse',
  'mae',
  'mse',
];

/**
 * Relative degradation as in CalmOps for Python: of accuracy, balanced accuracy and F1, or RMSE, MAE and MSE, a metric
 * is flagged if it is worse than the previous model's on the same rows by 30 % of that, and the model has degraded if
 * at least half of the metrics are flagged.
 *
 * The rule, without its defect: R², which may be near or below 0, has no vote, since 30 % of next to nothing is
 * nothing.
 *
 * @param current of the model in force
 * @param previous of the one before it
 */
export function degradedRelatively(current: Metrics, previous: Metrics): MetricVerdict {
  return verdictOf(
    COMPARED.map((metric) => {
      const value = current[metric];
      const before = previous[metric];
      if (value === undefined || before === undefined) return null;
      const sign = METRIC_DIRECTION[metric] === 'higher' ? -1 : 1;
      const flagged = (sign * (value - before)) / Math.max(before, NEXT_TO_NOTHING) >= DECAY;
      return { metric, value, limit: before + sign * DECAY * before, flagged, previous: before };
    }),
  );
}

/** Null where the metric has no value, or no limit. */
function voteOf(
  metric: MetricName,
  value: number | undefined,
  limit: number | undefined,
): MetricVote | null {
  if (value === undefined || limit === undefined) return null;
  const flagged = METRIC_DIRECTION[metric] === 'higher' ? value < limit : value > limit;
  return { metric, value, limit, flagged };
}

function verdictOf(votes: readonly (MetricVote | null)[]): MetricVerdict {
  const counted = votes.filter((vote) => vote !== null);
  const flagged = counted.filter((vote) => vote.flagged).length;
  return { votes: counted, degraded: counted.length > 0 && 2 * flagged >= counted.length };
}
