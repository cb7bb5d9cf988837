import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { printFigures, printTable, quick } from './support/report.ts';

/**
 * How long does a fit take, how much memory does it need, and how good is the model? On one thread, on
 * data as of scikit-learn's `make_classification`; with `--peers` beside scikit-learn on the same data and
 * one thread too. Scores are accuracy, and R² for linear, on 20,000 rows that no model was trained on.
 */
const run = promisify(execFile);
const ESTIMATORS = ['forest', 'boosting', 'logistic', 'linear'] as const;
const ROWS = quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000];
const PYTHON = process.env['CALMOPS_BENCH_PYTHON'] ?? '.calmops/bench-venv/bin/python';
const peers = process.argv.includes('--peers');

const ownSchema = z.object({
  task: z.enum(['classification', 'regression']),
  seconds: z.number(),
  peakMb: z.number(),
  score: z.number(),
  predictRowsPerSecond: z.number(),
});
const peerSchema = z.object({ peerSeconds: z.number(), peerScore: z.number() });

const python = peers ? await findPython() : undefined;
const folder = await mkdtemp(path.join(tmpdir(), 'calmops-bench-train-'));
try {
  const fits: Fit[] = [];
  for (const rows of ROWS) {
    for (const estimator of ESTIMATORS) fits.push(await fit(estimator, rows));
  }
  const depth10 = await fitOwn('forest-depth-10', 10_000);
  const predictRowsPerSecond = Math.round(depth10.predictRowsPerSecond);
  printTable([
    ['estimator', 'rows', 's', 'peak MB', 'score', 'scikit-learn s', 'score', 'times faster'],
    ...fits.map((own) => [
      own.estimator,
      own.rows,
      own.seconds.toFixed(3),
      own.peakMb.toFixed(0),
      own.score.toFixed(4),
      own.peerSeconds?.toFixed(3) ?? '',
      own.peerScore?.toFixed(4) ?? '',
      own.peerSeconds === null ? '' : (own.peerSeconds / own.seconds).toFixed(1),
    ]),
  ]);
  printTable([['prediction, 100 trees of depth 10', `${predictRowsPerSecond} rows/s`]]);
  printFigures({ fits, predictRowsPerSecond });
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface Fit extends Omit<z.infer<typeof ownSchema>, 'predictRowsPerSecond'> {
  readonly estimator: string;
  readonly rows: number;
  readonly threads: 1;
  readonly peer: 'scikit-learn' | null;
  readonly peerSeconds: number | null;
  readonly peerScore: number | null;
}

async function fit(estimator: (typeof ESTIMATORS)[number], rows: number): Promise<Fit> {
  const { task, seconds, peakMb, score } = await fitOwn(estimator, rows);
  const own = { estimator, task, rows, threads: 1 as const, seconds, peakMb, score };
  if (python === undefined) return { ...own, peer: null, peerSeconds: null, peerScore: null };
  const script = new URL('support/peer-fit.py', import.meta.url).pathname;
  const times = String(repetitions(rows));
  const { stdout } = await run(python, [script, estimator, String(rows), times, folder]);
  return { ...own, peer: 'scikit-learn', ...peerSchema.parse(JSON.parse(stdout)) };
}

async function fitOwn(estimator: string, rows: number): Promise<z.infer<typeof ownSchema>> {
  const script = new URL('support/fit-once.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [
    '--import',
    'tsx',
    script,
    estimator,
    String(rows),
    '1',
    String(repetitions(rows)),
    ...(python === undefined ? [] : [folder]),
  ]);
  return ownSchema.parse(JSON.parse(stdout));
}

/** Short fits are repeated and their median is taken, which leaves out the compilation of the first one. */
function repetitions(rows: number): number {
  return rows <= 10_000 ? 3 : 1;
}

/** @throws Error if there is no Python with scikit-learn, saying how to make one */
async function findPython(): Promise<string> {
  try {
    await run(PYTHON, ['-c', 'import sklearn']);
    return PYTHON;
  } catch (cause) {
    throw new Error(
      `--peers needs scikit-learn at ${PYTHON}: python3 -m venv .calmops/bench-venv && .calmops/bench-venv/bin/pip install scikit-learn==1.9.1; or name another Python in CALMOPS_BENCH_PYTHON`,
      { cause },
    );
  }
}
