/** What a list of pipelines shows of one, kept where a list is read from: in the memo of its workflow. */
import type { BreakerState } from '../../core/breaker.ts';
import type { MetricEstimate } from '../../core/models/metrics/evaluation.ts';
import type { Request, RunSummary } from './runs.ts';

/** The field of the memo that holds a `PipelineMemo`. */
export const PIPELINE_MEMO = 'calmops';

/** A pipeline as it was at a moment; all texts are cut. What it works on is told by its open run, not here. */
export interface PipelineMemo {
  readonly version: 1;
  /** ISO 8601, when it was so */
  readonly at: string;
  readonly description: string;
  readonly paused: (Request & { readonly at: string }) | null;
  readonly queued: number;
  /** files that have their outcome */
  readonly runs: number;
  readonly champion: {
    readonly id: string;
    readonly trainedOn: string;
    /** ISO 8601 */
    readonly since: string;
    readonly score: MetricEstimate;
  } | null;
  /** the challenger that runs beside the champion */
  readonly shadow: {
    readonly id: string;
    readonly filesSeen: number;
    readonly files: number;
  } | null;
  readonly breaker: BreakerState;
  readonly last: Pick<
    RunSummary,
    'fileName' | 'sha256' | 'revision' | 'outcome' | 'reason' | 'finishedAt'
  > | null;
}
