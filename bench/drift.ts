import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { adwin } from '../core/drift/streams/adwin.ts';
import { createRandom } from '../core/random.ts';
import { FORMATS, writeDriftFiles, type DriftShape, type Format } from './support/drift-files.ts';
import { makePeerPython, PEERS, type Peer } from './support/drift-peers.ts';
import { printFigures, printTable, quick } from './support/report.ts';

/**
 * How long does it take to compare a file with its reference, and how much memory? Whole processes, from their start to
 * their end: both files are read and a report is made. With `--peers` beside Evidently and NannyML on the
 * same files, where these have at most 1 million rows of 20 columns; it makes a Python environment for them.
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
  { rows: 1_000_000, floats: 70, integers: 20, categories: 10 },
  { rows: 10_000_000, ...TWENTY },
];
const MOST_PEER_CELLS = 20_000_000;
const ADWIN_VALUES = 1_000_000;

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

interface Report extends Measured {
  readonly rows: number;
  readonly columns: number;
  readonly format: Format;
  readonly peer: Peer | null;
  readonly peerSeconds: number | null;
  readonly peerPeakMb: number | null;
}

const python = process.argv.includes('--peers') ? await makePeerPython() : null;
const reports: Report[] = [];
for (const shape of quick ? QUICK : SHAPES) reports.push(...(await measureShape(shape)));
const adwinPerSecond = Math.round(measureAdwin());

printTable([
  [
    'rows',
    'columns',
    'from',
    's',
    's a million cells',
    'peak MB',
    'peer',
    's',
    'peak MB',
    'times faster',
    'memory',
  ],
  ...reports.map((report) => [
    report.rows,
    report.columns,
    report.format,
    report.seconds.toFixed(2),
    ((report.seconds / (2 * report.rows * report.columns)) * 1e6).toFixed(3),
    report.peakMb.toFixed(0),
    report.peer ?? '',
    report.peerSeconds?.toFixed(2) ?? '',
    report.peerPeakMb?.toFixed(0) ?? '',
    report.peerSeconds === null ? '' : (report.peerSeconds / report.seconds).toFixed(1),
    report.peerPeakMb === null ? '' : `1/${(report.peerPeakMb / report.peakMb).toFixed(1)}`,
  ]),
]);
printTable([['ADWIN, one thread', `${adwinPerSecond} values/s`]]);
printFigures({ reports, adwinPerSecond });

async function measureShape(shape: DriftShape): Promise<readonly Report[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-bench-drift-'));
  try {
    const files = await writeDriftFiles(folder, shape);
    const columns = shape.floats + shape.integers + shape.categories;
    const measured: Report[] = [];
    for (const format of FORMATS) {
      const own = await measureOwn([...files[format], folder]);
      const head = { rows: shape.rows, columns, format, ...own };
      if (python === null || shape.rows * columns > MOST_PEER_CELLS) {
        measured.push({ ...head, peer: null, peerSeconds: null, peerPeakMb: null });
        continue;
      }
      for (const peer of PEERS) {
        const script = new URL('support/peer-drift.py', import.meta.url).pathname;
        const { seconds, peakMb } = await timed(python, [script, peer, ...files[format]]);
        measured.push({ ...head, peer, peerSeconds: seconds, peerPeakMb: peakMb });
      }
    }
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function measureOwn(args: readonly string[]): Promise<Measured> {
  const script = new URL('support/detect-once.ts', import.meta.url).pathname;
  return timed(process.execPath, ['--import', 'tsx', script, ...args]);
}

/** Runs a program whose last line of output is JSON with its peak memory. */
async function timed(program: string, args: readonly string[]): Promise<Measured> {
  const from = performance.now();
  const { stdout } = await run(program, [...args], { maxBuffer: 1 << 26 });
  const seconds = (performance.now() - from) / 1000;
  const last = stdout.slice(stdout.trimEnd().lastIndexOf('\n') + 1);
  return { seconds, ...z.object({ peakMb: z.number() }).parse(JSON.parse(last)) };
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
