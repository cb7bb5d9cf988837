import type { tasks } from './tasks.ts';

type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Parameters<Tasks[N]>[0];
export type TaskResult<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>;

/** Runs tasks away from the main thread, which must stay free for heartbeats and queries. */
export interface Compute {
  /** tasks that can run at the same time */
  readonly threads: number;
  /**
   * @throws TaskFailure if the task threw; the signal's reason if it was aborted, in which case the task is
   *   ended wherever it was
   */
  run<N extends TaskName>(
    name: N,
    input: TaskInput<N>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<TaskResult<N>>;
}

/** What a task threw, brought over from its thread with its name and stack. */
export class TaskFailure extends Error {
  override name = 'TaskFailure';
  /** the name of the error class that the task threw */
  readonly type: string;
  constructor(type: string, message: string, stack: string | undefined) {
    super(message);
    this.type = type;
    if (stack !== undefined) this.stack = stack;
  }
}
