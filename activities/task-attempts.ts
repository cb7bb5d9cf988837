import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
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
  if (isOfEnvironment(error)) return { attempts: before, failure: again(error.type, error) };
  const attempts = { ...before, failures: before.failures + 1 };
  const isLast = attempts.failures >= task.limits.failures;
  const failure = isLast
    ? broken(
        error.type,
        `${error.message} (${attempts.failures} attempts failed in this way)`,
        error,
      )
    : again(error.type, error);
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
    if (attempts.kills < limits.kills) return { attempts, failure: again(PROCESS_ENDED, error) };
    const told = `${error.message}, ${attempts.kills} times in a row`;
    return { attempts, failure: broken(PROCESS_ENDED, told, error) };
  }
  const attempts = { ...before, crashes: before.crashes + 1 };
  // Reading the same bytes again would end in the same way.
  if (readsFile) {
    return { attempts, failure: permanently('InvalidDataset', readingEnded(error.end), error) };
  }
  if (attempts.crashes < limits.crashes) return { attempts, failure: again(PROCESS_ENDED, error) };
  const told = `${error.message}, ${attempts.crashes} times`;
  return { attempts, failure: broken(PROCESS_ENDED, told, error) };
}

const PROCESS_ENDED = 'TaskProcessEnded';

/** Failures that say something about the file or the pipeline, by the class that was thrown. */
const FAILURE_TYPES: Readonly<Record<string, string>> = {
  InvalidDatasetError: 'InvalidDataset',
  SchemaMismatchError: 'SchemaMismatch',
  InvalidPipelineError: 'InvalidPipeline',
  NotEnoughDataError: 'NotEnoughData',
  NotEnoughMemoryError: 'NotEnoughMemory',
  HookFailedError: 'HookFailed',
};

/** Codes of system errors that say something about the machine, and that pass when it is mended. */
const ENVIRONMENT_CODES: ReadonlySet<string> = new Set([
  'EACCES',
  'EAGAIN',
  'EBUSY',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDQUOT',
  'EHOSTDOWN',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENODEV',
  'ENOENT',
  'ENOMEM',
  'ENOSPC',
  'ENOTCONN',
  'ENOTDIR',
  'ENXIO',
  'EPERM',
  'EROFS',
  'ESTALE',
  'ETIMEDOUT',
]);

/** Classes of errors that say something about the machine or the store. */
const ENVIRONMENT_TYPES: ReadonlySet<string> = new Set(['ArtefactMissingError']);

/** What DuckDB says of the machine; it hands over no code. */
const ENVIRONMENT_WORDS =
  /No space left on device|Input\/output error|Too many open files|Disk quota exceeded|Read-only file system|Stale file handle|failed to offload data block/i;

function isOfEnvironment({ code, type, message }: TaskFailure): boolean {
  return (
    (code !== undefined && ENVIRONMENT_CODES.has(code)) ||
    ENVIRONMENT_TYPES.has(type) ||
    ENVIRONMENT_WORDS.test(message)
  );
}

const permanently = (type: string, message: string, cause: Error): Error =>
  ApplicationFailure.create({ type, message, cause, nonRetryable: true, category: 'BENIGN' });

const broken = (type: string, message: string, cause: Error): Error =>
  ApplicationFailure.create({ type, message, cause, nonRetryable: true });

const again = (type: string, cause: Error): Error =>
  ApplicationFailure.create({ type, message: cause.message, cause, nonRetryable: false });
