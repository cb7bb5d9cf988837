import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { COMPUTE_QUEUE, PERMANENT_FAILURES } from './contract.ts';

const neverRetried = [...PERMANENT_FAILURES];

/** Reading and scoring: minutes at most, so a handful of attempts covers a restart or a full disk. */
export const READING: ActivityOptions = {
  taskQueue: COMPUTE_QUEUE,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '30 seconds',
  retry: {
    maximumAttempts: 5,
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: neverRetried,
  },
};

/** Training: long, resumed from its checkpoint, and costly to repeat; what fails three times is broken. */
export const TRAINING: ActivityOptions = {
  taskQueue: COMPUTE_QUEUE,
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: {
    maximumAttempts: 3,
    initialInterval: '10 seconds',
    backoffCoefficient: 3,
    maximumInterval: '10 minutes',
    nonRetryableErrorTypes: neverRetried,
  },
};

/** Recording what happened: idempotent, so it is tried until it works. */
export const RECORDING: LocalActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: {
    initialInterval: '200 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '30 seconds',
  },
};

/** Telling others: a mail server that is down must not hold up a pipeline for ever. */
export const NOTIFYING: ActivityOptions = {
  taskQueue: COMPUTE_QUEUE,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '30 seconds',
  retry: {
    maximumAttempts: 5,
    initialInterval: '1 second',
    backoffCoefficient: 3,
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: neverRetried,
  },
};
