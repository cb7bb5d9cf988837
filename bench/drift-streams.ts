import { streamDetectors, type StreamDetectorName } from '../core/drift/streams/all-detectors.ts';
import { printFigures, printTable, quick } from './support/report.ts';
import { writeEvidence, wordsOf, type StreamResults } from './support/stream-evidence.ts';
import { generateErrors, type ErrorRates, type ErrorStream } from './support/stream-errors.ts';
import { seaErrors } from './support/stream-sea.ts';
import { scoreDetector } from './support/stream-score.ts';

/**
 * How often does each stream detector cry wolf, how soon does it find a change, how many does it miss?
 * `--write` makes docs/evidence/drift-streams.md of the run.
 */
const SEEDS = quick ? 30 : 100;
const ROWS = quick ? 2000 : 5000;

const GENERATED: readonly Omit<ErrorRates, 'before' | 'after'>[] = [
  { from: 0.2, to: 0.25, transition: 0 },
  { from: 0.2, to: 0.3, transition: 0 },
  { from: 0.2, to: 0.4, transition: 0 },
  { from: 0.2, to: 0.3, transition: 1000 },
];

interface Setting {
  readonly detector: StreamDetectorName;
  /** those that differ from the defaults */
  readonly options?: object;
  readonly label?: string;
}

/** Each with its defaults; those whose defaults are not meant for errors of 0 and 1, with others too. */
const SETTINGS: readonly Setting[] = [
  { detector: 'adwin' },
  { detector: 'ddm' },
  { detector: 'eddm' },
  { detector: 'rddm' },
  { detector: 'hddmA' },
  { detector: 'hddmW' },
  { detector: 'ecdd' },
  { detector: 'stepd' },
  { detector: 'wstd' },
  { detector: 'fhddm' },
  { detector: 'cusum' },
  {
    detector: 'cusum',
    label: 'CUSUM against the first 1,000: slack 0.1 σ, threshold 50 σ',
    options: { reference: 'first values', minValues: 1000, slack: 0.1, threshold: 50 },
  },
  { detector: 'pageHinkley' },
  {
    detector: 'pageHinkley',
    label: 'Page–Hinkley: δ 0.03, threshold 20',
    options: { delta: 0.03, threshold: 20 },
  },
  { detector: 'gma' },
  { detector: 'gma', label: 'GMA: threshold 0.1', options: { threshold: 0.1 } },
  { detector: 'ewmaChart' },
  { detector: 'shewhart' },
  { detector: 'kswin' },
  { detector: 'kswin', label: 'KSWIN: α 0.0001', options: { alpha: 1e-4 } },
  { detector: 'bocd' },
  {
    detector: 'bocd',
    label: 'BOCD: σ² 0.2, hazard 0.0001',
    options: { dataVariance: 0.2, hazard: 1e-4 },
  },
];

const streams: readonly (readonly [name: string, streams: readonly ErrorStream[]])[] = [
  ['SEA, abrupt', await seaErrors('abrupt')],
  ['SEA, gradual', await seaErrors('gradual')],
  ...GENERATED.map((rates) => [nameOf(rates), generate(rates)] as const),
];

const measured = streams.map(([stream, errors]): StreamResults => {
  const results = SETTINGS.map(({ detector, options = {}, label }) => ({
    detector: label ?? streamDetectors[detector].name,
    score: scoreDetector(streamDetectors[detector], options, errors),
  }));
  const about = `${errors.length} streams, ${ratesOf(errors)}`;
  process.stdout.write(`\n${stream}: ${about}\n\n`);
  printTable([
    ['detector', 'MTFA', 'delay', 'missed', 'MTR', 'false alarms'],
    ...results.map(({ detector, score }) => [detector, ...wordsOf(score)]),
  ]);
  return { stream, about, results };
});
if (process.argv.includes('--write')) await writeEvidence(measured);
printFigures({
  streams: measured.flatMap(({ stream, results }) =>
    results.map(({ detector, score: { mtfa, delay, missed, mtr, falseAlarms } }) => ({
      stream,
      detector,
      mtfa: round(mtfa),
      delay: delay === null ? null : round(delay),
      missed: round(missed),
      mtr: round(mtr),
      falseAlarms,
    })),
  ),
});

function generate(rates: (typeof GENERATED)[number]): readonly ErrorStream[] {
  return Array.from({ length: SEEDS }, (_, seed) =>
    generateErrors({ ...rates, before: ROWS, after: ROWS }, seed),
  );
}

function nameOf({ from, to, transition }: (typeof GENERATED)[number]): string {
  const how = transition === 0 ? 'at once' : `over ${transition.toLocaleString('en')} rows`;
  return `error rate ${from} to ${to} ${how}`;
}

/** Measured error rates before and after the changes. */
function ratesOf(streams: readonly ErrorStream[]): string {
  const share = (parts: readonly Float64Array[]): string => {
    const rows = parts.reduce((sum, part) => sum + part.length, 0);
    const errors = parts.reduce((sum, part) => sum + part.reduce((a, b) => a + b, 0), 0);
    return (errors / rows).toFixed(3);
  };
  const before = share(streams.map(({ errors, change }) => errors.subarray(0, change.start)));
  const after = share(streams.map(({ errors, change }) => errors.subarray(change.end)));
  return `error rate ${before} before, ${after} after`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
