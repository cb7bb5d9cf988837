import { METRIC_DIRECTION, METRIC_NAMES } from '../metrics/evaluation.ts';
import type { Evaluation, MetricName } from '../metrics/evaluation.ts';

/** By how much a metric has to improve for a change to be worth it. */
export interface MinimumGain {
  /** in the metric's unit, or as a share of the champion's value */
  readonly kind: 'absolute' | 'relative';
  /** 0 or above */
  readonly value: number;
}

export type MinimumGains = Readonly<Partial<Record<MetricName, MinimumGain | undefined>>>;

export interface MissedGain {
  readonly metric: MetricName;
  readonly before: number;
  readonly after: number;
  /** smallest gain asked for, in the metric's unit */
  readonly required: number;
}

/** The first metric that does not improve by as much as it should; one that is undefined on these rows is passed over. */
export function missedGain(
  before: Evaluation['metrics'],
  after: Evaluation['metrics'],
  minimum: MinimumGains,
): MissedGain | undefined {
  for (const metric of METRIC_NAMES) {
    const [from, to, asked] = [before[metric], after[metric], minimum[metric]];
    if (from === undefined || to === undefined || asked === undefined) continue;
    const required = asked.kind === 'absolute' ? asked.value : asked.value * Math.abs(from);
    const gain = METRIC_DIRECTION[metric] === 'higher' ? to - from : from - to;
    if (gain < required) return { metric, before: from, after: to, required };
  }
  return undefined;
}
