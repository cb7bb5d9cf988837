import { writeFile } from 'node:fs/promises';
import type { StreamScore } from './stream-score.ts';

/** What all detectors did on the streams of one kind. */
export interface StreamResults {
  readonly stream: string;
  /** how many streams, and their error rates */
  readonly about: string;
  readonly results: readonly { readonly detector: string; readonly score: StreamScore }[];
}

const INTRODUCTION = [
  '# Stream detectors: false alarms, delay, missed changes',
  '',
  '```sh',
  'npm run bench:drift-streams -- --write # made this page',
  'npm run bench:drift-streams -- --quick # fewer and shorter streams, under a minute',
  '```',
  '',
  'Every detector of `core/drift/streams`, with its defaults; those whose defaults are not made for errors of 0 and 1 once more with',
  'others. Each stream is the errors of one classifier that is never retrained, and the world changes once in it.',
  '',
  '- **MTFA**: mean rows between two false alarms, over all rows in which nothing changed: those before the change, and those after it',
  '  was found and was over. “>”: there was no alarm in so many rows.',
  '- **delay**: mean rows from the start of the change to the first signal after it. A detector that cries every 300 rows is also',
  '  “right” within 300: read the delay beside the MTFA.',
  '- **missed**: share of the changes without a signal before the stream ended.',
  '- **MTR** = MTFA ÷ delay · (1 − missed): the larger, the better. Where MTFA is “>”, so is MTR. It rewards silence: a detector that',
  '  raises one false alarm less can double it.',
  '',
  '**SEA**: `sea_0123_abrupt.csv` and `sea_0123_gradual.csv` (X1 + X2 against 8, 9, 7, 9.5; a fifth of the labels is noise). For each of the',
  'three changes, a forest of 100 trees is trained on the first 5,000 rows of the old concept and predicts the rest of it, the',
  'change, and the whole new concept. The abrupt changes are at rows 10,000, 20,000 and 30,000; the gradual ones take 1,000 rows',
  'from 9,500, 20,000 and 30,500. Three streams are few: a difference of one alarm or one change between two detectors says nothing.',
  '',
  '**Generated errors**: independent, as many rows before the change as from its start on.',
] as const;

/** Writes docs/evidence/drift-streams.md anew. */
export async function writeEvidence(streams: readonly StreamResults[]): Promise<void> {
  const text = [...INTRODUCTION, '', ...streams.flatMap(section), ...conclusions(streams), ''];
  await writeFile(
    new URL('../../docs/evidence/drift-streams.md', import.meta.url),
    text.join('\n'),
  );
}

/** The figures of a score as people read them. */
export function wordsOf({ mtfa, delay, missed, mtr, falseAlarms }: StreamScore): readonly string[] {
  const least = falseAlarms === 0 ? '> ' : '';
  return [
    least + rounded(mtfa),
    delay === null ? '–' : rounded(delay),
    `${Math.round(missed * 100)} %`,
    mtr === 0 ? '0' : least + rounded(mtr),
    falseAlarms.toLocaleString('en'),
  ];
}

/** Three digits. */
function rounded(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
}

function section({ stream, about, results }: StreamResults): readonly string[] {
  return [
    `## ${stream.charAt(0).toUpperCase()}${stream.slice(1)}`,
    '',
    `${about}.`,
    '',
    '| detector | MTFA | delay | missed | MTR | false alarms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...results.map(({ detector, score }) => `| ${[detector, ...wordsOf(score)].join(' | ')} |`),
    '',
  ];
}

/** Over all streams of a detector. */
interface Overall {
  readonly detector: string;
  readonly quietRows: number;
  readonly falseAlarms: number;
  readonly mtfa: number;
  readonly missed: number;
}

function conclusions(streams: readonly StreamResults[]): readonly string[] {
  const generated = streams.filter(({ stream }) => !stream.startsWith('SEA'));
  const all = overall(generated).toSorted((a, b) => b.mtfa - a.mtfa);
  const names = (some: readonly Overall[]): string =>
    some.length === 0 ? 'none' : some.map(({ detector }) => detector).join('; ');
  const find = all.filter(({ missed }) => missed <= 0.1);
  return [
    '## All generated errors together',
    '',
    'Rows in which nothing changed ÷ false alarms, and the share of all changes missed, quietest first.',
    '',
    '| detector | quiet rows | false alarms | MTFA | missed |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...all.map(
      ({ detector, quietRows, falseAlarms, mtfa, missed }) =>
        `| ${detector} | ${rounded(quietRows)} | ${falseAlarms.toLocaleString('en')} | ${falseAlarms === 0 ? '> ' : ''}${rounded(mtfa)} | ${Math.round(missed * 100)} % |`,
    ),
    '',
    `- Without any false alarm, and at most one change in ten missed: ${names(find.filter(({ falseAlarms }) => falseAlarms === 0))}.`,
    `- With at most one false alarm in 10,000 quiet rows, and at most one change in ten missed: ${names(find.filter(({ falseAlarms, mtfa }) => falseAlarms > 0 && mtfa >= 10_000))}.`,
    `- With a false alarm in fewer than 1,000 quiet rows, too often for a stream that is watched for years: ${names(all.filter(({ mtfa }) => mtfa < 1000))}.`,
    `- Half of the changes or more missed: ${names(all.filter(({ missed }) => missed >= 0.5))}. Shewhart’s chart is made for single large values, GMA’s usual threshold of 1 cannot be reached by errors of 0 and 1, and the rank tests of KSWIN and WSTD suffer from ties.`,
    '- On SEA the changes of concept raise the error rate of the forest by a few points only, and three streams tell little apart.',
  ];
}

function overall(streams: readonly StreamResults[]): readonly Overall[] {
  const detectors = [...new Set(streams.flatMap(({ results }) => results.map((r) => r.detector)))];
  return detectors.map((detector) => {
    const scores = streams.flatMap(({ results }) =>
      results.filter((result) => result.detector === detector).map(({ score }) => score),
    );
    const sum = (of: (score: StreamScore) => number): number =>
      scores.reduce((total, score) => total + of(score), 0);
    const quietRows = sum((score) => score.quietRows);
    const falseAlarms = sum((score) => score.falseAlarms);
    const missed = sum((score) => score.missed) / scores.length;
    return { detector, quietRows, falseAlarms, mtfa: quietRows / Math.max(1, falseAlarms), missed };
  });
}
