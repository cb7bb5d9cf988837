import { writeFile } from 'node:fs/promises';
import { compareModels } from '../core/models/gate/gate.ts';
import type { Random } from '../core/random.ts';
import { pipelineSchema } from '../pipelines/schema.ts';
import { wilsonInterval } from './support/binomial-interval.ts';
import { dependentHarm } from './support/dependent-harm.ts';
import { classifierDuel, randomOf, realDuel, regressionDuel, type Duel } from './support/duels.ts';
import { harmFigures } from './support/harm-figures.ts';
import { markdownTable, printFigures, printTable, quick } from './support/report.ts';

/**
 * How often does the gate promote a challenger that is truly as good, worse by 1 %, better by 1, 2 or 5 %? Under a
 * pipeline's defaults, on predictions whose quality is known exactly and whose errors are correlated as those of two models of
 * the same data are, and on two real models.
 */
const REPETITIONS = quick ? 40 : 500;
const DIFFERENCES = [-0.01, 0, 0.01, 0.02, 0.05];
const ACCURACY = 0.85;
const AREA = 0.85;
const { gate } = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'y' });

interface Setting {
  readonly metric: 'accuracy' | 'rocAuc' | 'rmse';
  readonly models: 'simulated' | 'logistic regressions';
  readonly rows: number;
  readonly trueDifference: number;
  readonly draw: (random: Random) => Duel;
}

const cases = settings().map((setting, s) => ({ ...setting, ...promotions(setting, s) }));
const table = [
  [
    'metric',
    'models',
    'rows',
    'true difference',
    'promoted',
    '95 % interval',
    'refused',
    'undecided',
  ],
  ...cases.map((each) => [
    each.metric,
    each.models,
    String(each.rows),
    `${each.trueDifference > 0 ? '+' : ''}${(100 * each.trueDifference).toFixed(each.models === 'simulated' ? 0 : 2)} %`,
    percent(each.promotedShare),
    `${percent(each.interval.low)} – ${percent(each.interval.high)}`,
    percent(each.refusedShare),
    percent(1 - each.promotedShare - each.refusedShare),
  ]),
];
printTable(table);
const harm = harmFigures();
const harmTable = [
  [
    'compared with',
    'rows',
    'mean',
    '90 %',
    '99 %',
    'most',
    'fall',
    'at once',
    'from 6th',
    'from 21st',
    'decay',
  ],
  ...harm.map(({ rule, rowsPerFile, falseAlarms, fall, found, decayFoundAt }) => [
    rule,
    String(rowsPerFile),
    ...[falseAlarms.mean, falseAlarms.p90, falseAlarms.p99, falseAlarms.most].map(percent),
    percent(fall),
    ...found.map(({ share }) => percent(share)),
    String(decayFoundAt),
  ]),
];
printTable(harmTable);
const inRuns = dependentHarm();
const inRunsTable = [
  [
    'errors',
    'autocorrelation',
    'rows',
    'joined',
    'false',
    'found',
    'false, independent',
    'found, independent',
  ],
  ...inRuns.map(({ task, autocorrelation, rows, joined, learned, independent }) => [
    task === 'classification' ? '0 or 1' : 'squared',
    String(autocorrelation),
    String(rows),
    String(joined),
    ...[learned, independent].flatMap(({ falseAlarms, found }) =>
      [falseAlarms, found].map(percent),
    ),
  ]),
];
printTable(inRunsTable);
if (process.argv.includes('--write')) await writeEvidence();
printFigures({
  cases: cases.map(({ metric, models, rows, trueDifference, promotedShare }) => ({
    metric,
    models,
    rows,
    trueDifference,
    promotedShare,
    repetitions: REPETITIONS,
  })),
  harm,
});

function settings(): readonly Setting[] {
  const found: Setting[] = [];
  for (const trueDifference of DIFFERENCES) {
    for (const rows of [300, 1500, 6000]) {
      const quality = [ACCURACY, ACCURACY + trueDifference] as const;
      const draw = (random: Random): Duel => classifierDuel('accuracy', quality, rows, random);
      found.push({ metric: 'accuracy', models: 'simulated', rows, trueDifference, draw });
    }
  }
  const rows = 1500;
  for (const trueDifference of DIFFERENCES) {
    const quality = [AREA, AREA + trueDifference] as const;
    const draw = (random: Random): Duel => classifierDuel('rocAuc', quality, rows, random);
    found.push({ metric: 'rocAuc', models: 'simulated', rows, trueDifference, draw });
  }
  for (const trueDifference of DIFFERENCES) {
    const draw = (random: Random): Duel => regressionDuel([1, 1 - trueDifference], rows, random);
    found.push({ metric: 'rmse', models: 'simulated', rows, trueDifference, draw });
  }
  for (const trainedOn of [
    [2000, 300],
    [2000, 2000],
    [300, 2000],
  ] as const) {
    const { trueDifference, draw } = realDuel(trainedOn);
    found.push({
      metric: 'accuracy',
      models: 'logistic regressions',
      rows,
      trueDifference,
      draw: (random) => draw(rows, random),
    });
  }
  return found;
}

function promotions(
  { draw }: Setting,
  s: number,
): {
  readonly promotedShare: number;
  readonly refusedShare: number;
  readonly interval: { readonly low: number; readonly high: number };
} {
  let promoted = 0;
  let refused = 0;
  for (let i = 0; i < REPETITIONS; i++) {
    const { margin, confidence } = gate;
    const duel = draw(randomOf(s, i));
    const { verdict } = compareModels({ ...duel, margin, confidence, thresholds: {}, seed: i });
    if (verdict === 'promote') promoted++;
    if (verdict === 'refuse') refused++;
  }
  return {
    promotedShare: promoted / REPETITIONS,
    refusedShare: refused / REPETITIONS,
    interval: wilsonInterval(promoted, REPETITIONS),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

async function writeEvidence(): Promise<void> {
  const worse = cases.filter(({ trueDifference }) => trueDifference < 0);
  const equal = cases.filter(({ trueDifference }) => trueDifference === 0);
  const most = (some: typeof cases): string =>
    percent(Math.max(...some.map(({ promotedShare }) => promotedShare)));
  await writeFile(
    new URL('../docs/evidence/gate.md', import.meta.url),
    [
      '# How often the gate promotes',
      '',
      `\`npm run bench:gate -- --write\` made this page: ${REPETITIONS} seeded comparisons a row, a pipeline's defaults (superiority at`,
      `95 %, no harm to classes). A worse challenger took over in at most ${most(worse)} of the comparisons, an equal one in at most`,
      `${most(equal)}; the promise is 2.5 % for an equal one.`,
      '',
      'Simulated are a champion of accuracy 0.85, of ROC-AUC 0.85, or of RMSE 1, and a challenger that differs by exactly the',
      'amount given, whose errors are correlated with the champion’s (0.8), as of two models of the same data. The real models are',
      'logistic regressions on different rows of one data set; their true difference is measured on 100,000 other rows.',
      '',
      ...markdownTable(table),
      '',
      'Where it is undecided, the champion stays and the run says how many rows would show such a gain.',
      '',
      '# How often a champion is called worse',
      '',
      `${harm[0]?.lives ?? 0} champions of accuracy 0.75 a row, 50 files each, tested at a pipeline's default level (2.5 % a file). A champion is compared with`,
      'what it scored before: on the rows held out of its training (30 % of a file), and on its first files that joined them. Files on which',
      'it is worse with p ≤ 0.001 do not join, unless the row says otherwise.',
      '',
      ...markdownTable(harmTable),
      '',
      '- **mean** to **most**: the share of the 50 files of one champion that raise an alarm though nothing changed, over champions: their mean, what 90 % and 99 % of them stay within, and the worst.',
      '- **at once**, **from 6th**, **from 21st**: how often a fall by so much, which begins with the first, sixth or 21st file and stays, is found within five files.',
      '- **decay**: the median file of the first alarm where the accuracy falls by a twentieth of the fall with each file; 50: not before.',
      '',
      '# Where errors come in runs',
      '',
      `${inRuns[0]?.lives ?? 0} champions a row, one later file each without change (**false**) and one with it (**found**: an accuracy of 0.70 instead of`,
      '0.75, an RMSE larger by a tenth), at 2.5 % a file. Errors are made of normal scores with the given autocorrelation from row to row: 1 above',
      'their 75 % quantile, or their squares. The baseline is 30 % of the rows of a file, drawn at random, and so many joined files. The first two are as by',
      'default, the others with `detection.errors: independent`.',
      '',
      ...markdownTable(inRunsTable),
      '',
    ].join('\n'),
  );
}
