import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

/** Errors that trying again cannot mend. */
export type IsFinal = (error: unknown) => boolean;

/**
 * Does `work` until it succeeds, waiting longer after each failure, up to 5 s.
 * @param what is being done, for the log: "hand over 3 files"
 * @param options.wait how time passes between attempts; absent: as it does
 * @throws AbortError when `signal` is aborted; what `isFinal` accepts
 */
export async function retrying<T>(
  what: string,
  work: () => Promise<T>,
  options: {
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly isFinal?: IsFinal;
    readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  },
): Promise<T> {
  const { logger, signal, isFinal = () => false, wait = passTime } = options;
  let waitMs = FIRST_WAIT_MS;
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isFinal(error)) throw error;
      // The 1st, 2nd, 4th, 8th …: hundreds of pipelines may wait for one server for an hour.
      const level = Number.isInteger(Math.log2(failures)) ? 'warn' : 'debug';
      logger[level]({ err: error }, `Could not ${what}, trying again in ${waitMs / 1000} s`);
      await wait(waitMs, signal);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }
}

const passTime = (ms: number, signal: AbortSignal): Promise<unknown> =>
  delay(ms, undefined, { signal });
