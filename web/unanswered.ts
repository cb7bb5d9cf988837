/** Why a workflow did not answer: who is to be looked after, the server, the worker, or the workflow's code. */
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import proto from '@temporalio/proto';
import { LIGHT_QUEUE } from '../workflows/contract.ts';
import { EndedWorkflowError, UnansweredError, UnknownWorkflowError } from './temporal.ts';
import { heardOf } from './worker-presence.ts';

const { EventType } = proto.temporal.api.enums.v1;

/** Enough to tell a server that is down from a worker that is. */
const PROBE_DEADLINE_MS = 1000;

const NO_SERVER =
  'The Temporal server does not answer: start CalmOps (npm start), or look at TEMPORAL_ADDRESS.';
const NO_WORKER = 'No worker answers. Files that arrive wait until one runs again.';

/** Characters of a worker's own words that are shown. */
const CAUSE_LIMIT = 300;

/** An error of the client in our terms; what is not about being reached passes as it is. */
export async function understood(
  client: Client,
  workflowId: string,
  error: unknown,
): Promise<unknown> {
  if (error instanceof UnansweredError || error instanceof EndedWorkflowError) return error;
  if (error instanceof WorkflowNotFoundError) {
    return new UnknownWorkflowError(error.message, { cause: error });
  }
  if (error instanceof QueryNotRegisteredError) return unfit(error);
  if (!isAboutReaching(error)) return error;
  try {
    return await client.withDeadline(Date.now() + PROBE_DEADLINE_MS, async () => {
      const found = await client.workflow.getHandle(workflowId).describe();
      return (
        endedError(found) ??
        (await failingCode(client, found)) ??
        new UnansweredError('worker', await worker(client), { cause: error })
      );
    });
  } catch (probing) {
    if (probing instanceof WorkflowNotFoundError) {
      return new UnknownWorkflowError(probing.message, { cause: error });
    }
    return new UnansweredError('server', NO_SERVER, { cause: error });
  }
}

/** The server is asked, not a workflow: if it was not reached, it is to blame. */
export function understoodOfServer(error: unknown): unknown {
  return isAboutReaching(error)
    ? new UnansweredError('server', NO_SERVER, { cause: error })
    : error;
}

/** Null while the workflow is open. */
export function endedError({
  status,
  closeTime,
}: WorkflowExecutionDescription): EndedWorkflowError | null {
  if (status.name === 'RUNNING' || status.name === 'PAUSED') return null;
  const how = HOW_ENDED[status.name] ?? 'has ended';
  const at = closeTime === undefined ? '' : ` at ${closeTime.toISOString().slice(0, 19)} UTC`;
  return new EndedWorkflowError(`Its workflow ${how}${at.replace('T', ' ')}.`);
}

const HOW_ENDED: Partial<Record<WorkflowExecutionDescription['status']['name'], string>> = {
  TERMINATED: 'was terminated',
  CANCELLED: 'was cancelled',
  FAILED: 'failed',
  TIMED_OUT: 'timed out',
  COMPLETED: 'was completed',
};

/**
 * Whether the workflow's tasks fail in the worker, as they do when its history does not fit the worker's code. The
 * first failure of a row stands in the history; the server repeats the task and keeps only the number of attempts.
 */
export async function failingCode(
  client: Client,
  { raw, workflowId, runId }: WorkflowExecutionDescription,
): Promise<UnansweredError | null> {
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempt < 2) return null;
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const newest = history?.events?.[0];
  if (newest?.eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED) {
    const told = newest.workflowTaskFailedEventAttributes?.failure?.message;
    return new UnansweredError('workflow', failingWords(told ?? 'no cause is known', attempt));
  }
  return attempt < 3 ? null : new UnansweredError('workflow', timingOutWords(attempt));
}

function failingWords(told: string, attempt: number | null): string {
  const tried = attempt === null ? '' : ` (attempt ${attempt})`;
  return `Its workflow code fails in the worker${tried}: ${cut(told)} It is tried again by itself, nothing is lost, and other pipelines go on. The worker's log has the whole error; run a worker whose code fits, such as the release before.`;
}

function timingOutWords(attempt: number): string {
  return `Its workflow tasks time out in the worker (attempt ${attempt}): the worker is overloaded, or keeps ending. It is tried again by itself, and nothing is lost; the worker's log says more.`;
}

/** The query reached a worker, and the workflow could not answer it there. */
function unfit(error: QueryNotRegisteredError): UnansweredError {
  const isOlder = /did not register a handler/i.test(error.message);
  const words = isOlder
    ? 'The worker runs another version of CalmOps than this dashboard, which it cannot answer. Run both from the same release.'
    : failingWords(error.message, null);
  return new UnansweredError(isOlder ? 'worker' : 'workflow', words, { cause: error });
}

/** A worker that polls and does not answer is busy, or ended a moment ago: the server cannot tell. */
async function worker(client: Client): Promise<string> {
  const heardMs = await heardOf(client, LIGHT_QUEUE);
  if (heardMs === null) return NO_WORKER;
  const ago = Math.max(0, Math.round(heardMs / 1000));
  return `A worker asked for work ${ago} s ago, and did not answer in time: it is busy, or has just ended. Files that arrive wait.`;
}

/**
 * gRPC codes that say that nobody answered: cancelled, deadline exceeded, resource exhausted, failed
 * precondition (a query that no worker takes), unavailable. Others are faults of their own.
 */
const UNREACHED: ReadonlySet<number> = new Set([1, 4, 8, 9, 14]);

/** The client wraps what gRPC says. */
function isAboutReaching(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcDeadlineError(error) || (isGrpcServiceError(cause) && UNREACHED.has(cause.code));
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const short = line.length <= CAUSE_LIMIT ? line : `${line.slice(0, CAUSE_LIMIT)}…`;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}
