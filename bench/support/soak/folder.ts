import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { factsOf, memoryMb } from '../linux-processes.ts';
import type { HandedMessage } from './stub-watcher.ts';

export interface FolderResult {
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** from the start of the watcher until it had handed over the last file */
  readonly seconds: number;
  /** MB of the watcher beside an empty folder */
  readonly emptyMb: number;
  /** the most MB that it had while files were handed over */
  readonly mostMb: number;
  /** its MB some rescans after every file had its report */
  readonly afterMb: number;
  /** from the start of another watcher, beside files that all have reports, until it handed over a new one */
  readonly restartSeconds: number;
  /** processor seconds of that watcher until then */
  readonly restartCpuSeconds: number;
}

const LOOK_MS = 200;
/** Without any file for so long, the watcher is stuck. */
const PATIENCE_MS = 300_000;
/** Files that are written at the same time. */
const BATCH = 100;
/** The folder is read again this often, as by a watcher in use. */
const RESCAN_MS = 30_000;
/** Rescans after the last file, in which every report is seen. */
const RESCANS = 2;

/**
 * Lets a watcher, in a process of its own, find so many files in one folder and hand them to a stand-in for the pipeline: half
 * of them are there when it starts, the others come while it works. Then another one is started beside them all.
 * @throws if a watcher ends by itself, or hands over nothing for 5 minutes
 */
export async function soakFolder(files: number): Promise<FolderResult> {
  const home = await mkdtemp(path.join(tmpdir(), 'calmops-folder-'));
  const folder = path.join(home, 'incoming');
  try {
    await mkdir(folder);
    const emptyMb = await watching(home, folder, settledMb);
    const half = Math.floor(files / 2);
    await fill(folder, 0, half);
    console.log(`${half} files are in one folder. Now the watcher starts.`);
    const passed = await watching(home, folder, (watcher) => passAll(watcher, folder, half, files));
    console.log('All files were handed over. Now another watcher starts.');
    const restarted = await watching(home, folder, (watcher) => untilNext(watcher, folder, files));
    return { emptyMb, ...passed, ...restarted };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** A watcher of the folder, and the names that it handed over so far, in order. */
interface Watching {
  readonly process: ChildProcess;
  readonly handed: readonly string[];
}

async function watching<T>(
  home: string,
  folder: string,
  work: (watcher: Watching) => Promise<T>,
): Promise<T> {
  const program = fileURLToPath(new URL('stub-watcher.ts', import.meta.url));
  const process = fork(program, [home, folder, String(RESCAN_MS)], {
    execArgv: ['--import', 'tsx'],
  });
  const gone = once(process, 'exit');
  const handed: string[] = [];
  process.on('message', (message: HandedMessage) => handed.push(...message.names));
  try {
    return await work({ process, handed });
  } finally {
    process.kill('SIGKILL');
    await gone;
  }
}

async function passAll(
  watcher: Watching,
  folder: string,
  half: number,
  files: number,
): Promise<Omit<FolderResult, 'emptyMb' | 'restartSeconds' | 'restartCpuSeconds'>> {
  const startedAt = performance.now();
  const written = fill(folder, half, files);
  const mostMb = await untilHanded(watcher, files);
  const seconds = (performance.now() - startedAt) / 1000;
  await written;
  const afterMb = await settledMb(watcher);
  const { handed } = watcher;
  const distinct = new Set(handed);
  return {
    lost: files - distinct.size,
    duplicated: handed.length - distinct.size,
    outOfOrder: handed.filter((name, i) => i > 0 && name < (handed[i - 1] ?? '')).length,
    ...{ seconds, mostMb, afterMb },
  };
}

async function untilNext(
  watcher: Watching,
  folder: string,
  files: number,
): Promise<Pick<FolderResult, 'restartSeconds' | 'restartCpuSeconds'>> {
  const startedAt = performance.now();
  await fill(folder, files, files + 1);
  await untilHanded(watcher, 1);
  const restartSeconds = (performance.now() - startedAt) / 1000;
  if (watcher.handed[0] !== nameOf(files)) throw new Error('a file with a report was handed over');
  const facts = await factsOf(watcher.process.pid ?? 0);
  return { restartSeconds, restartCpuSeconds: facts?.seconds ?? 0 };
}

/** @returns the most MB meanwhile */
async function untilHanded({ process, handed }: Watching, files: number): Promise<number> {
  let [before, movedAt, most] = [0, performance.now(), 0];
  while (handed.length < files) {
    await setTimeout(LOOK_MS);
    most = Math.max(most, await mbOf(process));
    if (handed.length > before) [before, movedAt] = [handed.length, performance.now()];
    else if (performance.now() - movedAt > PATIENCE_MS) {
      throw new Error(`no file was handed over for 5 minutes, after ${before} of ${files}`);
    }
  }
  return most;
}

/** MB after some rescans. */
async function settledMb({ process }: Watching): Promise<number> {
  await setTimeout(RESCANS * RESCAN_MS);
  return mbOf(process);
}

async function mbOf({ pid }: ChildProcess): Promise<number> {
  const megabytes = await memoryMb(pid ?? 0);
  if (megabytes === null) throw new Error('the watcher ended by itself');
  return megabytes;
}

/** Writes the files of these numbers. Names and times of the last change say in which order they came. */
async function fill(folder: string, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, to - start) }, (_, i) => start + i);
    await Promise.all(batch.map((k) => writeOne(path.join(folder, nameOf(k)), k)));
  }
}

/** With the time of its number, so that files which are written at the same time have an order. */
async function writeOne(file: string, k: number): Promise<void> {
  const at = FIRST_S + k / 100;
  const part = `${file}.part`;
  await writeFile(part, `distance,late\n${k},no\n`);
  await utimes(part, at, at);
  await rename(part, file);
}

/** Seconds since 1970: some time ago. */
const FIRST_S = 1_700_000_000;

const nameOf = (k: number): string => `${String(k).padStart(9, '0')}.csv`;
