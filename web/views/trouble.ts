import { infrastructureFault } from '../../core/infrastructure-error.ts';

/** Of the operating system, wherever it stands in a message. */
const CODE = /\bE[A-Z]{2,}\b/;

const OF_WORKERS: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/shutting down/i, 'The worker was restarted meanwhile; there is nothing to do.'],
  [
    /heartbeat timeout|timed ?out/i,
    'The worker ended or stood still during it: if that repeats, its log and its memory limit say more.',
  ],
];

/**
 * What to do about an attempt that failed, and what becomes of the run: trouble with the infrastructure is waited out,
 * failures of the task itself are repeated a few times.
 * @param failure message of the attempt
 */
export function troubleWords(failure: string): string {
  const waitedOut = 'It goes on by itself as soon as it can; no file is failed by this.';
  const fault = infrastructureFault(CODE.exec(failure)?.[0] ?? '');
  if (fault !== undefined) {
    // Our own messages hold the remedy already.
    return failure.includes(fault) ? waitedOut : `That is to say: ${fault}. ${waitedOut}`;
  }
  const remedy = OF_WORKERS.find(([pattern]) => pattern.test(failure))?.[1];
  return remedy === undefined
    ? 'It is tried again by itself, a few times; the worker’s log says more.'
    : `${remedy} ${waitedOut}`;
}
