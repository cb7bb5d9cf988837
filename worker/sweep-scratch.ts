import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

/**
 * Removes the working files that processes left which were killed with their worker.
 * @param folder of all processes' working files; those of processes that run, and of other hosts, stay
 */
export async function sweepScratch(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (isLeftOver(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function isLeftOver(name: string): boolean {
  const prefix = `${hostname()}-`;
  if (!name.startsWith(prefix)) return false;
  const pid = Number(name.slice(prefix.length));
  return Number.isSafeInteger(pid) && pid > 0 && !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user runs, though it may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
