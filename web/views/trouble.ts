/** What to do about trouble that a run waits out: nothing that is said here fails a file. */

const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  // Trouble with a disk, a mount or a right says itself what mends it.
  [/; CalmOps tries again$/, ''],
  [/shutting down/i, 'The worker was restarted meanwhile; there is nothing to do.'],
  [
    /heartbeat timeout|timed ?out/i,
    'The worker ended or stood still during it: if that repeats, its log and its memory limit say more.',
  ],
];

/** @param failure message of the attempt that failed */
export function remedyOf(failure: string): string {
  const known = REMEDIES.find(([pattern]) => pattern.test(failure));
  return known?.[1] ?? 'If it repeats, the worker’s log says more.';
}
