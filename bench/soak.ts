import { parseArgs } from 'node:util';
import { soakFolder } from './support/soak/folder.ts';
import { growthOf, soak, type Sample } from './support/soak/soak.ts';
import { printFigures, printTable } from './support/report.ts';
import { SMALL_ROWS } from './support/small-file.ts';
import { writeSection } from './support/survival-evidence.ts';

/**
 * Does a process grow with the files that have passed through it?
 *
 * `--files N` small files of `--rows R` through `--pipelines P`, with server, worker, watcher and dashboard as processes of their own;
 * `--quick` takes 200. `--minutes M`: it ends after so long with what has passed by then. `--folder N`: so many files in one
 * folder, by the watcher alone, which hands them over to a stand-in for the pipeline, and a restart beside them. `--write` puts the result into docs/evidence/survival.md.
 */
const { values } = parseArgs({
  options: {
    files: { type: 'string' },
    minutes: { type: 'string' },
    pipelines: { type: 'string', default: '4' },
    rows: { type: 'string', default: String(SMALL_ROWS) },
    folder: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

if (values.folder === undefined) await soakAll();
else await soakOneFolder(count('folder', values.folder));

async function soakAll(): Promise<void> {
  const { files, samples, filesPerSecond } = await soak({
    files: count('files', values.files ?? (values.quick ? '200' : '10000')),
    minutes: values.minutes === undefined ? Infinity : count('minutes', values.minutes),
    pipelines: count('pipelines', values.pipelines),
    rows: count('rows', values.rows),
    tell: (sample) => {
      console.log(rowOf(sample).join('  '));
    },
  });
  const table = [
    ['files', 'worker and children, MB', 'watcher, MB', 'web, MB', 'server, MB'],
    ...samples.map(rowOf),
  ];
  printTable(table);
  const rate = `${filesPerSecond.toFixed(2)} files/s`;
  console.log(rate);
  const figures = {
    files,
    workerMb: samples.map(({ workerMb }) => round(workerMb)),
    watcherMb: samples.map(({ watcherMb }) => round(watcherMb)),
    webMb: samples.map(({ webMb }) => round(webMb)),
    growth: growthOf(samples),
  };
  if (values.write) {
    await writeSection('soak', { tables: [table], text: [`${rate}.`, '', jsonOf(figures)] });
  }
  printFigures(figures);
}

async function soakOneFolder(files: number): Promise<void> {
  const { lost, duplicated, outOfOrder, seconds, ...rest } = await soakFolder(files);
  const figures = {
    ...{ files, lost, duplicated, outOfOrder },
    emptyMb: round(rest.emptyMb),
    mostMb: round(rest.mostMb),
    afterMb: round(rest.afterMb),
    filesPerSecond: Math.round(files / seconds),
    restartSeconds: round(rest.restartSeconds),
    restartCpuSeconds: round(rest.restartCpuSeconds),
  };
  if (values.write) await writeSection('folder', { tables: [], text: [jsonOf(figures)] });
  printFigures(figures);
}

function rowOf(sample: Sample): readonly (string | number)[] {
  const { files, workerMb, watcherMb, webMb, serverMb } = sample;
  return [files, ...[workerMb, watcherMb, webMb, serverMb].map((mb) => mb.toFixed(0))];
}

function round(figure: number): number {
  return Number(figure.toFixed(1));
}

function jsonOf(figures: Readonly<Record<string, unknown>>): string {
  return `\`\`\`json\n${JSON.stringify(figures)}\n\`\`\``;
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is '${text}', but must be a whole number above 0`);
}
