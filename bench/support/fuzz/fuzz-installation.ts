import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunSummary } from '../../../workflows/contract.ts';
import { install } from '../installation.ts';
import { allRuns, untilOutcomes } from '../runs.ts';
import { fuzzedFile, INTERNAL } from './fuzz-files.ts';
import { makeSeeds } from './seeds.ts';

/** What came of fuzzed files that were dropped into the folder of a pipeline. */
export interface InstallationFigures {
  /** of different content: a second file of the same content is no work */
  readonly dropped: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** dropped, and without an outcome */
  readonly lost: number;
  /** with more than one outcome */
  readonly repeated: number;
  /** processes of the installation that ended by themselves */
  readonly ended: number;
  readonly faults: readonly string[];
}

const PIPELINE = 'fuzz';
const PATIENCE_MS_PER_FILE = 20_000;
/** A failure is the machine's or the product's, which no file should bring about. */
const WRONG = new Set<RunSummary['outcome']>(['failed']);

/** Drops files into a whole CalmOps of processes of their own, and looks at what it recorded of each. */
export async function fuzzInstallation(files: number, seed: number): Promise<InstallationFigures> {
  const installation = await install({ [PIPELINE]: { target: 'y' } });
  try {
    const seeds = await makeSeeds(installation.folder);
    const incoming = installation.incoming(PIPELINE);
    const dropped = new Set<string>();
    for (let i = 0; i < files; i++) {
      const { name, content } = fuzzedFile(seeds, seed, i);
      const sha256 = createHash('sha256').update(content).digest('hex');
      if (dropped.has(sha256)) continue;
      dropped.add(sha256);
      const partial = path.join(incoming, `.${i}.part`);
      await writeFile(partial, content);
      await rename(partial, path.join(incoming, `${String(i).padStart(5, '0')}-${name}`));
    }
    const patience = 120_000 + files * PATIENCE_MS_PER_FILE;
    await untilOutcomes(installation.client, PIPELINE, dropped.size, patience);
    const runs = await allRuns(installation, PIPELINE);
    return figuresOf(
      runs,
      dropped,
      installation.parts.ends.filter(({ asked }) => asked === null).length,
    );
  } finally {
    await installation.remove();
  }
}

function figuresOf(
  runs: readonly RunSummary[],
  dropped: ReadonlySet<string>,
  ended: number,
): InstallationFigures {
  const outcomes: Record<string, number> = {};
  for (const { outcome } of runs) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const recorded = new Set(runs.map(({ sha256 }) => sha256));
  const faulty = runs.filter(({ outcome, reason }) => WRONG.has(outcome) || INTERNAL.test(reason));
  return {
    dropped: dropped.size,
    outcomes,
    lost: [...dropped].filter((sha256) => !recorded.has(sha256)).length,
    repeated: runs.length - recorded.size,
    ended,
    faults: faulty.map(({ fileName, outcome, reason }) => `${fileName}: ${outcome}: ${reason}`),
  };
}
