import { writeFile } from 'node:fs/promises';
import { detectDrift } from '../core/drift/detect.ts';
import { rateOfOneFile } from '../core/drift/false-alarms.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import { pipelineSchema } from '../pipelines/schema.ts';
import { wilsonInterval } from './support/binomial-interval.ts';
import { NULLS, SHIFTS, type Null, type Shift } from './support/drift-settings.ts';
import { printFigures, printTable, quick } from './support/report.ts';
import { drawTable } from './support/samples.ts';

/**
 * How often does a file without drift raise an alarm, and how often is real drift seen? An alarm is a
 * material change in any column, under a pipeline's defaults.
 */
const REPETITIONS = quick ? 100 : 1000;
const { detection } = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'y' });
const OPTIONS = { ...detection, target: 'y', ignore: [] };

const nulls = NULLS.map((setting, i) => falseAlarms(setting, i));
const powers = SHIFTS.map((shift, i) => power(shift, i));

const nullRows = [
  ['no drift', 'rows', 'significant', 'alarms', '95 % interval', 'others’ defaults'],
  ...nulls.map(({ setting, significant, alarms, interval }) => [
    setting.name,
    `${setting.reference} + ${setting.current}`,
    percent(significant / REPETITIONS),
    percent(alarms / REPETITIONS),
    `${percent(interval.low)} – ${percent(interval.high)}`,
    setting.others,
  ]),
];
const powerRows = [
  ['drift', ...sizes().map((n) => `n = ${n}`)],
  ...powers.map(({ shift, rates }) => [shift.name, ...rates.map(percent)]),
];
printTable(nullRows);
process.stdout.write('\n');
printTable(powerRows);
if (process.argv.includes('--write')) await writeEvidence();
printFigures({
  settings: nulls.length,
  repetitions: REPETITIONS,
  worst: Math.max(...nulls.map(({ alarms }) => alarms / REPETITIONS)),
  worstSignificant: Math.max(...nulls.map(({ significant }) => significant / REPETITIONS)),
  promised: detection.falseAlarmRate,
});

interface NullResult {
  readonly setting: Null;
  /** repetitions with a significant change, whatever its size */
  readonly significant: number;
  readonly alarms: number;
  readonly interval: { readonly low: number; readonly high: number };
}

function falseAlarms(setting: Null, index: number): NullResult {
  let significant = 0;
  let alarms = 0;
  for (let i = 0; i < REPETITIONS; i++) {
    const random = createRandom(deriveSeed(index, i));
    const files = setting.files ?? 1;
    const reference = drawTable(setting.columns, random, setting.reference);
    const falseAlarmRate = rateOfOneFile(detection.falseAlarmRate, files);
    let anySignificant = false;
    let anyMaterial = false;
    for (let k = 0; k < files; k++) {
      const report = detectDrift(reference, drawTable(setting.columns, random, setting.current), {
        ...OPTIONS,
        falseAlarmRate,
      });
      anyMaterial ||= report.material.length > 0;
      anySignificant ||= report.score > 0;
    }
    if (anySignificant) significant += 1;
    if (anyMaterial) alarms += 1;
  }
  return { setting, significant, alarms, interval: wilsonInterval(alarms, REPETITIONS) };
}

function sizes(): readonly number[] {
  return quick ? [200, 1000] : [200, 1000, 5000, 20_000, 100_000];
}

/** How often a shift is seen, for each number of rows; fewer repetitions where rows are many. */
function power(shift: Shift, index: number): { shift: Shift; rates: readonly number[] } {
  const rates = sizes().map((n) => {
    const repetitions = Math.max(20, Math.min(REPETITIONS / 5, Math.round(400_000 / n)));
    let seen = 0;
    for (let i = 0; i < repetitions; i++) {
      const random = createRandom(deriveSeed(1_000 + index, i));
      const reference = shift.before(random, n);
      const report = detectDrift(reference, shift.after(random, n), OPTIONS);
      if (report.material.length > 0) seen += 1;
    }
    return seen / repetitions;
  });
  return { shift, rates };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

async function writeEvidence(): Promise<void> {
  const { alarmPlot } = await import('./support/alarm-plot.ts');
  const folder = new URL('../docs/evidence/', import.meta.url);
  await writeFile(new URL('false-alarms.svg', folder), await alarmPlot(nulls, detection));
  await writeFile(
    new URL('false-alarms.md', folder),
    [
      '# False alarms and power',
      '',
      `\`npm run bench:false-alarms -- --write\` made this page: ${REPETITIONS} seeded repetitions a row, a pipeline's defaults.`,
      'An alarm is a material change in any column of the file. The promise is an alarm in at most 5 % of the files without',
      'drift; drift tests spend half of it, the test of the champion’s performance the other half.',
      '',
      '![Alarm rate of every setting with its interval, beside the promised rate](false-alarms.svg)',
      '',
      '## Files without drift',
      '',
      'The last column is what the defaults of other tools raise on the same data, simulated from their sources. Where 20 files',
      'in a row are one repetition, it alarms if any of them does, and the pipeline asks for a `horizon` of 20.',
      '',
      ...markdown(nullRows),
      '',
      '## Files with drift',
      '',
      'Share of repetitions in which the change is seen, n rows before and n after.',
      '',
      ...markdown(powerRows),
      '',
      'A correlation that turns while every column stays as it was changes no column: tests of single columns cannot see it,',
      'and the last row shows their false alarms. It is seen through the champion’s performance.',
      '',
    ].join('\n'),
  );
}

function markdown(rows: readonly (readonly string[])[]): readonly string[] {
  const [header = [], ...body] = rows;
  return [header, header.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |`);
}
