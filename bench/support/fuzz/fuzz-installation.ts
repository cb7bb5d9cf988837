import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RunSummary } from '../../../workflows/contract.ts';
import { checkLeftovers } from '../invariants/leftovers.ts';
import { npmStart, type NpmStart } from '../npm-start.ts';
import { allRuns, untilOutcomes } from '../runs.ts';
import { fuzzedFile, INTERNAL } from './fuzz-files.ts';
import { makeSeeds, type SeedFile } from './seeds.ts';

/** What came of fuzzed files that were dropped into the folders of the pipelines of one `npm start`. */
export interface InstallationFigures {
  /** of different content in a pipeline: a second file of the same content is no work */
  readonly dropped: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** dropped, and without an outcome */
  readonly lost: number;
  /** with more than one outcome */
  readonly repeated: number;
  /** whether the process that was started is the one that recorded the last outcome */
  readonly lives: boolean;
  /** what became of the sound file that came last, by pipeline */
  readonly soundFileAfter: Readonly<Record<string, string>>;
  /** working files that were left when all was done */
  readonly leftovers: number;
  readonly faults: readonly string[];
}

const PIPELINES = ['fuzz', 'second'] as const;
const PATIENCE_MS_PER_FILE = 20_000;
const POLL_MS = 500;
/** A failure is the machine's or the product's, which no file should bring about. */
const WRONG = new Set<RunSummary['outcome']>(['failed', 'cancelled', 'gone']);
/** What a sound file may come to, whatever came before. */
const DECIDED = new Set<string>([
  'trained',
  'kept',
  'promoted',
  'refused',
  'withheld',
  'rolled back',
]);

/**
 * Drops fuzzed files into two pipelines of one `npm start`, a sound file before and after them, and looks at what was
 * recorded of each.
 * @param onProgress is told how many have an outcome
 */
export async function fuzzInstallation(
  files: number,
  seed: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<InstallationFigures> {
  const started = await npmStart(
    Object.fromEntries(PIPELINES.map((name) => [name, { target: 'y' }])),
  );
  try {
    await started.start();
    const pid = await started.pid();
    const dropped = new Map(PIPELINES.map((name) => [name, new Set<string>()]));
    const drop = (pipeline: (typeof PIPELINES)[number], file: SeedFile): Promise<void> =>
      dropOnce(started.incoming(pipeline), file, dropped.get(pipeline) ?? new Set());
    const wait = (): Promise<void> => untilAll(started, dropped, files);
    for (const name of PIPELINES) await drop(name, soundFile('00000-before.csv', 1));
    await wait();
    const seeds = await makeSeeds(started.folder);
    for (let i = 0; i < files; i++) {
      const { name, content } = fuzzedFile(seeds, seed, i);
      const pipeline = PIPELINES[i % PIPELINES.length] ?? PIPELINES[0];
      await drop(pipeline, { name: `${String(i + 1).padStart(5, '0')}-${name}`, content });
      // A pipeline takes in 250 files at most, so that more in the folder only wait there.
      if (i % 200 === 199) {
        await wait();
        onProgress(i + 1);
      }
    }
    await wait();
    for (const name of PIPELINES) await drop(name, soundFile('99999-after.csv', 2));
    await wait();
    const lives = started.ended() === null && (await started.pid()) === pid;
    return await figuresOf(started, dropped, lives);
  } finally {
    await started.remove();
  }
}

type DroppedBy = ReadonlyMap<string, ReadonlySet<string>>;

async function dropOnce(
  folder: string,
  { name, content }: SeedFile,
  dropped: Set<string>,
): Promise<void> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (dropped.has(sha256)) return;
  dropped.add(sha256);
  const partial = path.join(folder, `.${name}.part`);
  await writeFile(partial, content);
  await rename(partial, path.join(folder, name));
}

/** With every column of the seeds; whatever was learned from one of them, it can be compared with. */
function soundFile(name: string, seed: number): SeedFile {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const at = new Date(Date.UTC(2024, 0, 1 + i, seed)).toISOString();
    const price = ((i * 37 + seed) % 1000) / 10;
    const town = ['Bern', 'Köln', 'New York', 'Paris'][(i + seed) % 4] ?? '';
    return [i, price, town, at, i % 2 === 0, `n${i % 9}`, i / 7, price > 50 ? 'yes' : 'no'].join();
  });
  const text = ['id,price,town,at,open,note,ratio,y', ...rows].join('\n');
  return { name, content: Buffer.from(text) };
}

async function untilAll(started: NpmStart, dropped: DroppedBy, files: number): Promise<void> {
  const client = await started.client();
  const patience = 120_000 + files * PATIENCE_MS_PER_FILE;
  for (const [pipeline, contents] of dropped) {
    const isEnded = new AbortController();
    await Promise.race([
      untilOutcomes(client, pipeline, contents.size, patience),
      untilEnded(started, isEnded.signal),
    ]).finally(() => {
      isEnded.abort();
    });
  }
}

/** A process that has ended records nothing any more. */
async function untilEnded(started: NpmStart, signal: AbortSignal): Promise<never> {
  for (;;) {
    const end = started.ended();
    if (end !== null) {
      const how = end.signal ?? `code ${String(end.code)}`;
      throw new Error(`npm start ended (${how}); it printed:\n${started.printed().slice(-2000)}`);
    }
    await setTimeout(POLL_MS);
    if (signal.aborted) return new Promise<never>(() => undefined);
  }
}

const SETTLING_MS = 60_000;

/** What is left once all is written that follows an outcome: a pipeline saves its state after it. */
async function leftoversOf(home: string): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLING_MS;
  for (;;) {
    const left = await checkLeftovers(home);
    if (left.length === 0 || performance.now() > deadline) return left;
    await setTimeout(POLL_MS);
  }
}

async function figuresOf(
  started: NpmStart,
  dropped: DroppedBy,
  lives: boolean,
): Promise<InstallationFigures> {
  const client: Client = await started.client();
  const outcomes: Record<string, number> = {};
  const soundFileAfter: Record<string, string> = {};
  const faults: string[] = [];
  let [lost, repeated] = [0, 0];
  for (const [pipeline, contents] of dropped) {
    const runs = await allRuns({ client, store: started.store }, pipeline);
    const recorded = new Set(runs.map(({ sha256 }) => sha256));
    lost += [...contents].filter((sha256) => !recorded.has(sha256)).length;
    repeated += runs.length - recorded.size;
    for (const { fileName, outcome, reason } of runs) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      const isWrong =
        WRONG.has(outcome) || INTERNAL.test(reason) || reason.includes(started.folder);
      if (isWrong) faults.push(`${pipeline}, ${fileName}: ${outcome}: ${reason}`);
    }
    const last = runs.find(({ fileName }) => fileName === '99999-after.csv');
    soundFileAfter[pipeline] = last?.outcome ?? 'none';
    if (!DECIDED.has(last?.outcome ?? 'none')) {
      faults.push(
        `${pipeline}: the sound file that came last: ${last?.reason ?? 'it has no outcome'}`,
      );
    }
  }
  const left = await leftoversOf(started.home);
  faults.push(...left);
  return {
    dropped: [...dropped.values()].reduce((sum, { size }) => sum + size, 0),
    ...{ outcomes, lost, repeated, lives, soundFileAfter },
    leftovers: left.length,
    faults,
  };
}
