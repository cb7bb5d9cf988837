import { Piscina } from 'piscina';
import type { Environment } from '../activities/environment.ts';
import {
  TaskFailure,
  type Compute,
  type TaskInput,
  type TaskName,
  type TaskResult,
} from '../activities/compute.ts';

/** What a compute thread is told when it starts. */
export interface ThreadData {
  readonly storeFolder: string;
  readonly scratchFolder: string;
  readonly checkpointsFolder: string;
  readonly codeVersion: string;
  readonly fitMemory: Environment['fitMemory'];
}

export interface TaskRequest {
  readonly name: TaskName;
  readonly input: unknown;
}

/** Errors lose their class on the way between threads, so they travel as data. */
export type TaskReply =
  | { readonly kind: 'done'; readonly result: unknown }
  | {
      readonly kind: 'failed';
      readonly type: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** A pool of compute threads that lives as long as its worker. */
export interface ComputePool extends Compute {
  close(): Promise<void>;
}

/** Run from its sources, a thread has to register the TypeScript loader first. */
const threadFile = import.meta.url.endsWith('.ts')
  ? './start-compute-thread.mjs'
  : './compute-thread.js';

/**
 * Starts the threads.
 * @param threads how many tasks run at once; further ones wait in order
 */
export function startComputePool(threads: number, data: ThreadData): ComputePool {
  const pool = new Piscina<TaskRequest, TaskReply>({
    filename: new URL(threadFile, import.meta.url).href,
    name: 'runTask',
    minThreads: threads,
    maxThreads: threads,
    workerData: data,
  });
  return {
    threads,
    async run<N extends TaskName>(
      name: N,
      input: TaskInput<N>,
      { signal }: { readonly signal?: AbortSignal } = {},
    ): Promise<TaskResult<N>> {
      const reply = await pool.run({ name, input }, signal === undefined ? {} : { signal });
      if (reply.kind === 'failed') throw new TaskFailure(reply.type, reply.message, reply.stack);
      // The thread runs the task of this name, so its result is of this type.
      return reply.result as TaskResult<N>;
    },
    close: () => pool.close({ force: true }),
  };
}
