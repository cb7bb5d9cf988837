import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Installation } from './installation.ts';

const POLL_MS = 100;

/** How many runs of a pipeline have a report in the store. */
export async function reportCount(
  { home }: Pick<Installation, 'home'>,
  pipeline: string,
): Promise<number> {
  const folder = path.join(home, 'store', 'reports', pipeline);
  return existsSync(folder) ? (await readdir(folder)).length : 0;
}

/** Waits until so many have one. Reads the store, so that neither a workflow nor its version is asked. */
export async function untilReports(
  installation: Pick<Installation, 'home'>,
  pipeline: string,
  count: number,
  patienceMs: number,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await reportCount(installation, pipeline);
    if (found >= count) return;
    if (performance.now() > deadline) {
      throw new Error(
        `${pipeline}: ${found} of ${count} files have an outcome after ${patienceMs / 1000} s`,
      );
    }
    await setTimeout(POLL_MS);
  }
}
