import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';

/** What is asked of a part of a worker. */
export type Part = Pick<Worker, 'run' | 'getState'> & {
  readonly options: Pick<Worker['options'], 'taskQueue'>;
};

/** A part of a worker failed and does not end, so that only the end of its process ends it. */
export class StuckWorkerError extends Error {
  override name = 'StuckWorkerError';
}

const LOOK_EVERY_MS = 1_000;
/** How long a part that failed may take to end. */
const END_WITHIN_MS = 10_000;

/**
 * Runs the parts of a worker as one. Where one breaks, the others are stopped too: half a worker would look like a whole one.
 * Settles when all have stopped.
 * @param stop asks all parts to stop
 * @throws what a part failed with; StuckWorkerError where one has failed and does not end
 */
export async function runTogether(
  parts: readonly Part[],
  stop: () => void,
  endWithinMs: number = END_WITHIN_MS,
): Promise<void> {
  const over = new AbortController();
  const ended = parts.map(async (part) => {
    try {
      await part.run();
    } finally {
      stop();
    }
  });
  const all = Promise.allSettled(ended).finally(() => over.abort());
  const results = await Promise.race([
    all,
    untilStuck(parts, { stop, endWithinMs, over: over.signal }),
  ]);
  for (const result of results ?? []) if (result.status === 'rejected') throw result.reason;
}

/**
 * The SDK waits for the end of polls that ended with an error already, as when the namespace is gone: `run` never settles then,
 * and the state alone tells of it.
 */
async function untilStuck(
  parts: readonly Part[],
  { stop, endWithinMs, over }: { stop: () => void; endWithinMs: number; over: AbortSignal },
): Promise<undefined> {
  let failedAt: number | null = null;
  while (!over.aborted) {
    const failed = parts.filter((part) => part.getState() === 'FAILED');
    if (failed.length > 0) {
      if (failedAt === null) stop();
      failedAt ??= performance.now();
    }
    if (failedAt !== null && performance.now() - failedAt >= endWithinMs) {
      const queues = failed.map(({ options }) => options.taskQueue).join(', ');
      throw new StuckWorkerError(
        `The worker failed on the queues ${queues} and does not end by itself.`,
      );
    }
    await delay(Math.min(LOOK_EVERY_MS, endWithinMs));
  }
  return undefined;
}
