/** What the dashboard asks of Temporal and tells it, and what may be wrong with the answers. */
import type { QueryDefinition, UpdateDefinition } from '@temporalio/common';
import type { PipelineMemo } from '../workflows/contract.ts';

/** Nothing else of the client is used for reading. */
export interface TemporalReader {
  /** Every pipeline whose workflow runs, by name. Answered without a worker, a moment behind the truth. */
  pipelines(): Promise<PipelineList>;
  /**
   * Of a workflow that runs.
   * @throws UnknownWorkflowError if there is no such workflow
   * @throws EndedWorkflowError if it has ended: what it would answer is how it was then
   * @throws UnansweredError if nobody answered in time, or nobody can
   */
  query<Answer, Args extends unknown[]>(
    workflowId: string,
    definition: QueryDefinition<Answer, Args>,
    ...args: Args
  ): Promise<Answer>;
  /** As `query`, also of a workflow that has ended. */
  queryEnded<Answer>(workflowId: string, definition: QueryDefinition<Answer>): Promise<Answer>;
  /** Activities that have begun or wait for a worker. Answered without a worker. Throws like `query`. */
  activities(workflowId: string): Promise<readonly ActivityProgress[]>;
  /** Ids of open workflows whose code fails in the worker, as far as the server tells. Throws UnansweredError. */
  failingWorkflows(): Promise<readonly string[]>;
}

/** What the dashboard tells Temporal. */
export interface TemporalWriter {
  /**
   * Waits until the workflow has taken the update. The same `updateId` again changes nothing.
   * @throws RefusedError if the workflow will not do it
   * @throws UnknownWorkflowError, UnansweredError
   */
  update<Arg>(
    workflowId: string,
    definition: UpdateDefinition<void, [Arg]>,
    arg: Arg,
    updateId: string,
  ): Promise<void>;
}

export interface PipelineList {
  /** by name */
  readonly pipelines: readonly VisiblePipeline[];
  /** the task queues that no worker polls: what waits there waits */
  readonly idleQueues: readonly string[];
}

/** A pipeline as the server's lists of workflows show it. */
export interface VisiblePipeline {
  readonly name: string;
  /** null when its workflow has written none: it runs code that did not, or has just begun anew */
  readonly memo: PipelineMemo | null;
  /** the file whose run is open */
  readonly working: { readonly fileName: string; readonly workflowId: string } | null;
  /** its code, or that of its open run, fails in the worker */
  readonly failing: boolean;
}

export interface ActivityProgress {
  readonly type: string;
  readonly state: 'waiting' | 'running';
  /** from 1 */
  readonly attempt: number;
  /** message of the failure of the attempt before */
  readonly lastFailure: string | null;
  /** ISO 8601, when the next attempt begins, while it waits for that */
  readonly nextAttemptAt: string | null;
  /** share done, 0 to 1 */
  readonly done: number | null;
  readonly note: string | null;
}

export class UnknownWorkflowError extends Error {
  override name = 'UnknownWorkflowError';
}

/** The workflow has ended; the message says how, to people. */
export class EndedWorkflowError extends Error {
  override name = 'EndedWorkflowError';
}

/** Nobody answered, or nobody can; the message says it to people. */
export class UnansweredError extends Error {
  override name = 'UnansweredError';
  /** `worker`: none is there, or it is busy; `workflow`: its code fails there, for this workflow alone */
  readonly who: 'server' | 'worker' | 'workflow';

  constructor(who: UnansweredError['who'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.who = who;
  }
}

export class RefusedError extends Error {
  override name = 'RefusedError';
}
