import { METRIC_DIRECTION, type MetricName } from '../../models/evaluation.ts';

/** What one metric says under a rule of CalmOps for Python. */
export interface MetricVote {
  readonly metric: MetricName;
  readonly value: number;
  /** the least (where more is better) or the greatest value without a flag */
  readonly limit: number;
  readonly flagged: boolean;
}

export interface MetricVerdict {
  readonly votes: readonly MetricVote[];
  /** at least half of the metrics are flagged */
  readonly degraded: boolean;
}

type Metrics = Readonly<Partial<Record<MetricName, number>>>;

/**
 * Absolute degradation as in CalmOps for Python: a metric is flagged on the wrong side of its threshold, and the model
 * has degraded if at least half of the metrics are flagged.
 *
 * The rule, without its defects: only metrics that have a threshold vote, where those without one voted by defaults
 * that no one had set; metrics are those of the task in every number of classes, where F1 was for two classes only
 * and an error of regression ended the run.
 *
 * @param thresholds of those metrics that are measured; others have no vote
 */
export function degradedAbsolutely(metrics: Metrics, thresholds: Metrics): MetricVerdict {
  return verdictOf(
    namesOf(thresholds).map((metric) => voteOf(metric, metrics[metric], thresholds[metric])),
  );
}

/** The relative loss from which a metric is flagged. */
const DECAY = 0.3;

/**
 * Relative degradation as in CalmOps for Python: a metric is flagged if it is worse than the previous model's on the
 * same rows by 30 % of that, and the model has degraded if at least half of the metrics are flagged.
 *
 * The rule, without its defects: metrics that may be near or below 0, such as R², are left out, since 30 % of next to
 * nothing is nothing.
 *
 * @param current of the model in force
 * @param previous of the one before it
 */
export function degradedRelatively(current: Metrics, previous: Metrics): MetricVerdict {
  return verdictOf(
    namesOf(previous)
      .filter((metric) => metric !== 'r2')
      .map((metric) => {
        const before = previous[metric] ?? NaN;
        const sign = METRIC_DIRECTION[metric] === 'higher' ? -1 : 1;
        return voteOf(metric, current[metric], before + sign * DECAY * Math.abs(before), true);
      }),
  );
}

function namesOf(metrics: Metrics): readonly MetricName[] {
  return (Object.keys(METRIC_DIRECTION) as MetricName[]).filter(
    (name) => metrics[name] !== undefined,
  );
}

/** Null where the metric has no value. @param inclusive whether the limit itself is flagged */
function voteOf(
  metric: MetricName,
  value: number | undefined,
  limit: number | undefined,
  inclusive: boolean = false,
): MetricVote | null {
  if (value === undefined || limit === undefined) return null;
  const isBeyond = METRIC_DIRECTION[metric] === 'higher' ? value < limit : value > limit;
  return { metric, value, limit, flagged: isBeyond || (inclusive && value === limit) };
}

function verdictOf(votes: readonly (MetricVote | null)[]): MetricVerdict {
  const counted = votes.filter((vote) => vote !== null);
  const flagged = counted.filter((vote) => vote.flagged).length;
  return { votes: counted, degraded: counted.length > 0 && 2 * flagged >= counted.length };
}
