import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { weatherFiles } from './weather-files.ts';

export interface DemoFeedOptions {
  /** where the files are to arrive; made when it is absent */
  readonly folder: string;
  /** time between two files */
  readonly everyMs: number;
  /** ends the feed */
  readonly signal: AbortSignal;
}

/**
 * Drops the demo's files into a folder, one after the other, as someone else's export would. Files that are
 * there already are not dropped again, so that a restart goes on where the last run ended.
 * @returns once all files are there, or the signal is aborted
 */
export async function startDemoFeed({ folder, everyMs, signal }: DemoFeedOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  const present = new Set(await readdir(folder));
  const missing = (await weatherFiles()).filter(({ name }) => !present.has(name));
  for (const [i, { name, content }] of missing.entries()) {
    if (i > 0) await pause(everyMs, signal);
    if (signal.aborted) return;
    await drop(folder, name, content);
  }
}

/** Written under a name that no watcher takes, then renamed: nobody sees half a file. */
async function drop(folder: string, name: string, content: string): Promise<void> {
  const partial = join(folder, `.${name}.partial`);
  await writeFile(partial, content);
  await rename(partial, join(folder, name));
}

/** Waits; an abort ends the wait. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
