import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hasCode } from '../../../core/error-code.ts';
import type { Random } from '../../../core/random.ts';
import type { Installation } from '../installation.ts';
import type { Part } from '../parts.ts';
import { workerOf } from '../pending-activities.ts';
import type { Claims } from './claims.ts';

/** What happens to the surroundings of the processes. */
export const FAULTS = [
  'two workers, one dies in training',
  'two watchers',
  'full disk',
  'store away',
  'store not mounted',
  'inbox away',
  'inbox not mounted',
  'server away',
  'damaged artefact',
  'clock jump',
] as const;
export type FaultName = (typeof FAULTS)[number];

export interface FaultContext {
  readonly installation: Installation;
  readonly parts: Claims<Part>;
  /** folders that are not where they should be, or are about to be moved */
  readonly folders: Claims<string>;
  readonly pipelines: readonly string[];
  readonly random: Random;
  /** how long the fault lasts */
  readonly ms: number;
  /** the home is a file system of its own, so that its disk can be filled */
  readonly ownDisk: boolean;
}

interface Fault {
  /** why it cannot happen here; null if it can */
  readonly whyNot: (context: FaultContext) => string | null;
  /** Lets it happen, waits, and undoes it. @returns what must not have happened meanwhile, in sentences */
  readonly happen: (context: FaultContext) => Promise<readonly string[]>;
}

/** Lets a fault happen and undoes it. @returns violations, or why it cannot happen here */
export async function letHappen(
  name: FaultName,
  context: FaultContext,
): Promise<readonly string[] | string> {
  const fault = HOW[name];
  return fault.whyNot(context) ?? (await fault.happen(context));
}

const always = (): null => null;

const HOW: Readonly<Record<FaultName, Fault>> = {
  'two workers, one dies in training': { whyNot: always, happen: twoWorkers },
  'two watchers': { whyNot: always, happen: twoWatchers },
  'full disk': {
    whyNot: ({ ownDisk }) => (ownDisk ? null : 'no file system can be mounted in memory here'),
    happen: fullDisk,
  },
  'store away': { whyNot: always, happen: (context) => storeAway(context, 'missing') },
  'store not mounted': { whyNot: always, happen: (context) => storeAway(context, 'empty') },
  'inbox away': { whyNot: always, happen: (context) => inboxAway(context, 'missing') },
  'inbox not mounted': { whyNot: always, happen: (context) => inboxAway(context, 'empty') },
  'server away': { whyNot: always, happen: serverAway },
  'damaged artefact': { whyNot: always, happen: damagedArtefact },
  'clock jump': {
    whyNot: () => (faketime === undefined ? 'libfaketime is not installed' : null),
    happen: clockJump,
  },
};

/** Times the usual length of a fault for which a training is waited for. */
const TRAINING_PATIENCE = 4;

async function twoWorkers({ installation, parts, ms }: FaultContext): Promise<readonly string[]> {
  const releaseFirst = await parts.claim('worker');
  const releaseSecond = await parts.claim('secondWorker');
  try {
    await installation.parts.start('secondWorker');
    const deadline = performance.now() + TRAINING_PATIENCE * ms;
    let victim: Part | null = null;
    while (victim === null && performance.now() < deadline) {
      await setTimeout(50);
      victim = await workerOf(installation, 'train');
    }
    await installation.parts.end(victim ?? 'worker', 'SIGKILL');
    await setTimeout(ms);
    await installation.parts.start(victim ?? 'worker');
    await setTimeout(ms);
    await installation.parts.end('secondWorker', 'SIGTERM');
    return [];
  } finally {
    releaseSecond();
    releaseFirst();
  }
}

async function twoWatchers({ installation, parts, ms }: FaultContext): Promise<readonly string[]> {
  await installation.parts.start('secondWatcher');
  await setTimeout(ms);
  const release = await parts.claim('secondWatcher');
  try {
    await installation.parts.end('secondWatcher', 'SIGTERM');
    return [];
  } finally {
    release();
  }
}

const BALLAST_BYTES = 1 << 20;

async function fullDisk({ installation, ms }: FaultContext): Promise<readonly string[]> {
  const ballast = path.join(installation.home, 'ballast');
  const until = performance.now() + ms;
  try {
    // Again and again: what the processes remove meanwhile makes room.
    while (performance.now() < until) {
      await fill(ballast);
      await setTimeout(100);
    }
    return [];
  } finally {
    await rm(ballast, { force: true });
  }
}

async function fill(file: string): Promise<void> {
  const handle = await open(file, 'a');
  try {
    const piece = Buffer.alloc(BALLAST_BYTES);
    let bytes = piece.length;
    while (bytes >= 512) {
      try {
        await handle.write(piece, 0, bytes);
      } catch (error) {
        if (!hasCode(error, 'ENOSPC')) throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    await handle.close();
  }
}

/** A folder that is gone, or the empty one on which a file system is not mounted. */
type Absence = 'missing' | 'empty';

async function storeAway(
  { installation, folders, ms }: FaultContext,
  absence: Absence,
): Promise<readonly string[]> {
  const store = path.join(installation.home, 'store');
  const release = await folders.claim(store);
  try {
    if (!existsSync(store)) return [];
    const begun = await whileAway(store, absence, ms);
    return begun.length === 0
      ? []
      : [
          `${absence === 'missing' ? 'store away' : 'store not mounted'}: another store was begun in its place, with ${begun.length} files, such as ${begun[0] ?? ''}`,
        ];
  } finally {
    release();
  }
}

async function inboxAway(
  { installation, folders, pipelines, ms }: FaultContext,
  absence: Absence,
): Promise<readonly string[]> {
  const inbox = installation.incoming(pipelines[0] ?? '');
  const release = await folders.claim(inbox);
  try {
    await whileAway(inbox, absence, ms);
    return [];
  } finally {
    release();
  }
}

/** @returns the files that were put in the folder's place meanwhile */
async function whileAway(folder: string, absence: Absence, ms: number): Promise<readonly string[]> {
  const away = `${folder}.away`;
  await rename(folder, away);
  if (absence === 'empty') await mkdir(folder);
  await setTimeout(ms);
  const begun = existsSync(folder)
    ? (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    : [];
  // A process may be about to make it anew at any moment.
  for (let attempt = 0; ; attempt++) {
    await rm(folder, { recursive: true, force: true });
    try {
      await rename(away, folder);
      return begun;
    } catch (error) {
      const isRetried = hasCode(error, 'ENOTEMPTY') || hasCode(error, 'EEXIST');
      if (!isRetried || attempt === 100) throw error;
    }
  }
}

async function serverAway({ installation, parts, ms }: FaultContext): Promise<readonly string[]> {
  const release = await parts.claim('server');
  try {
    await installation.parts.end('server', 'SIGKILL');
    await setTimeout(ms);
    await installation.parts.start('server');
    return [];
  } finally {
    release();
  }
}

/**
 * Turns one bit of the summary of a reference or of a checkpoint: of what may be made anew from what else is stored. If it is
 * still as damaged after a while, it is mended, as from a backup.
 */
async function damagedArtefact({
  installation,
  folders,
  random,
  ms,
}: FaultContext): Promise<readonly string[]> {
  const release = await folders.claim(path.join(installation.home, 'store'));
  try {
    const file = await anArtefact(installation.home, random, ms);
    if (file === null) return [];
    const sound = await readFile(file);
    const damaged = Buffer.from(sound);
    const at = Math.floor(random() * damaged.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    await writeFile(file, damaged);
    await setTimeout(ms);
    const now = await readFile(file).catch(() => null);
    if (now?.equals(damaged) === true) await writeFile(file, sound);
    return [];
  } finally {
    release();
  }
}

/** Waits a while until there is one that can be damaged. */
async function anArtefact(home: string, random: Random, ms: number): Promise<string | null> {
  const deadline = performance.now() + ms;
  do {
    const files: string[] = [];
    for (const folder of ['store/references', 'checkpoints']) {
      const place = path.join(home, folder);
      if (!existsSync(place)) continue;
      const entries = await readdir(place, { recursive: true, withFileTypes: true });
      files.push(...entries.filter((e) => e.isFile()).map((e) => path.join(e.parentPath, e.name)));
    }
    const file = files[Math.floor(random() * files.length)];
    if (file !== undefined && (await stat(file)).size > 0) return file;
    await setTimeout(100);
  } while (performance.now() < deadline);
  return null;
}

/** Where distributions put libfaketime. */
const faketime = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
  '/usr/local/lib/faketime/libfaketime.so.1',
].find((file) => existsSync(file));

/** Parts whose clock jumps. The server's program asks the kernel itself, past the library. */
const WITH_CLOCK: readonly Part[] = ['worker', 'watcher', 'web'];

/** The clock is set two hours ahead while the processes run, then two hours behind, as by a faulty source of time. */
async function clockJump({ installation, parts, ms }: FaultContext): Promise<readonly string[]> {
  const releases: (() => void)[] = [];
  const clock = path.join(installation.folder, 'clock');
  const environment = {
    LD_PRELOAD: faketime ?? '',
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_CACHE_DURATION: '1',
    // A clock that is set changes neither how long something takes nor the times of files.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
  const restart = async (given: Readonly<Record<string, string>>): Promise<void> => {
    for (const part of WITH_CLOCK) {
      await installation.parts.end(part, 'SIGKILL');
      await installation.parts.start(part, given);
    }
  };
  try {
    for (const part of WITH_CLOCK) releases.push(await parts.claim(part));
    await writeFile(clock, '+0');
    await restart(environment);
    for (const time of ['+0', '+2h', '-2h']) {
      await writeFile(clock, time);
      await setTimeout(ms);
    }
    await restart({});
    await removeClockMemory(installation);
    return [];
  } finally {
    for (const release of releases) release();
  }
}

/** What libfaketime shares among threads outlives a process that is killed. */
async function removeClockMemory({ parts }: Installation): Promise<void> {
  const pids = parts.ends.flatMap(({ pid, children }) => [pid, ...children.map((c) => c.pid)]);
  for (const pid of pids) {
    for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
      await rm(path.join('/dev/shm', name), { force: true });
    }
  }
}
