import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import {
  defaultPayloadConverter,
  type QueryDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import { z } from 'zod';

/** What the dashboard asks of Temporal. Nothing else of the client is used. */
export interface TemporalReader {
  /** Pipelines whose workflow runs, by name. Answered without a worker, a moment behind the truth. */
  runningPipelines(): Promise<readonly string[]>;
  /**
   * @throws UnknownWorkflowError if there is no such workflow
   * @throws UnansweredError if nobody answered in time
   */
  query<Answer, Args extends unknown[]>(
    workflowId: string,
    definition: QueryDefinition<Answer, Args>,
    ...args: Args
  ): Promise<Answer>;
  /** Activities that have begun or wait for a worker. Answered without a worker. Throws like `query`. */
  activities(workflowId: string): Promise<readonly ActivityProgress[]>;
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

export interface ActivityProgress {
  readonly type: string;
  readonly state: 'waiting' | 'running';
  /** from 1 */
  readonly attempt: number;
  /** message of the failure of the attempt before */
  readonly lastFailure: string | null;
  /** share done, 0 to 1 */
  readonly done: number | null;
  readonly note: string | null;
}

export class UnknownWorkflowError extends Error {
  override name = 'UnknownWorkflowError';
}

/** Nobody answered in time; the message says it to people. */
export class UnansweredError extends Error {
  override name = 'UnansweredError';
  readonly who: 'server' | 'worker';

  constructor(who: 'server' | 'worker', message: string, options?: ErrorOptions) {
    super(message, options);
    this.who = who;
  }
}

export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** Longer than a healthy answer takes, short enough for a page that is waited for. */
const READ_DEADLINE_MS = 2000;
/** Enough to tell a server that is down from a worker that is. */
const PROBE_DEADLINE_MS = 500;
const WRITE_DEADLINE_MS = 10_000;
/** More pipelines than this are not listed. */
const MAX_PIPELINES = 500;

const NOT_TAKEN =
  'Nobody took it within 10 s: no worker runs, or the Temporal server is down. It may still be done later: look again before you repeat it.';

const PIPELINES = `WorkflowType = 'monitorPipeline' AND ExecutionStatus = 'Running'`;
const PIPELINE_ID = /^pipeline\/(.+)$/;

export function createTemporalReader(client: Client): TemporalReader {
  const within = <T>(ms: number, ask: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + ms, ask);
  const serverAnswers = async (workflowId: string): Promise<boolean> =>
    within(PROBE_DEADLINE_MS, () => client.workflow.getHandle(workflowId).describe()).then(
      () => true,
      () => false,
    );
  return {
    runningPipelines: async () => {
      try {
        return await within(READ_DEADLINE_MS, () => listPipelines(client));
      } catch (error) {
        throw await understood(error, () => Promise.resolve(false));
      }
    },
    query: async (workflowId, definition, ...args) => {
      try {
        const handle = client.workflow.getHandle(workflowId);
        return await within(READ_DEADLINE_MS, () => handle.query(definition, ...args));
      } catch (error) {
        throw await understood(error, () => serverAnswers(workflowId));
      }
    },
    activities: async (workflowId) => {
      try {
        const handle = client.workflow.getHandle(workflowId);
        const { raw } = await within(READ_DEADLINE_MS, () => handle.describe());
        return (raw.pendingActivities ?? []).map(activityProgress);
      } catch (error) {
        throw await understood(error, () => Promise.resolve(false));
      }
    },
  };
}

export function createTemporalWriter(client: Client): TemporalWriter {
  return {
    update: async (workflowId, definition, arg, updateId) => {
      try {
        await client.withDeadline(Date.now() + WRITE_DEADLINE_MS, () =>
          client.workflow
            .getHandle(workflowId)
            .executeUpdate(definition, { args: [arg], updateId }),
        );
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) {
          throw new RefusedError(error.cause?.message ?? error.message, { cause: error });
        }
        if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
          throw new UnansweredError('worker', NOT_TAKEN, { cause: error });
        }
        throw await understood(error, () => Promise.resolve(false));
      }
    },
  };
}

async function listPipelines(client: Client): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: PIPELINES })) {
    const name = PIPELINE_ID.exec(workflowId)?.[1];
    if (name !== undefined) names.push(name);
    if (names.length === MAX_PIPELINES) break;
  }
  return names.sort();
}

/** Errors of the client in our terms; what is not about being reached passes as it is. */
async function understood(error: unknown, serverAnswers: () => Promise<boolean>): Promise<unknown> {
  if (error instanceof WorkflowNotFoundError) {
    return new UnknownWorkflowError(error.message, { cause: error });
  }
  if (!isAboutReaching(error)) return error;
  return (await serverAnswers())
    ? new UnansweredError('worker', NO_WORKER, { cause: error })
    : new UnansweredError('server', NO_SERVER, { cause: error });
}

const NO_WORKER = 'No worker answers. Files that arrive wait until one runs again.';
const NO_SERVER =
  'The Temporal server does not answer: start CalmOps (npm start), or look at TEMPORAL_ADDRESS.';

/**
 * gRPC codes that say that nobody answered: cancelled, deadline exceeded, resource exhausted, failed
 * precondition (a query that no worker takes), unavailable. Others are faults of their own.
 */
const UNREACHED: ReadonlySet<number> = new Set([1, 4, 8, 9, 14]);

/** The client wraps what gRPC says. */
function isAboutReaching(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcDeadlineError(error) || (isGrpcServiceError(cause) && UNREACHED.has(cause.code));
}

/** The parts of the server's answer that matter here. */
interface PendingActivity {
  readonly activityType?: { readonly name?: string | null } | null;
  readonly state?: number | null;
  readonly attempt?: number | null;
  readonly lastFailure?: { readonly message?: string | null } | null;
  readonly heartbeatDetails?: {
    readonly payloads?: Parameters<typeof defaultPayloadConverter.fromPayload>[0][] | null;
  } | null;
}

/** temporal.api.enums.v1.PendingActivityState */
const PENDING_ACTIVITY_STARTED = 2;

const heartbeatSchema = z.object({
  done: z.number().min(0).max(1).catch(0),
  note: z.string().max(500).optional(),
});

function activityProgress(pending: PendingActivity): ActivityProgress {
  const [payload] = pending.heartbeatDetails?.payloads ?? [];
  const heartbeat = heartbeatSchema.safeParse(
    payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload),
  ).data;
  return {
    type: pending.activityType?.name ?? 'activity',
    state: pending.state === PENDING_ACTIVITY_STARTED ? 'running' : 'waiting',
    attempt: pending.attempt ?? 1,
    lastFailure: pending.lastFailure?.message ?? null,
    done: heartbeat?.done ?? null,
    note: heartbeat?.note ?? null,
  };
}
