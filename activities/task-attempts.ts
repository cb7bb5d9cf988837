import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import { infrastructureFault } from '../core/infrastructure-error.ts';
import { machineFault } from '../data/duckdb-error.ts';
import { readingEnded } from '../data/reading-limits.ts';
import { TaskFailure, TaskProcessEnded } from './compute-processes.ts';

/**
 * What a task did wrong in the attempts of one activity so far. It travels in the activity's heartbeat details, so it
 * outlives the worker. Attempts that ended for another reason, such as a worker that was stopped or killed, a machine
 * that was lost or a disk that was full, do not show in it: they are free.
 */
export interface TaskAttempts {
  /** How often the task threw. */
  readonly failures: number;
  /** How often the task ended its own process, for example by a crash in native code. */
  readonly crashes: number;
  /** How often somebody else ended the process of the task, for example the kernel for want of memory. */
  readonly kills: number;
}

export const NO_ATTEMPTS: TaskAttempts = { failures: 0, crashes: 0, kills: 0 };

/** How many of each an activity may come to before its task is taken for broken. */
export type AttemptLimits = TaskAttempts;

const count = z.int().min(0).catch(0);
const attemptsSchema = z.object({ failures: count, crashes: count, kills: count });

/** The count that the attempt before left in its heartbeat details. */
export function attemptsIn(heartbeatDetails: unknown): TaskAttempts {
  return attemptsSchema.safeParse(heartbeatDetails).data ?? NO_ATTEMPTS;
}

/** What comes of an attempt that failed. */
export interface FailedAttempt {
  readonly attempts: TaskAttempts;
  /** Thrown by the activity. */
  readonly failure: Error;
}

/**
 * Tells from what was thrown whether the activity is tried again, and counts it.
 * @param task names the task and what it may come to
 */
export function failedAttempt(
  error: unknown,
  before: TaskAttempts,
  task: { readonly readsFile: boolean; readonly limits: AttemptLimits },
): FailedAttempt | null {
  if (error instanceof TaskProcessEnded) return processEnded(error, before, task);
  if (!(error instanceof TaskFailure)) return null;
  const permanent = FAILURE_TYPES[error.type];
  if (permanent !== undefined) {
    const failure = permanently(permanent, error.message, error);
    return { attempts: before, failure };
  }
  const fault = environmentFault(error);
  if (fault !== null) {
    const told = `${fault}; CalmOps tries again`;
    return { attempts: before, failure: again('InfrastructureError', told, error) };
  }
  const attempts = { ...before, failures: before.failures + 1 };
  const isLast = attempts.failures >= task.limits.failures;
  const remedy = error.type === 'ArtefactDamagedError' ? `. ${DAMAGE_REMEDY}` : '';
  const failure = isLast
    ? broken(
        error.type,
        `${error.message} (${attempts.failures} attempts failed in this way)${remedy}`,
        error,
      )
    : again(error.type, error.message, error);
  return { attempts, failure };
}

function processEnded(
  error: TaskProcessEnded,
  before: TaskAttempts,
  { readsFile, limits }: { readonly readsFile: boolean; readonly limits: AttemptLimits },
): FailedAttempt {
  const { end } = error;
  if (end.kind === 'killed') {
    const attempts = { ...before, kills: before.kills + 1 };
    if (attempts.kills < limits.kills)
      return { attempts, failure: again(PROCESS_ENDED, error.message, error) };
    const told = `${error.message}, ${attempts.kills} times in a row`;
    return { attempts, failure: broken(PROCESS_ENDED, told, error) };
  }
  const attempts = { ...before, crashes: before.crashes + 1 };
  // Reading the same bytes again would end in the same way.
  if (readsFile) {
    return { attempts, failure: permanently('InvalidDataset', readingEnded(error.end), error) };
  }
  if (attempts.crashes < limits.crashes)
    return { attempts, failure: again(PROCESS_ENDED, error.message, error) };
  const told = `${error.message}, ${attempts.crashes} times`;
  return { attempts, failure: broken(PROCESS_ENDED, told, error) };
}

const DAMAGE_REMEDY =
  'Put it back from a backup of the store, or run again the file that it was made from, and then this one (calmops reprocess)';

const PROCESS_ENDED = 'TaskProcessEnded';

/** Failures that say something about the file or the pipeline, by the class that was thrown. */
const FAILURE_TYPES: Readonly<Record<string, string>> = {
  InvalidDatasetError: 'InvalidDataset',
  DatasetGoneError: 'DatasetGone',
  SchemaMismatchError: 'SchemaMismatch',
  InvalidPipelineError: 'InvalidPipeline',
  NotEnoughDataError: 'NotEnoughData',
  NotEnoughMemoryError: 'NotEnoughMemory',
  HookFailedError: 'HookFailed',
  DamagedModelError: 'DamagedModel',
};

/** Classes of errors that say something about the machine or the store. */
const ENVIRONMENT_TYPES: ReadonlySet<string> = new Set([
  'InfrastructureError',
  'ArtefactMissingError',
]);

/** What is wrong with the machine and what mends it; null if the task itself threw. */
function environmentFault({ code, type, message }: TaskFailure): string | null {
  if (ENVIRONMENT_TYPES.has(type)) return message;
  const fault = code === undefined ? machineFault(message) : infrastructureFault(code);
  return fault === null || fault === undefined
    ? null
    : `A file that CalmOps works with cannot be used: ${fault}`;
}

/**
 * Characters of a message and of a stack that travel. Names and values of a file come into messages, and a failure that the
 * server refuses for its size would be lost, and with it the reason.
 */
const MESSAGE_LIMIT = 2_000;
const STACK_LIMIT = 8_000;

interface Told {
  readonly type: string;
  readonly message: string;
  readonly cause: Error;
}

const permanently = (type: string, message: string, cause: Error): Error =>
  ApplicationFailure.create({
    ...short({ type, message, cause }),
    nonRetryable: true,
    category: 'BENIGN',
  });

const broken = (type: string, message: string, cause: Error): Error =>
  ApplicationFailure.create({ ...short({ type, message, cause }), nonRetryable: true });

const again = (type: string, message: string, cause: Error): Error =>
  ApplicationFailure.create({ ...short({ type, message, cause }), nonRetryable: false });

function short({ type, message, cause }: Told): Told {
  const { message: whole, stack } = cause;
  const cut = Object.assign(new Error(whole.slice(0, MESSAGE_LIMIT)), { name: cause.name });
  if (stack !== undefined) cut.stack = stack.slice(0, STACK_LIMIT);
  return { type, message: message.slice(0, MESSAGE_LIMIT), cause: cut };
}
