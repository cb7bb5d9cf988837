import type { MetricEstimate } from '../../models/metrics/evaluation.ts';

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

/** Why there is no estimate. */
export interface NotEstimated {
  readonly kind: 'not estimated';
  /** a clause */
  readonly reason: string;
}

export type PerformanceEstimate = EstimatedPerformance | NotEstimated;

/** @param estimate absent or null where it was not asked for */
export function isEstimated(
  estimate: PerformanceEstimate | null | undefined,
): estimate is EstimatedPerformance {
  return estimate !== undefined && estimate !== null && 'method' in estimate;
}
