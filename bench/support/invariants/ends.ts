import type { EndOfPart } from '../parts.ts';

/** A process that has not run for so long may not have come to listening for signals. */
const STARTING_MS = 20_000;

/** Exit codes by which shells and npm tell of a signal that ended a child: SIGABRT, SIGKILL, SIGSEGV. */
const CRASHED = new Set([134, 137, 139]);

/**
 * Whether every process ended as it should: none by a signal that nobody sent it, none by itself with 0, and with 0 when it was
 * asked to. One that gives up while its surroundings fail may end with 1, since it is started again.
 */
export function checkEnds(ends: readonly EndOfPart[]): readonly string[] {
  return ends.flatMap((end) => {
    const how = end.signal ?? `exit code ${end.code ?? 'unknown'}`;
    const who = `${end.part} (process ${end.pid}, ${(end.livedMs / 1000).toFixed(0)} s old)`;
    if (end.overdue) return [`${who} did not end within its grace time after SIGTERM`];
    if (end.asked === null) {
      const isFault = end.signal !== null || end.code === 0 || CRASHED.has(end.code ?? 0);
      return isFault ? [`${who} ended by itself: ${how}`] : [];
    }
    if (end.asked === 'SIGKILL' || end.part === 'server') return [];
    if (end.code === 0) return [];
    // It may not listen yet, or may have given up already, since the server was away while it started.
    const isStarting = end.livedMs < STARTING_MS;
    if (isStarting && (end.signal === 'SIGTERM' || end.code === 1)) return [];
    return [`${who} was to end with 0 on SIGTERM: ${how}`];
  });
}
