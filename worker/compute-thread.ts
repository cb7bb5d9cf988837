import { workerData } from 'node:worker_threads';
import type { Environment } from '../activities/environment.ts';
import { openCheckpoints } from '../activities/training/checkpoints.ts';
import { createRecentTables } from '../activities/datasets/recent-tables.ts';
import { tasks } from '../activities/tasks.ts';
import { openLocalStore } from '../store/local-store.ts';
import type { TaskReply, TaskRequest, ThreadData } from './compute-pool.ts';

const { storeFolder, scratchFolder, checkpointsFolder, codeVersion, fitMemory } =
  threadData(workerData);
const environment: Environment = {
  store: openLocalStore(storeFolder),
  recentTables: createRecentTables(),
  checkpoints: openCheckpoints(checkpointsFolder),
  scratchFolder,
  codeVersion,
  fitMemory,
};

/** The entry of a compute thread: runs one task at a time. */
export async function runTask({ name, input }: TaskRequest): Promise<TaskReply> {
  const task = tasks[name] as (input: unknown, environment: Environment) => unknown;
  try {
    return { kind: 'done', result: await task(input, environment) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'failed', type: error.name, message: error.message, stack: error.stack };
  }
}

/** Piscina hands over its own data beside ours. */
function threadData(data: unknown): ThreadData {
  return (Array.isArray(data) ? data.at(-1) : data) as ThreadData;
}
