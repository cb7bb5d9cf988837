import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRandom, deriveSeed } from '../../../core/random.ts';
import { readingEnded, readingLimits } from '../../../data/reading-limits.ts';
import { ProcessEndedError, type ProcessEnd } from '../../../processes/process-ended.ts';
import { startProcessPool, type ProcessPool } from '../../../processes/process-pool.ts';
import type { FuzzOutcome, FuzzReply } from './fuzz-process.ts';
import { hostileFile } from './hostile.ts';
import { below, mutated } from './mutate.ts';
import { makeSeeds, type SeedFile } from './seeds.ts';

export interface FuzzOptions {
  readonly files: number;
  readonly seed: number;
  /** processes that read */
  readonly atOnce: number;
  /** is told how many files have been read */
  readonly onProgress?: (done: number) => void;
}

/** What came of fuzzed files. Each of the last five is a fault of the product. */
export interface FuzzFigures {
  readonly files: number;
  readonly tables: number;
  readonly invalid: number;
  /** the process that hands files to readers met an error of its own */
  readonly aborts: number;
  /** neither read nor ended after minutes */
  readonly hangs: number;
  /** took more memory than a file of its size may, and was not ended */
  readonly overMemory: number;
  /** any error but InvalidDataset, a message that is too long, or two reads that differ */
  readonly wrongErrors: number;
  /** a message holds a path of working files, a stack or SQL */
  readonly paths: number;
}

export interface FuzzResult {
  readonly figures: FuzzFigures;
  /** readers that were ended, or ended themselves, which made the file invalid */
  readonly ended: Readonly<Record<ProcessEnd['kind'], number>>;
  /** where the files lie that show a fault; null if none does */
  readonly kept: string | null;
  readonly faults: readonly string[];
}

/** Of a reader, however large a file is: the product's own default. */
const MOST_MEMORY_MB = 2048;
/** A reader that keeps more than this is replaced, as in the product. */
const REPLACE_ABOVE_MB = 768;
/** Far beyond the processor time that a small file may take. */
const HANG_MS = 600_000;
const EVERY = 5;

const READER = new URL('./start-fuzz-process.mjs', import.meta.url);

/** Makes files of a seed, has each read and summarised in a process of its own kind, and counts what came of them. */
export async function fuzzFiles(options: FuzzOptions): Promise<FuzzResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-fuzz-'));
  const scratch = path.join(folder, 'scratch');
  await mkdir(scratch);
  const seeds = await makeSeeds(folder);
  const pool = startProcessPool({
    ...{ file: READER, data: scratch, size: options.atOnce, ready: options.atOnce },
    replaceAboveMb: REPLACE_ABOVE_MB,
  });
  const tally = new Tally();
  let next = 0;
  const workOff = async (): Promise<void> => {
    for (let i = next++; i < options.files; i = next++) {
      const made = fuzzedFile(seeds, options.seed, i);
      const file = path.join(folder, `${String(i).padStart(5, '0')}-${made.name}`);
      await writeFile(file, made.content);
      const faults = tally.take(await readOnce(pool, file, made, i % EVERY === 0), scratch);
      tally.faults.push(...faults.map((fault) => `${path.basename(file)}: ${fault}`));
      if (faults.length === 0) await rm(file);
      options.onProgress?.(next);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.atOnce }, workOff));
  } finally {
    await pool.close();
  }
  await rm(scratch, { recursive: true, force: true });
  const isClean = tally.faults.length === 0;
  if (isClean) await rm(folder, { recursive: true, force: true });
  const { ended, faults } = tally;
  return { figures: tally.figures(options.files), ended, faults, kept: isClean ? null : folder };
}

/** The file of this number: the same for the same seed. */
export function fuzzedFile(seeds: readonly SeedFile[], seed: number, index: number): SeedFile {
  const random = createRandom(deriveSeed(seed, index));
  if (random() < 0.08) return hostileFile(random);
  const chosen = seeds[below(seeds.length, random)];
  if (chosen === undefined) throw new Error('there are no seeds');
  return mutated(chosen, random, seeds);
}

type Read =
  | { readonly kind: 'replied'; readonly reply: FuzzReply; readonly limitMb: number }
  | { readonly kind: 'ended'; readonly end: ProcessEnd }
  | { readonly kind: 'hung' }
  | { readonly kind: 'aborted'; readonly message: string };

async function readOnce(
  pool: ProcessPool,
  file: string,
  { name, content }: SeedFile,
  isReadTwice: boolean,
): Promise<Read> {
  const limits = readingLimits({ name, bytes: content.length }, MOST_MEMORY_MB);
  const signal = AbortSignal.timeout(HANG_MS);
  try {
    const reply = (await pool.run({ file, isReadTwice }, { limits, signal })) as FuzzReply;
    return { kind: 'replied', reply, limitMb: limits.memoryMb };
  } catch (error) {
    if (signal.aborted) return { kind: 'hung' };
    if (error instanceof ProcessEndedError) return { kind: 'ended', end: error.end };
    return { kind: 'aborted', message: String(error) };
  }
}

const MAX_MESSAGE_LENGTH = 1000;
/** What stands in stacks and in the product's SQL, and in none of the files. */
export const INTERNAL =
  /\n\s+at |calmops-read-|read_csv|read_parquet|TEMP TABLE|node_modules|\.ts:\d/;

class Tally {
  readonly ended: Record<ProcessEnd['kind'], number> = { memory: 0, cpu: 0, crash: 0, killed: 0 };
  readonly faults: string[] = [];
  readonly #counts = {
    ...{ tables: 0, invalid: 0, aborts: 0, hangs: 0, overMemory: 0, wrongErrors: 0, paths: 0 },
  };

  figures(files: number): FuzzFigures {
    return { files, ...this.#counts };
  }

  /** @returns what is wrong with the product */
  take(read: Read, scratch: string): readonly string[] {
    switch (read.kind) {
      case 'replied':
        return this.#reply(read.reply, read.limitMb, scratch);
      case 'ended':
        this.ended[read.end.kind] += 1;
        return this.#outcomes([{ kind: 'invalid', message: readingEnded(read.end) }], scratch);
      case 'hung':
        this.#counts.hangs += 1;
        return ['neither read nor ended'];
      case 'aborted':
        this.#counts.aborts += 1;
        return [read.message];
    }
  }

  #reply(
    { read, summarised, again, memoryMb }: FuzzReply,
    limitMb: number,
    scratch: string,
  ): readonly string[] {
    const faults = [
      ...this.#outcomes([read, summarised, ...(again === null ? [] : [again])], scratch),
    ];
    if (memoryMb > limitMb) {
      this.#counts.overMemory += 1;
      faults.push(`took ${memoryMb} MB of ${limitMb}`);
    }
    const isSame =
      read.kind === summarised.kind &&
      (again === null || (again.kind === read.kind && digestOf(again) === digestOf(read)));
    if (!isSame) {
      this.#counts.wrongErrors += 1;
      faults.push(`reads differ: ${JSON.stringify({ read, summarised, again })}`);
    }
    return faults;
  }

  #outcomes(outcomes: readonly FuzzOutcome[], scratch: string): readonly string[] {
    const [first] = outcomes;
    if (first?.kind === 'table') this.#counts.tables += 1;
    if (first?.kind === 'invalid') this.#counts.invalid += 1;
    const messages = outcomes.flatMap((each) => (each.kind === 'table' ? [] : [each.message]));
    const wrong = outcomes.find(
      (each) =>
        each.kind === 'error' ||
        (each.kind === 'invalid' && each.message.length > MAX_MESSAGE_LENGTH),
    );
    const leak = messages.find((text) => text.includes(scratch) || INTERNAL.test(text));
    if (wrong !== undefined) this.#counts.wrongErrors += 1;
    if (leak !== undefined) this.#counts.paths += 1;
    return [
      ...(wrong === undefined ? [] : [`wrong error: ${JSON.stringify(wrong)}`]),
      ...(leak === undefined ? [] : [`message holds what is internal: ${leak}`]),
    ];
  }
}

const digestOf = (outcome: FuzzOutcome): string | null =>
  outcome.kind === 'table' ? outcome.digest : null;
