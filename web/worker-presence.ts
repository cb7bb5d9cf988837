/** Whether workers ask for work, as the server tells of a task queue. */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { COMPUTE_QUEUE, LIGHT_QUEUE, TRAINING_QUEUE } from '../workflows/contract.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** A worker that lives asks anew at least once a minute; the server remembers it for five. */
const GONE_AFTER_MS = 90_000;

const TYPE_OF = {
  [LIGHT_QUEUE]: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  [COMPUTE_QUEUE]: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  [TRAINING_QUEUE]: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
} as const;

type Queue = keyof typeof TYPE_OF;

/** ms since a worker last asked for work on the queue; null if none has lately. */
export async function heardOf(client: Client, queue: Queue): Promise<number | null> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType: TYPE_OF[queue],
  });
  const heard = pollers.map(({ lastAccessTime }) => Date.now() - tsToMs(lastAccessTime));
  const latest = Math.min(...heard);
  return latest <= GONE_AFTER_MS ? latest : null;
}

/** The queues on which no worker asks for work. */
export async function idleQueues(client: Client): Promise<readonly string[]> {
  const queues: readonly Queue[] = [LIGHT_QUEUE, COMPUTE_QUEUE, TRAINING_QUEUE];
  const heard = await Promise.all(queues.map((queue) => heardOf(client, queue)));
  return queues.filter((_queue, i) => heard[i] === null);
}
