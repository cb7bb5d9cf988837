import { ApplicationFailure, Context } from '@temporalio/activity';
import type { ComputeActivities, LightActivities } from '../workflows/contract.ts';
import {
  TaskFailure,
  type Compute,
  type TaskInput,
  type TaskName,
  type TaskResult,
} from './compute.ts';
import { examineOnThreads } from './examine/examine-on-threads.ts';
import { trainOnThreads } from './training/train-on-threads.ts';
import type { Heartbeat, Work } from './work.ts';

/** The activities that do the heavy work, each on compute threads, heartbeating from the main thread. */
export function createComputeActivities(
  compute: Compute,
): ComputeActivities & Pick<LightActivities, 'notify'> {
  const onThread =
    <N extends TaskName>(name: N, note: string) =>
    (input: TaskInput<N>): Promise<TaskResult<N>> =>
      heartbeating(note, ({ signal }) => compute.run(name, input, { signal }));
  return {
    ingest: onThread('ingest', 'reading the file'),
    examine: (input) =>
      heartbeating('comparing with the reference and scoring the champion', (work) =>
        examineOnThreads(input, compute, work),
      ),
    compareModels: onThread('compareModels', 'comparing champion and challenger'),
    compareOnFiles: onThread(
      'compareOnFiles',
      'comparing the challenger in shadow with the champion',
    ),
    scorePredictions: onThread('scorePredictions', 'scoring what was predicted'),
    predict: onThread('predict', 'predicting'),
    notify: onThread('notify', 'running the notify hook'),
    train: (input) =>
      heartbeating('preparing the training data', (work) => trainOnThreads(input, compute, work)),
  };
}

/** An activity hears of its cancellation in the answer to a beat, which the worker may hold back as long again. */
const HEARTBEAT_MS = 500;

async function heartbeating<T>(note: string, body: (work: Work) => Promise<T>): Promise<T> {
  const context = Context.current();
  let latest: Heartbeat = { done: 0, note };
  const beat = (): void => {
    context.heartbeat(latest);
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    return await body({
      signal: context.cancellationSignal,
      report: (heartbeat) => {
        latest = heartbeat;
        beat();
      },
    });
  } catch (error) {
    if (context.cancellationSignal.aborted) return await context.cancelled;
    throw asActivityFailure(error);
  } finally {
    clearInterval(timer);
  }
}

/** Failures that say something about the file or the pipeline, by the class that was thrown. */
const FAILURE_TYPES: Readonly<Record<string, string>> = {
  InvalidDatasetError: 'InvalidDataset',
  SchemaMismatchError: 'SchemaMismatch',
  InvalidPipelineError: 'InvalidPipeline',
  NotEnoughDataError: 'NotEnoughData',
  NotEnoughMemoryError: 'NotEnoughMemory',
  HookFailedError: 'HookFailed',
};

function asActivityFailure(error: unknown): unknown {
  if (!(error instanceof TaskFailure)) return error;
  const type = FAILURE_TYPES[error.type];
  const failure = { message: error.message, cause: error };
  return type === undefined
    ? ApplicationFailure.create({ ...failure, type: error.type, nonRetryable: false })
    : ApplicationFailure.create({ ...failure, type, nonRetryable: true, category: 'BENIGN' });
}
