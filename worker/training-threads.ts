import { Piscina } from 'piscina';
import type { Compute, TaskInput, TaskName, TaskResult } from '../activities/compute.ts';
import { TaskFailure, type ThrownError } from '../activities/compute-processes.ts';
import { openCheckpoints } from '../activities/training/checkpoints.ts';
import type { TaskSettings } from './task-environment.ts';

export interface TrainingTaskRequest {
  readonly name: TaskName;
  readonly input: unknown;
}

export type TaskReply =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: ThrownError };

/** Run from its sources, a thread has to register the TypeScript loader first. */
const threadFile = import.meta.url.endsWith('.ts')
  ? './start-training-thread.mjs'
  : './training-thread.js';

/**
 * Starts the threads of a process that trains. A thread is never ended while it works, since native code that is under
 * way would end the whole process: who wants to stop a training ends its process.
 * @param threads how many tasks run at once; further ones wait in order
 */
export function startTrainingThreads(threads: number, settings: TaskSettings): Compute {
  const pool = new Piscina<TrainingTaskRequest, TaskReply>({
    filename: new URL(threadFile, import.meta.url).href,
    name: 'runTask',
    minThreads: threads,
    maxThreads: threads,
    workerData: settings,
  });
  return {
    threads,
    checkpoints: openCheckpoints(settings.checkpointsFolder),
    async run<N extends TaskName>(
      name: N,
      input: TaskInput<N>,
      { signal }: { readonly signal?: AbortSignal } = {},
    ): Promise<TaskResult<N>> {
      signal?.throwIfAborted();
      const reply = await pool.run({ name, input });
      if (reply.kind === 'failed') throw new TaskFailure(reply.error);
      // The thread runs the task of this name, so its result is of this type.
      return reply.result as TaskResult<N>;
    },
  };
}
