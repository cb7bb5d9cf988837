import type { Checkpoints } from './training/checkpoints.ts';
import type { trainingTasks } from './training/training-tasks.ts';

type Tasks = typeof trainingTasks;
export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Parameters<Tasks[N]>[0];
export type TaskResult<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>;

/**
 * What a training works with: threads that run its tasks, several at a time, and share the memory of the data that they train on;
 * and where its finished parts are kept.
 */
export interface Compute {
  /** tasks that can run at the same time */
  readonly threads: number;
  readonly checkpoints: Checkpoints;
  /** Rejects with what the task threw, or with the signal's reason if that is aborted before the task begins. */
  run<N extends TaskName>(
    name: N,
    input: TaskInput<N>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<TaskResult<N>>;
}
