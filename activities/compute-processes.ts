import type { ProcessEnd } from '../processes/process-ended.ts';
import type { ComputeActivities, Damage, GivenConfig, ModelRef } from '../workflows/contract.ts';
import type { tasks } from './tasks.ts';
import type { Work } from './work.ts';

type Tasks = typeof tasks;
export type ProcessTaskName = keyof Tasks;
/** What a process is told: it brings the whole configuration from the store itself. */
export type ProcessTaskInput<N extends ProcessTaskName> = ByReference<Parameters<Tasks[N]>[0]>;
type ByReference<I> = Omit<I, 'config'> & { readonly config: GivenConfig };
export type ProcessTaskResult<N extends ProcessTaskName> = Awaited<ReturnType<Tasks[N]>>;

/**
 * Runs tasks in child processes, one task in one process at a time. The main thread stays free for heartbeats and
 * queries, and whatever a task does to its process, the worker and the other tasks go on.
 *
 * The promises reject with `TaskFailure` if the task threw, with `TaskProcessEnded` if its process ended first, and with
 * the signal's reason if that was aborted; the process is ended then.
 */
export interface ComputeProcesses {
  /** @param options.near the process that ran the last task of this name is preferred, since it may hold its data */
  run<N extends ProcessTaskName>(
    name: N,
    input: ProcessTaskInput<N>,
    options: { readonly signal: AbortSignal; readonly near?: string },
  ): Promise<ProcessTaskResult<N>>;
  /** Trains in a process of its own, at a low priority, on all threads. */
  train(input: Parameters<ComputeActivities['train']>[0], work: Work): Promise<ModelRef & Damage>;
}

/** What a task threw, brought over from its process with its name, code and stack. */
export class TaskFailure extends Error {
  override name = 'TaskFailure';
  /** the name of the error class that the task threw */
  readonly type: string;
  /** the code of a system error, such as ENOSPC */
  readonly code: string | undefined;
  constructor({ type, message, stack, code }: ThrownError) {
    super(message);
    this.type = type;
    this.code = code;
    if (stack !== undefined) this.stack = stack;
  }
}

/** Errors lose their class on the way between processes and threads, so they travel as data. */
export interface ThrownError {
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

/** What a task threw, as data. */
export function thrownError(error: unknown): ThrownError {
  if (!(error instanceof Error)) {
    return { type: 'Error', message: String(error), stack: undefined, code: undefined };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const type = error instanceof TaskFailure ? error.type : error.name;
  return { type, message: error.message, stack: error.stack, code };
}

/** The process of a task ended before the task did. */
export class TaskProcessEnded extends Error {
  override name = 'TaskProcessEnded';
  readonly end: ProcessEnd;
  constructor(end: ProcessEnd, message: string) {
    super(message);
    this.end = end;
  }
}
