import { Context } from '@temporalio/activity';
import type { ComputeActivities, LightActivities } from '../workflows/contract.ts';
import type {
  ComputeProcesses,
  ProcessTaskInput,
  ProcessTaskName,
  ProcessTaskResult,
} from './compute-processes.ts';
import { examineInProcesses } from './examine/examine-in-processes.ts';
import {
  attemptsIn,
  failedAttempt,
  type AttemptLimits,
  type TaskAttempts,
} from './task-attempts.ts';
import type { Heartbeat, Work } from './work.ts';

/** The activities that do the heavy work, each in processes of its own, heartbeating from the main thread. */
export function createComputeActivities(
  processes: ComputeProcesses,
): Omit<ComputeActivities, 'train'> & Pick<LightActivities, 'notify'> {
  const inProcess =
    <N extends ProcessTaskName>(
      name: N,
      note: string,
      near?: (input: ProcessTaskInput<N>) => string,
    ) =>
    (input: ProcessTaskInput<N>): Promise<ProcessTaskResult<N>> =>
      heartbeating({ note, readsFile: name === 'ingest', limits: SHORT }, ({ signal }) =>
        processes.run(name, input, { signal, ...(near && { near: near(input) }) }),
      );
  return {
    ingest: inProcess('ingest', 'reading the file', ({ file }) => file.sha256),
    examine: (input) =>
      heartbeating(
        {
          note: 'comparing with the reference and scoring the champion',
          readsFile: false,
          limits: SHORT,
        },
        (work) => examineInProcesses(input, processes, work),
      ),
    compareModels: inProcess('compareModels', 'comparing champion and challenger'),
    compareOnFiles: inProcess(
      'compareOnFiles',
      'comparing the challenger in shadow with the champion',
    ),
    scorePredictions: inProcess('scorePredictions', 'scoring what was predicted'),
    findSoundModel: inProcess('findSoundModel', 'looking for a sound model'),
    predict: inProcess('predict', 'predicting', ({ dataset }) => dataset.sha256),
    notify: inProcess('notify', 'running the notify hook'),
  };
}

/** Trainings, which run at a low priority and have a task queue of their own. */
export function createTrainingActivities(
  processes: ComputeProcesses,
): Pick<ComputeActivities, 'train'> {
  return {
    train: (input) =>
      heartbeating(
        { note: 'preparing the training data', readsFile: false, limits: LONG },
        (work) => processes.train(input, work),
      ),
  };
}

/** What is done in seconds may fail a few times more than what takes hours. */
const SHORT: AttemptLimits = { failures: 5, crashes: 3, kills: 10 };
const LONG: AttemptLimits = { failures: 3, crashes: 3, kills: 10 };

/** An activity hears of its cancellation in the answer to a beat, which the worker may hold back as long again. */
const HEARTBEAT_MS = 500;

interface Beating {
  readonly note: string;
  /** whether it reads a file that a stranger wrote */
  readonly readsFile: boolean;
  readonly limits: AttemptLimits;
}

async function heartbeating<T>(
  { note, readsFile, limits }: Beating,
  body: (work: Work) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const before = attemptsIn(context.info.heartbeatDetails);
  let latest: Heartbeat & TaskAttempts = { done: 0, note, ...before };
  const beat = (): void => {
    // A local activity is over before the server would hear of it.
    if (!context.info.isLocal) context.heartbeat(latest);
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    return await body({
      signal: context.cancellationSignal,
      report: (heartbeat) => {
        latest = { ...latest, ...heartbeat };
        beat();
      },
    });
  } catch (error) {
    if (context.cancellationSignal.aborted) return await context.cancelled;
    const failed = failedAttempt(error, before, { readsFile, limits });
    if (failed === null) throw error;
    latest = { ...latest, ...failed.attempts };
    // The last beat of an attempt reaches the server with its failure.
    beat();
    throw failed.failure;
  } finally {
    clearInterval(timer);
  }
}
