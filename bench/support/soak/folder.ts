import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from 'simple-statistics';
import { memoryMb } from '../linux-processes.ts';
import type { HandedMessage } from './stub-watcher.ts';

export interface FolderResult {
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** from the start of the watcher until it had handed over the last file */
  readonly seconds: number;
  /** MB of the watcher, at each tenth of the files: the median of the looks since the tenth before */
  readonly watcherMb: readonly number[];
}

const TENTHS = 10;
const LOOK_MS = 200;
/** Without any file for so long, the watcher is stuck. */
const PATIENCE_MS = 300_000;
/** Files that are written at the same time. */
const BATCH = 500;

/** Lets a watcher, in a process of its own, find so many files in one folder and hand them to a stand-in for the pipeline. */
export async function soakFolder(files: number): Promise<FolderResult> {
  const home = await mkdtemp(path.join(tmpdir(), 'calmops-folder-'));
  try {
    const folder = path.join(home, 'incoming');
    await fill(folder, files);
    console.log(`${files} files are in one folder. Now the watcher starts.`);
    return await watchThem(home, folder, files);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The name says in which order they came; the time of the last change does too. */
async function fill(folder: string, files: number): Promise<void> {
  await mkdir(folder);
  const firstMs = Date.now() - files * 10;
  for (let from = 0; from < files; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, files - from) }, (_, i) => from + i);
    await Promise.all(
      batch.map(async (k) => {
        const file = path.join(folder, nameOf(k));
        await writeFile(file, `distance,late\n${k},no\n`);
        const at = (firstMs + k * 10) / 1000;
        await utimes(file, at, at);
      }),
    );
  }
}

const nameOf = (k: number): string => `${String(k).padStart(9, '0')}.csv`;

async function watchThem(home: string, folder: string, files: number): Promise<FolderResult> {
  const program = fileURLToPath(new URL('stub-watcher.ts', import.meta.url));
  const startedAt = performance.now();
  const watcher = fork(program, [home, folder], { execArgv: ['--import', 'tsx'] });
  const gone = once(watcher, 'exit');
  try {
    const handed: string[] = [];
    watcher.on('message', (message: HandedMessage) => handed.push(...message.names));
    const tenths: number[][] = Array.from({ length: TENTHS }, () => []);
    let [before, movedAt] = [0, startedAt];
    while (handed.length < files) {
      await setTimeout(LOOK_MS);
      const megabytes = await memoryMb(watcher.pid ?? 0);
      if (megabytes === null) throw new Error('the watcher ended by itself');
      const tenth = Math.floor((handed.length / files) * TENTHS);
      if (handed.length > 0) tenths[Math.min(tenth, TENTHS - 1)]?.push(megabytes);
      if (handed.length > before) [before, movedAt] = [handed.length, performance.now()];
      else if (performance.now() - movedAt > PATIENCE_MS) break;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const distinct = new Set(handed);
    return {
      lost: files - distinct.size,
      duplicated: handed.length - distinct.size,
      outOfOrder: handed.filter((name, i) => i > 0 && name < (handed[i - 1] ?? '')).length,
      seconds,
      watcherMb: tenths.filter((looks) => looks.length > 0).map((looks) => median(looks)),
    };
  } finally {
    watcher.kill('SIGKILL');
    await gone;
  }
}
