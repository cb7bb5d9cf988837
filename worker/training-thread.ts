import { workerData } from 'node:worker_threads';
import { thrownError } from '../activities/compute-processes.ts';
import { trainingTasks } from '../activities/training/training-tasks.ts';
import { openEnvironment, type TaskSettings } from './task-environment.ts';
import type { TaskReply, TrainingTaskRequest } from './training-threads.ts';

const environment = openEnvironment(settingsIn(workerData));

/** The entry of a training thread: runs one task at a time. */
export async function runTask({ name, input }: TrainingTaskRequest): Promise<TaskReply> {
  const task = trainingTasks[name] as (input: unknown, of: typeof environment) => unknown;
  try {
    return { kind: 'done', result: await task(input, environment) };
  } catch (error) {
    return { kind: 'failed', error: thrownError(error) };
  }
}

/** Piscina hands over its own data beside ours. */
function settingsIn(data: unknown): TaskSettings {
  return (Array.isArray(data) ? data.at(-1) : data) as TaskSettings;
}
