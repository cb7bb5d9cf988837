import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import type { Installation } from './installation.ts';
import type { Part } from './parts.ts';

/** An activity that a worker has under way. */
export interface StartedActivity {
  readonly workflowId: string;
  readonly name: string;
  /** from 1 */
  readonly attempt: number;
  /** of the worker's process */
  readonly pid: number;
}

/** `PENDING_ACTIVITY_STATE_STARTED`: a worker has taken it. */
const STARTED = 2;

/** What the runs that are open have under way at this moment; nothing while the server does not answer. */
export async function startedActivities(client: Client): Promise<readonly StartedActivity[]> {
  try {
    return await client.withDeadline(Date.now() + 2_000, () => read(client));
  } catch (error) {
    // Whoever asks, asks again: servers are killed meanwhile, and runs end.
    const passes = [isGrpcServiceError, isOf(ServiceError), isOf(WorkflowNotFoundError)];
    if (passes.some((matches) => matches(error))) return [];
    throw error;
  }
}

const isOf =
  (type: new (...args: never[]) => Error) =>
  (error: unknown): boolean =>
    error instanceof type;

async function read(client: Client): Promise<readonly StartedActivity[]> {
  const found: StartedActivity[] = [];
  const open = client.workflow.list({
    query: "WorkflowType = 'monitorDataset' AND ExecutionStatus = 'Running'",
  });
  for await (const { workflowId } of open) {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    for (const { activityType, state, attempt, lastWorkerIdentity } of raw.pendingActivities ??
      []) {
      if (Number(state) !== STARTED) continue;
      const pid = Number.parseInt(lastWorkerIdentity ?? '', 10);
      found.push({ workflowId, name: activityType?.name ?? '', attempt: attempt ?? 1, pid });
    }
  }
  return found;
}

/** The part whose process has an activity of this name under way; null if none has. */
export async function workerOf(
  { client, parts }: Pick<Installation, 'client' | 'parts'>,
  activity: string,
): Promise<Part | null> {
  const started = await startedActivities(client);
  const pids = started.filter(({ name }) => name === activity).map(({ pid }) => pid);
  for (const part of ['worker', 'secondWorker'] as const) {
    const pid = parts.pid(part);
    if (pid !== null && pids.includes(pid)) return part;
  }
  return null;
}
