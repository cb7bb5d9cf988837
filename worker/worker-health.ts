import proto from '@temporalio/proto';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { HealthFindings } from '../shell/health.ts';

const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;

const ANSWER_WITHIN_MS = 5_000;
/** The server forgets who polled after five minutes. */
const POLLED_WITHIN_MS = 5 * 60_000;

/**
 * How a worker finds itself: the state of its parts, and what the server knows of it. The server is asked who polls the
 * queue of the workflows; the queues of activities are not polled while all of their slots are taken.
 * @param parts the first one runs the workflows
 */
export async function workerHealth(
  parts: readonly [Worker, ...Worker[]],
  { connection, namespace }: { readonly connection: NativeConnection; readonly namespace: string },
): Promise<HealthFindings> {
  const states = parts.map((part) => [part.options.taskQueue, part.getState()] as const);
  const stopped = states.flatMap(([queue, state]) =>
    state === 'RUNNING' ? [] : [`The part of the worker for the queue ${queue} is ${state}.`],
  );
  const { lastPoll, problem } = await lastPollOf(parts[0], connection, namespace);
  return {
    problems: [...stopped, ...(problem === null ? [] : [problem])],
    facts: { ...Object.fromEntries(states), lastPoll: lastPoll?.toISOString() ?? null },
  };
}

interface LastPoll {
  readonly lastPoll: Date | null;
  readonly problem: string | null;
}

async function lastPollOf(
  worker: Worker,
  connection: NativeConnection,
  namespace: string,
): Promise<LastPoll> {
  const { identity, taskQueue } = worker.options;
  try {
    const { pollers } = await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
      }),
    );
    const own = pollers.find((poller) => poller.identity === identity);
    const seconds = own?.lastAccessTime?.seconds;
    if (seconds !== undefined && seconds !== null) {
      return { lastPoll: new Date(Number(seconds) * 1000), problem: null };
    }
    const young = process.uptime() * 1000 < POLLED_WITHIN_MS;
    const silent = `The Temporal server has not seen this worker for five minutes (queue ${taskQueue}).`;
    return { lastPoll: null, problem: young ? null : silent };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { lastPoll: null, problem: `The Temporal server cannot be asked: ${reason}` };
  }
}
