/** What to do about trouble that a run waits out: nothing that is said here fails a file. */

const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  // A disk, a mount or a right that is missing: the message says itself what mends it.
  [/; CalmOps tries again$/, ''],
  [/\b(ENOSPC|EDQUOT)\b|no space left/i, 'The disk is full: free some space on it.'],
  [
    /\b(EMFILE|ENFILE)\b|too many open files/i,
    'The worker has too many files open: raise its limit (ulimit -n) and restart it.',
  ],
  [/\bEROFS\b|read-only file system/i, 'The file system is read-only: mount it for writing.'],
  [
    /\b(EACCES|EPERM)\b|permission denied/i,
    'The worker may not read or write there: mend the permissions.',
  ],
  [
    /\b(EIO|ESTALE|ENOTCONN|EHOSTDOWN)\b|input\/output error/i,
    'The disk or the network share gives errors: look after it, or mount it again.',
  ],
  [
    /\b(ENOENT|ENOTDIR)\b|no such file or directory/i,
    'A file or folder is not there: bring it back, or mount what holds it.',
  ],
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
