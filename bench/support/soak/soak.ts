import { setTimeout } from 'node:timers/promises';
import { median } from 'simple-statistics';
import { createRandom, type Random } from '../../../core/random.ts';
import { drop } from '../drop.ts';
import { install, type Installation } from '../installation.ts';
import { treeMemoryMb } from '../linux-processes.ts';
import { reportCount } from '../outcomes.ts';
import type { Part } from '../parts.ts';
import { smallFile } from '../small-file.ts';

export interface SoakOptions {
  readonly files: number;
  /** after so long it ends with the files that have passed by then; Infinity: not before all have */
  readonly minutes: number;
  readonly pipelines: number;
  readonly rows: number;
  /** is told how it goes */
  readonly tell: (sample: Sample) => void;
}

/** Memory when so many files had their outcome: of a process and its children, the median of many moments. */
export interface Sample {
  readonly files: number;
  readonly workerMb: number;
  readonly watcherMb: number;
  readonly webMb: number;
  readonly serverMb: number;
}

export interface SoakResult {
  /** how many had their outcome */
  readonly files: number;
  /** at the first 1,000 files, or the first tenth where there are fewer than 10,000, and then nine times more, evenly */
  readonly samples: readonly Sample[];
  readonly filesPerSecond: number;
}

const SAMPLES = 10;
const USUAL_FIRST = 1_000;
/** Most files that wait: they arrive as they are worked off, as from senders who never stop. */
const AHEAD = 200;
const POLL_MS = 1_000;
/** Visits of the dashboard and looks at the memory come with every so manieth poll. */
const LOOK_EVERY = 2;
/** Heaps grow and shrink by the moment: a sample is the median of this share of the files before it. */
const WINDOW = 0.05;
/** Without any outcome for so long, something is stuck. */
const PATIENCE_MS = 300_000;

type Measured = 'worker' | 'watcher' | 'web' | 'server';
const MEASURED = ['worker', 'watcher', 'web', 'server'] as const satisfies readonly Part[];

interface Look {
  readonly files: number;
  readonly megabytes: Readonly<Record<Measured, number>>;
}

/** Lets small files pass through an installation, visits its dashboard, and looks at the memory of its processes. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const names = Array.from({ length: options.pipelines }, (_, i) => `soak-${i + 1}`);
  const installation = await install(
    Object.fromEntries(names.map((name) => [name, { target: 'late' }])),
    { parts: ['server', 'worker', 'watcher', 'web'] },
  );
  try {
    await untilDashboard(installation.dashboard);
    return await letPass(installation, names, options);
  } finally {
    await installation.remove();
  }
}

async function letPass(
  installation: Installation,
  names: readonly string[],
  { files, minutes, rows, tell }: SoakOptions,
): Promise<SoakResult> {
  const feeders = names.map((name, i) => feederOf(installation.incoming(name), i + 1, rows));
  const looks: Look[] = [];
  const marks = marksOf(files);
  const startedAt = performance.now();
  const endsAt = startedAt + minutes * 60_000;
  let [dropped, done, movedAt] = [0, 0, startedAt];
  for (let poll = 0; done < files && performance.now() < endsAt; poll++) {
    for (; dropped < Math.min(files, done + AHEAD); dropped++) {
      await feeders[dropped % feeders.length]?.();
    }
    await setTimeout(POLL_MS);
    const counts = await Promise.all(names.map((name) => reportCount(installation, name)));
    const now = counts.reduce((sum, each) => sum + each, 0);
    if (now > done) movedAt = performance.now();
    else if (performance.now() - movedAt > PATIENCE_MS) {
      throw new Error(
        `no file had an outcome for ${PATIENCE_MS / 1000} s, after ${done} of ${files}`,
      );
    }
    done = now;
    if (poll % LOOK_EVERY === 0 || done >= files) {
      await visit(installation.dashboard, names, poll);
      looks.push(await look(installation, done));
    }
    for (let mark = marks[0]; mark !== undefined && done >= mark; mark = marks[0]) {
      marks.shift();
      tell(sampleOf(looks, mark, WINDOW * files));
    }
  }
  return {
    files: done,
    samples: marksOf(done).map((mark) => sampleOf(looks, mark, WINDOW * done)),
    filesPerSecond: done / ((performance.now() - startedAt) / 1000),
  };
}

/** Growth of the process of ours that grew most, from the first sample to the last: 0.05 is 5 %. The server has caches of its own. */
export function growthOf(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('growth of no samples');
  const growths = (['workerMb', 'watcherMb', 'webMb'] as const).map(
    (part) => (last[part] - first[part]) / first[part],
  );
  return Number(Math.max(...growths).toFixed(3));
}

function marksOf(files: number): number[] {
  const first = files >= 10 * USUAL_FIRST ? USUAL_FIRST : Math.ceil(files / 10);
  return Array.from({ length: SAMPLES }, (_, i) =>
    Math.round(first + ((files - first) * i) / (SAMPLES - 1)),
  );
}

function feederOf(folder: string, seed: number, rows: number): () => Promise<void> {
  const random: Random = createRandom(seed);
  let next = 0;
  return async () => {
    next += 1;
    const name = `${String(next).padStart(6, '0')}.csv`;
    await drop(folder, { name, text: smallFile(random, rows) });
  };
}

async function untilDashboard(dashboard: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await fetch(`${dashboard}/healthz`);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await setTimeout(POLL_MS / 4);
    }
  }
}

async function visit(dashboard: string, names: readonly string[], poll: number): Promise<void> {
  const name = names[Math.floor(poll / LOOK_EVERY) % names.length] ?? '';
  for (const page of ['/', `/pipelines/${name}`, `/pipelines/${name}/models`]) {
    const response = await fetch(`${dashboard}${page}`);
    await response.arrayBuffer();
    // A pipeline is not known before its first file, nor by a worker that has just too much to do.
    if (response.status === 500) throw new Error(`the page ${page} answered 500`);
  }
}

async function look({ parts }: Installation, files: number): Promise<Look> {
  const megabytes = { worker: 0, watcher: 0, web: 0, server: 0 };
  for (const part of MEASURED) {
    const pid = parts.pid(part);
    const found = pid === null ? null : await treeMemoryMb(pid);
    if (found === null) throw new Error(`the ${part} ended during the soak`);
    megabytes[part] = found;
  }
  return { files, megabytes };
}

function sampleOf(looks: readonly Look[], mark: number, window: number): Sample {
  const inWindow = looks.filter(({ files }) => files > mark - window && files <= mark);
  const used = inWindow.length === 0 ? looks.slice(-1) : inWindow;
  const of = (part: Measured): number => median(used.map(({ megabytes }) => megabytes[part]));
  return {
    files: mark,
    workerMb: of('worker'),
    watcherMb: of('watcher'),
    webMb: of('web'),
    serverMb: of('server'),
  };
}
