import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** Why an activity came to nothing, in words, and whether that says anything of the file, its data or a model. */
export interface RunFailure {
  readonly type: string;
  readonly message: string;
  /** a worker, a disk, the store or a mount failed: neither the file nor a training is to blame */
  readonly isOfInfrastructure: boolean;
}

/**
 * Failures that a task tells of and that are none of its own, by their type. Everything else that a task throws says something of
 * what it was given.
 */
const INFRASTRUCTURE: ReadonlySet<string> = new Set([
  'InfrastructureError',
  'ArtefactMissingError',
  'ArtefactDamagedError',
  'DamagedModel',
  // What the server is told of an activity whose worker was stopped.
  'WorkerShutdown',
]);

/**
 * What an activity failed with.
 * @throws what it is given, if that is no failure of an activity: a fault of workflow code has to fail the workflow task, so that a
 *   mended worker can go on
 */
export function failureOf(error: unknown): RunFailure {
  if (!(error instanceof ActivityFailure)) {
    if (error instanceof ApplicationFailure) return ofApplication(error);
    throw error;
  }
  const { cause } = error;
  if (cause instanceof ApplicationFailure) return ofApplication(cause);
  if (cause instanceof TimeoutFailure) {
    return { type: cause.name, message: timedOut(error, cause), isOfInfrastructure: true };
  }
  const { name, message } = cause ?? error;
  return { type: name, message, isOfInfrastructure: false };
}

function ofApplication({ type, message }: ApplicationFailure): RunFailure {
  const named = type ?? 'Error';
  return { type: named, message, isOfInfrastructure: INFRASTRUCTURE.has(named) };
}

function timedOut(
  { activityType }: ActivityFailure,
  { timeoutType, cause }: TimeoutFailure,
): string {
  const before = cause === undefined ? '' : `; what it met last: ${cause.message}`;
  return timeoutType === 'HEARTBEAT'
    ? `The worker that did '${activityType}' was not heard of any more${before}.`
    : `'${activityType}' was not done within its time${before}.`;
}
