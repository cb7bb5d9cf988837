import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { COMPUTE_QUEUE, LIGHT_QUEUE, PERMANENT_FAILURES, TRAINING_QUEUE } from './contract.ts';

/**
 * No policy has a number of attempts. An attempt that ends because a worker was stopped, killed or deployed, or because
 * a disk is full or a store is away, is no fault of the task: it is tried again until it works or the time is up. What a
 * task itself throws is counted by the activity (`activities/task-attempts.ts`), which ends the retries.
 */
const neverRetried = [...PERMANENT_FAILURES];

/** Reading and scoring: minutes at most. A day is enough for people to mend a disk, a mount or a server. */
export const READING: ActivityOptions = {
  taskQueue: COMPUTE_QUEUE,
  scheduleToCloseTimeout: '1 day',
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '30 seconds',
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: neverRetried,
  },
};

/** The same within a workflow task, for small files: one attempt, over before the workflow task has to be prolonged. */
export const READING_AT_ONCE: LocalActivityOptions = {
  startToCloseTimeout: '4 seconds',
  retry: { maximumAttempts: 1 },
};

/** Training: long, resumed from its checkpoint, and worth waiting for until the trouble is over. */
export const TRAINING: ActivityOptions = {
  taskQueue: TRAINING_QUEUE,
  scheduleToCloseTimeout: '7 days',
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '30 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: {
    initialInterval: '10 seconds',
    backoffCoefficient: 3,
    maximumInterval: '10 minutes',
    nonRetryableErrorTypes: neverRetried,
  },
};

/**
 * Recording what happened, in a local activity: no event but one, and done in milliseconds. Three attempts are over before
 * the workflow task has to be prolonged, so that a store which does not answer neither lets the history grow nor keeps
 * queries and updates waiting. Attempts are what bounds it: the SDK goes on beyond a `scheduleToCloseTimeout`.
 */
export const RECORDING: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 3, initialInterval: '200 milliseconds', backoffCoefficient: 2 },
};

/** The same where that did not do: everybody sees it wait, with the last error. Idempotent, so it is tried until it works. */
export const RECORDING_VISIBLY: ActivityOptions = {
  taskQueue: LIGHT_QUEUE,
  startToCloseTimeout: '1 minute',
  summary: 'The store could not be reached at once: tried again until it can',
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '30 seconds',
  },
};

/** Telling others: a mail server that is down must not hold up a pipeline for ever. */
export const NOTIFYING: ActivityOptions = {
  taskQueue: COMPUTE_QUEUE,
  scheduleToCloseTimeout: '10 minutes',
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '30 seconds',
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 3,
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: neverRetried,
  },
};
