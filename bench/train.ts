import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { makePeerPython } from './support/train-peer.ts';
import type { Peer } from './support/train-peer.ts';
import { printFigures, printTable, quick } from './support/report.ts';
import { writeEvidence } from './support/train-evidence.ts';

/**
 * How long does a fit take, how much memory does it need, and how good is the model? On one thread, on
 * data as of scikit-learn's `make_classification`; with `--peers` beside scikit-learn, and for boosting LightGBM, on the
 * same data and one thread too; boosting also beside scikit-learn on two. Scores are accuracy, and R² of regressions, on
 * 20,000 rows that no model was trained on; those of forests once more over five sets of data. `--write` makes
 * docs/evidence/train.md of it.
 */
const run = promisify(execFile);
const ROWS = quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000];
const peers = process.argv.includes('--peers');
const write = process.argv.includes('--write');

type Task = 'classification' | 'regression';

/** What is fitted to so many rows. */
interface Job {
  readonly estimator: 'forest' | 'boosting' | 'logistic' | 'linear';
  readonly task: Task;
  readonly rows: number;
}

const JOBS: readonly Job[] = [
  ...ROWS.flatMap((rows): readonly Job[] => [
    { estimator: 'forest', task: 'classification', rows },
    { estimator: 'boosting', task: 'classification', rows },
    { estimator: 'logistic', task: 'classification', rows },
    { estimator: 'linear', task: 'regression', rows },
  ]),
  ...(['forest', 'boosting'] as const).map((estimator): Job => ({
    estimator,
    task: 'regression',
    rows: quick ? 1000 : 10_000,
  })),
];

/** scikit-learn's forest takes about half a minute at these rows, and many minutes above. */
const MOST_PEER_FOREST_ROWS = 100_000;

/** Forests are compared on so many sets of data, of this many rows. */
const SEEDS = quick ? 2 : 5;
const SEED_ROWS = quick ? 1000 : 10_000;

const ownSchema = z.object({
  seconds: z.number(),
  peakMb: z.number(),
  score: z.number(),
  predictRowsPerSecond: z.number(),
});
const peerSchema = z.object({ peerSeconds: z.number(), peerScore: z.number() });

const python = peers ? await makePeerPython() : undefined;
const folder = await mkdtemp(path.join(tmpdir(), 'calmops-bench-train-'));
try {
  const fits: Fit[] = [];
  for (const job of JOBS) fits.push(...(await fit(job)));
  const scores = await forestScores();
  const { predictRowsPerSecond } = await predictionSpeed();
  const fitRows = [
    ['estimator', 'task', 'rows', 's', 'peak MB', 'score', 'peer', 's', 'score', 'times faster'],
    ...fits.map((own) => [
      own.estimator,
      own.task,
      String(own.rows),
      own.seconds.toFixed(3),
      own.peakMb.toFixed(0),
      own.score.toFixed(4),
      own.peer ?? '',
      own.peerSeconds?.toFixed(3) ?? '',
      own.peerScore?.toFixed(4) ?? '',
      own.peerSeconds === null ? '' : (own.peerSeconds / own.seconds).toFixed(1),
    ]),
  ];
  const scoreRows = [
    [`forest, ${SEED_ROWS} rows`, ...scores.own.map((_, i) => `seed ${i + 1}`), 'mean ± sd'],
    ['accuracy', ...scores.own.map((score) => score.toFixed(4)), meanAndSpread(scores.own)],
    ...(scores.peer === null
      ? []
      : [
          [
            'scikit-learn',
            ...scores.peer.map((score) => score.toFixed(4)),
            meanAndSpread(scores.peer),
          ],
          ['difference', ...scores.differences.map(signed), meanAndSpread(scores.differences)],
        ]),
  ];
  const speed = `${predictRowsPerSecond} rows/s`;
  printTable(fitRows);
  printTable(scoreRows);
  printTable([['prediction, 100 trees of depth 10', speed]]);
  if (write)
    await writeEvidence({ fits: fitRows, scores: scoreRows, speed, command: process.argv });
  printFigures({ fits, forestScores: scores, predictRowsPerSecond });
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A fit of ours, beside one of a peer where it has one. */
interface Fit extends Omit<z.infer<typeof ownSchema>, 'predictRowsPerSecond'>, Job {
  readonly threads: 1;
  readonly peer: string | null;
  readonly peerSeconds: number | null;
  readonly peerScore: number | null;
}

interface ForestScores {
  readonly own: readonly number[];
  readonly peer: readonly number[] | null;
  /** own less the peer's */
  readonly differences: readonly number[];
}

/** Accuracy of forests on several sets of data, beside scikit-learn's. */
async function forestScores(): Promise<ForestScores> {
  const own: number[] = [];
  const peer: number[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const job: Job = { estimator: 'forest', task: 'classification', rows: SEED_ROWS };
    own.push((await fitOwn(job, { seed, repetitions: 1 })).score);
    for (const scikitLearn of python?.peersOf('forest') ?? []) {
      peer.push((await fitPeer(scikitLearn, job, 1)).peerScore);
    }
  }
  const differences = peer.map((score, i) => (own[i] ?? NaN) - score);
  return { own, peer: python === undefined ? null : peer, differences };
}

/** Rows a second, the median of so many predictions that the compiler is through with them. */
async function predictionSpeed(): Promise<{ readonly predictRowsPerSecond: number }> {
  const { predictRowsPerSecond } = await fitOwn(
    { estimator: 'forest-depth-10', task: 'classification', rows: 10_000 },
    { repetitions: 15 },
  );
  return { predictRowsPerSecond: Math.round(predictRowsPerSecond) };
}

function meanAndSpread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${mean.toFixed(4)} ± ${Math.sqrt(squares / (values.length - 1)).toFixed(4)}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

/** The fit of ours once beside each of its peers. */
async function fit(job: Job): Promise<readonly Fit[]> {
  const { seconds, peakMb, score } = await fitOwn(job);
  const own = { ...job, threads: 1 as const, seconds, peakMb, score };
  const { estimator, rows } = job;
  if (python === undefined || (estimator === 'forest' && rows > MOST_PEER_FOREST_ROWS)) {
    return [{ ...own, peer: null, peerSeconds: null, peerScore: null }];
  }
  const fits: Fit[] = [];
  for (const peer of python.peersOf(estimator)) {
    // Two threads that wait for each other take minutes where others work on the same processors.
    if (quick && peer.threads > 1) continue;
    fits.push({ ...own, peer: peer.name, ...(await fitPeer(peer, job, repetitions(rows))) });
  }
  return fits;
}

/** Fits a peer's estimator to the data that the last fit of ours left. */
async function fitPeer(
  { library, threads }: Peer,
  { estimator, task, rows }: Job,
  times: number,
): Promise<z.infer<typeof peerSchema>> {
  const script = new URL('support/peer-fit.py', import.meta.url).pathname;
  const words = [library, threads, estimator, task, rows, times, folder].map(String);
  const { stdout } = await run(python?.program ?? 'python3', [script, ...words]);
  return peerSchema.parse(JSON.parse(stdout));
}

async function fitOwn(
  {
    estimator,
    task,
    rows,
  }: { readonly estimator: string; readonly task: Task; readonly rows: number },
  options: { readonly seed?: number; readonly repetitions?: number } = {},
): Promise<z.infer<typeof ownSchema>> {
  const script = new URL('support/fit-once.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [
    '--import',
    'tsx',
    script,
    estimator,
    task,
    String(rows),
    String(options.seed ?? 1),
    String(options.repetitions ?? repetitions(rows)),
    ...(python === undefined ? [] : [folder]),
  ]);
  return ownSchema.parse(JSON.parse(stdout));
}

/** Short fits are repeated and their median is taken, which leaves out the compilation of the first one. */
function repetitions(rows: number): number {
  return rows <= 10_000 ? 3 : 1;
}
