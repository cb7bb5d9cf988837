import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { adwin } from '../core/drift/streams/adwin.ts';
import { createRandom } from '../core/random.ts';
import { writeEvidence, type Measured, type Report } from './support/drift-evidence.ts';
import { FORMATS, writeDriftFiles, type DriftShape } from './support/drift-files.ts';
import { makePeerPython, PEERS } from './support/drift-peers.ts';
import { printFigures, printTable, quick } from './support/report.ts';

/**
 * How long does it take to compare a file with its reference, and how much memory? Whole processes, from their start to
 * their end: both files are read and a report is made, by `calmops compare`. With `--peers` beside Evidently and NannyML on the
 * same files, where these have at most 1 million rows of 20 columns; it makes a Python environment for them. Up to this size
 * ours is measured before, between and after them, as a machine is not as fast at all times.
 * `--write` makes docs/evidence/drift-speed.md of the run.
 */
const run = promisify(execFile);
const TWENTY = { floats: 14, integers: 4, categories: 2 };
const QUICK: readonly DriftShape[] = [
  { rows: 10_000, ...TWENTY },
  { rows: 100_000, ...TWENTY },
];
const SHAPES: readonly DriftShape[] = [
  ...QUICK,
  { rows: 1_000_000, ...TWENTY },
  { rows: 10_000_000, ...TWENTY },
  { rows: 1_000_000, floats: 70, integers: 20, categories: 10 },
];
/** Beyond this everything is measured once, and no peer. */
const MOST_CELLS = 20_000_000;
const ADWIN_VALUES = 1_000_000;
const CALMOPS = new URL('../scripts/calmops.mjs', import.meta.url).pathname;
const endedSchema = z.object({ code: z.number(), stdout: z.string() });
const figuresSchema = z.object({ processorSeconds: z.number(), peakMb: z.number() });

// Built before it is measured.
await run(process.execPath, [CALMOPS, '--help']);
const loadBefore = loadavg()[0] ?? NaN;
const python = process.argv.includes('--peers') ? await makePeerPython() : null;
const adwinPerSecond = Math.round(measureAdwin());
const reports: Report[] = [];
for (const shape of quick ? QUICK : SHAPES) {
  reports.push(...(await measureShape(shape)));
  // After each size: what was measured is not lost where the large ones are broken off.
  if (process.argv.includes('--write')) {
    const load = [loadBefore, loadavg()[0] ?? NaN] as const;
    await writeEvidence({ reports, adwinPerSecond, load, command: process.argv });
  }
}

printTable([
  [
    'rows',
    'columns',
    'from',
    's',
    'processor s',
    's a million cells',
    'peak MB',
    'peer',
    's',
    'processor s',
    'peak MB',
    'times faster',
    'memory',
  ],
  ...reports.flatMap(rowsOf),
]);
printTable([['ADWIN, one thread', `${adwinPerSecond} values/s`]]);
printFigures({ reports: reports.flatMap(figuresOf), adwinPerSecond });

function rowsOf({ rows, columns, format, own, peers }: Report): readonly (string | number)[][] {
  const cells = 2 * rows * columns;
  const head = [rows, columns, format, ...shown(own)];
  head.splice(5, 0, ((own.seconds / cells) * 1e6).toFixed(3));
  if (peers.length === 0) return [head];
  return peers.map(({ peer, ...measured }) => [
    ...head,
    peer,
    ...shown(measured),
    (measured.seconds / own.seconds).toFixed(1),
    `1/${(measured.peakMb / own.peakMb).toFixed(1)}`,
  ]);
}

function shown({ seconds, processorSeconds, peakMb }: Measured): readonly string[] {
  return [seconds.toFixed(2), processorSeconds.toFixed(2), peakMb.toFixed(0)];
}

function figuresOf({ rows, columns, format, own, peers }: Report): readonly object[] {
  const head = { rows, columns, format, seconds: own.seconds, peakMb: own.peakMb };
  if (peers.length === 0) return [{ ...head, peer: null, peerSeconds: null, peerPeakMb: null }];
  return peers.map(({ peer, seconds, peakMb }) => ({
    ...head,
    peer,
    peerSeconds: seconds,
    peerPeakMb: peakMb,
  }));
}

async function measureShape(shape: DriftShape): Promise<readonly Report[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-bench-drift-'));
  try {
    const files = await writeDriftFiles(folder, shape);
    const columns = shape.floats + shape.integers + shape.categories;
    const measured: Report[] = [];
    for (const format of FORMATS) {
      const isShort = shape.rows * columns <= MOST_CELLS;
      const runs: Measured[] = [];
      const peers = [];
      for (const peer of [...PEERS, null]) {
        if (isShort || runs.length === 0) runs.push(await measureOwn(files[format], folder));
        if (peer === null || python === null || !isShort) continue;
        const script = new URL('support/peer-drift.py', import.meta.url).pathname;
        peers.push({ peer, ...(await timed(python, [script, peer, ...files[format]])) });
      }
      measured.push({ rows: shape.rows, columns, format, own: typical(runs), peers });
    }
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The median of the times, the largest of the peaks. */
function typical(runs: readonly Measured[]): Measured {
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
  return {
    seconds: median(runs.map(({ seconds }) => seconds)),
    processorSeconds: median(runs.map(({ processorSeconds }) => processorSeconds)),
    peakMb: Math.max(...runs.map(({ peakMb }) => peakMb)),
  };
}

/** `calmops compare`, which ends with 2 where something has changed. */
function measureOwn(files: readonly string[], scratch: string): Promise<Measured> {
  const usage = new URL('support/print-usage.mjs', import.meta.url).href;
  const args = ['--enable-source-maps', '--import', usage, CALMOPS, 'compare', ...files];
  return timed(process.execPath, args, { code: 2, scratch });
}

/** Runs a program whose last line of output is JSON with what it took. */
async function timed(
  program: string,
  args: readonly string[],
  { code = 0, scratch = tmpdir() }: { readonly code?: number; readonly scratch?: string } = {},
): Promise<Measured> {
  const from = performance.now();
  const options = { maxBuffer: 1 << 26, env: { ...process.env, TMPDIR: scratch } };
  const { stdout } = await run(program, [...args], options).catch((error: unknown) => {
    const ended = endedSchema.safeParse(error);
    if (ended.success && ended.data.code === code) return ended.data;
    throw error;
  });
  const seconds = (performance.now() - from) / 1000;
  const last = stdout.slice(stdout.trimEnd().lastIndexOf('\n') + 1);
  return { seconds, ...figuresSchema.parse(JSON.parse(last)) };
}

/** Values a second of ADWIN on a stream whose mean changes every 100,000 values. */
function measureAdwin(): number {
  const random = createRandom(1);
  const values = Float64Array.from({ length: ADWIN_VALUES }, (_, i) =>
    random() < 0.3 + 0.2 * (Math.floor(i / 100_000) % 2) ? 1 : 0,
  );
  const state = adwin.open();
  const from = performance.now();
  for (const value of values) adwin.advance(state, value);
  return ADWIN_VALUES / ((performance.now() - from) / 1000);
}
