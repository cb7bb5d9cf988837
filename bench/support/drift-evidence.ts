import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Format } from './drift-files.ts';
import type { Peer } from './drift-peers.ts';
import { markdownTable } from './report.ts';

/** What one process took. */
export interface Measured {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakMb: number;
}

/** One pair of files. */
export interface Report {
  readonly rows: number;
  readonly columns: number;
  readonly format: Format;
  readonly own: Measured;
  /** none where they were not asked for, or the files are too large for them */
  readonly peers: readonly (Measured & { readonly peer: Peer })[];
}

export interface DriftSpeedFigures {
  readonly reports: readonly Report[];
  readonly adwinPerSecond: number;
  /** mean number of processes that wanted a core in the last minute, before and after */
  readonly load: readonly [before: number, after: number];
  /** arguments of the process */
  readonly command: readonly string[];
}

/** Writes docs/evidence/drift-speed.md anew. */
export async function writeEvidence(figures: DriftSpeedFigures): Promise<void> {
  const { reports, adwinPerSecond, load, command } = figures;
  const options = command.filter((word) => word.startsWith('--')).join(' ');
  const text = [
    '# Drift detection, measured',
    '',
    `\`npm run bench:drift -- ${options}\` made this page, in one run on ${cpus().length} cores. It compares a reference and a current file as whole`,
    'processes, from their start to their end: both files are read from scratch and summarised, every column is tested, and the',
    'multivariate tests are made on samples of the rows. 14 columns of floats, 4 of integers and 2 of categories (five times as many in the',
    'wide table); the first of each kind has drifted. 10 million rows are a million ten times over.',
    '',
    'Up to 1,000,000 × 20, times of ours are the median and memory is the largest of three runs: before, between and after those of the peers,',
    'as a machine is not as fast at all times. All else was measured once.',
    '',
    'In a pipeline the reference is not read: its summary is made with the first file of a champion’s reign and stored.',
    '',
    `The load of the machine was ${load[0].toFixed(1)} before and ${load[1].toFixed(1)} after: beyond ${cpus().length - 1}, other processes lengthen the time by the clock. Processor`,
    'time is less affected, and peak memory is not. Both are of all processes of a program; what each held at most is added up.',
    '',
    '## Reference and current file',
    '',
    ...markdownTable([
      [
        'rows × columns',
        'from',
        'clock s',
        'processor s',
        'processor s ÷ million cells',
        'peak MB',
      ],
      ...reports.map(({ rows, columns, format, own }) => [
        `${rows.toLocaleString('en')} × ${columns}`,
        format,
        ...cellsOf(own).slice(0, 2),
        ((own.processorSeconds / (2 * rows * columns)) * 1e6).toFixed(2),
        own.peakMb.toFixed(0),
      ]),
    ]),
    '',
    ...besidePeers(reports),
    '## The aims',
    '',
    ...markdownTable([
      ['aim', 'measured', 'reached'],
      ...aimsOf(figures).map(({ aim, measured, reached }) => [
        aim,
        measured,
        reached ? 'yes' : 'no',
      ]),
    ]),
    '',
    '## ADWIN',
    '',
    `A million values of 0 and 1 with a change every 100,000 of them, one thread: ${adwinPerSecond.toLocaleString('en')} values a second.`,
    '',
    ...EXACTNESS,
  ];
  await writeFile(new URL('../../docs/evidence/drift-speed.md', import.meta.url), text.join('\n'));
}

const EXACTNESS = [
  '## What is stated about exactness',
  '',
  'Up to 100,000 values a column everything is exact. Beyond that a column is represented by 100,000 quantiles and the bound of their rank',
  'error: 5·10⁻⁶ for one block, below 5·10⁻⁵ for ten million rows. The p-value of Kolmogorov–Smirnov is that of D less the bounds of both',
  'sides, and so never smaller than the exact one; for a million rows each that costs less than 1 % of the critical D.',
  '',
];

function besidePeers(reports: readonly Report[]): readonly string[] {
  const compared = reports.filter(({ peers }) => peers.length > 0);
  if (compared.length === 0) return [];
  return [
    '## Beside the peers',
    '',
    'The same files through Evidently 0.7.23 (`DataDriftPreset`, its defaults) and NannyML 0.13.1 (KS, Jensen–Shannon, χ², 10 chunks), one after',
    'the other. The peers make no multivariate tests here. Ratios are to CalmOps.',
    '',
    ...markdownTable([
      [
        'rows',
        'from',
        'program',
        'clock s',
        'processor s',
        'peak MB',
        'clock',
        'processor',
        'memory',
      ],
      ...compared.flatMap(({ rows, format, own, peers }) => [
        [rows.toLocaleString('en'), format, 'CalmOps', ...cellsOf(own), '', '', ''],
        ...peers.map(({ peer, ...measured }) => [
          '',
          '',
          peer,
          ...cellsOf(measured),
          `× ${(measured.seconds / own.seconds).toFixed(1)}`,
          `× ${(measured.processorSeconds / own.processorSeconds).toFixed(1)}`,
          `× ${(measured.peakMb / own.peakMb).toFixed(1)}`,
        ]),
      ]),
    ]),
    '',
  ];
}

interface Aim {
  readonly aim: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** Those that the sizes measured say something about. */
function aimsOf({ reports, adwinPerSecond }: DriftSpeedFigures): readonly Aim[] {
  const aims: Aim[] = [];
  for (const { rows, columns, format, own, peers } of reports) {
    const name = `${rows.toLocaleString('en')} × ${columns} from ${format}`;
    const add = (aim: string, measured: string, reached: boolean): unknown =>
      aims.push({ aim: `${name}: ${aim}`, measured, reached });
    const peakMb = `${own.peakMb.toFixed(0)} MB`;
    if (rows === 1_000_000 && columns === 20) {
      if (format === 'parquet') add('below 4 s', `${own.seconds.toFixed(1)} s`, own.seconds < 4);
      add('below 800 MB', peakMb, own.peakMb < 800);
      for (const { peer, seconds, peakMb: theirs } of peers) {
        const least = peer === 'evidently' ? 10 : 2;
        const times = seconds / own.seconds;
        add(`${least} times as fast as ${peer}`, `${times.toFixed(1)} times`, times >= least);
        if (peer !== 'evidently') continue;
        const part = own.peakMb / theirs;
        add(`a quarter of ${peer}’s memory`, `${part.toFixed(2)} of it`, part <= 0.25);
      }
    } else if (rows * columns > 20_000_000) add('below 1,500 MB', peakMb, own.peakMb < 1500);
  }
  return [
    ...aims,
    {
      aim: 'ADWIN: a million values a second',
      measured: adwinPerSecond.toLocaleString('en'),
      reached: adwinPerSecond >= 1e6,
    },
  ];
}

function cellsOf({ seconds, processorSeconds, peakMb }: Measured): readonly string[] {
  return [seconds.toFixed(1), processorSeconds.toFixed(1), peakMb.toFixed(0)];
}
