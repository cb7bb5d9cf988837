import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import { READING, READING_AT_ONCE } from './activity-options.ts';
import { PERMANENT_FAILURES, type ComputeActivities } from './contract.ts';

type Reading = Pick<ComputeActivities, 'ingest' | 'examine' | 'predict'>;

const visible = proxyActivities<Reading>(READING);
const local = proxyLocalActivities<Reading>(READING_AT_ONCE);

/** Larger files take so long that the steps between activities do not matter. */
const SMALL_BYTES = 256 * 1024;

/** How an activity that reads is done. */
export interface HowToRead {
  /** of the file */
  readonly bytes: number;
  /** whether further files of the pipeline wait */
  readonly backlog: boolean;
  /** what the Temporal UI says of the activity */
  readonly summary: string;
}

type Input<N extends keyof Reading> = Parameters<Reading[N]>[0];

/** See `ComputeActivities`. @throws ActivityFailure */
export const ingest = (input: Input<'ingest'>, how: HowToRead): ReturnType<Reading['ingest']> =>
  atOnceOrVisibly(
    how,
    () => local.ingest(input),
    ({ summary }) => visible.ingest.executeWithOptions({ summary }, [input]),
  );

/** See `ComputeActivities`. @throws ActivityFailure */
export const examine = (input: Input<'examine'>, how: HowToRead): ReturnType<Reading['examine']> =>
  atOnceOrVisibly(
    how,
    () => local.examine(input),
    ({ summary }) => visible.examine.executeWithOptions({ summary }, [input]),
  );

/** See `ComputeActivities`. @throws ActivityFailure */
export const predict = (input: Input<'predict'>, how: HowToRead): ReturnType<Reading['predict']> =>
  atOnceOrVisibly(
    how,
    () => local.predict(input),
    ({ summary }) => visible.predict.executeWithOptions({ summary }, [input]),
  );

/**
 * A small file that others wait behind is read by a local activity, within the workflow task: the server has a third of
 * the work. Where that does not succeed at once, and always otherwise, by an activity that everybody sees, with retries.
 *
 * After a local activity the workflow goes on within the same workflow task, or in the next one if a query came between.
 * A replay does not know in which, so a `patched` that is asked for the first time there may answer differently. Workflow
 * code asks every `patched` that may follow a local activity when the workflow begins.
 */
async function atOnceOrVisibly<T>(
  how: HowToRead,
  atOnce: () => Promise<T>,
  visibly: (how: HowToRead) => Promise<T>,
): Promise<T> {
  if (how.backlog && how.bytes <= SMALL_BYTES) {
    try {
      return await atOnce();
    } catch (error) {
      if (isCancellation(error) || isFinal(error)) throw error;
    }
  }
  return visibly(how);
}

/** Whether it says something about the file or the pipeline, which a second attempt would not change. */
function isFinal(error: unknown): boolean {
  // A local activity rejects with the failure itself, an activity with one that has it as its cause.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return false;
  return !(cause instanceof ApplicationFailure) || PERMANENT.has(cause.type ?? '');
}

const PERMANENT: ReadonlySet<string> = new Set(PERMANENT_FAILURES);
