import { hasCode } from '../core/error-code.ts';
/** Whether a process of this number runs on this machine, of whichever user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user runs, though it may not be signalled.
    return hasCode(error, 'EPERM');
  }
}
