import type { trainingTasks } from './training/training-tasks.ts';

type Tasks = typeof trainingTasks;
export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Parameters<Tasks[N]>[0];
export type TaskResult<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>;

/** Runs the tasks of a training, several at a time, on threads that share the memory of the data that they train on. */
export interface Compute {
  /** tasks that can run at the same time */
  readonly threads: number;
  /** Rejects with what the task threw, or with the signal's reason if that is aborted before the task begins. */
  run<N extends TaskName>(
    name: N,
    input: TaskInput<N>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<TaskResult<N>>;
}
