import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { hasCode } from '../core/error-code.ts';
import { isAlive } from '../shell/is-alive.ts';

/** The folder of a process for files that live as long as one task, below that of all processes. */
export function scratchOf(pid: number): string {
  return `${PREFIX}${pid}`;
}

/** Several hosts may share the folder of all processes. */
const PREFIX = `${hostname()}-`;

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
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function isLeftOver(name: string): boolean {
  if (!name.startsWith(PREFIX)) return false;
  const pid = Number(name.slice(PREFIX.length));
  return Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid);
}
