import { parseArgs } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import { createRandom } from '../core/random.ts';
import type { PipelineStatus } from '../workflows/contract.ts';
import { aimAt, type Aim, type AimedAt } from './support/aimed.ts';
import type { StreamFile } from './support/drop.ts';
import { elec2Files, runElec2 } from './support/elec2.ts';
import { differences } from './support/final-state.ts';
import type { Installation } from './support/installation.ts';
import type { Part } from './support/parts.ts';
import { printFigures, printTable } from './support/report.ts';
import { essenceOf, untilStatus } from './support/runs.ts';
import { writeSection } from './support/survival-evidence.ts';

/**
 * The Elec2 stream while its processes are killed: is the final state the one that an undisturbed run reaches? Then kills and
 * deployments that are aimed at one activity, again and again, and at one of two workers: do they use up anything but time,
 * and does the next attempt go on from the checkpoint?
 *
 * `--quick` takes four files and aims once each; `--write` puts the result into docs/evidence/survival.md.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const ONE_OF_TWO = 'one of two workers';

const stream = await killAlongTheStream();
const aimed = await aimAtActivities();
const figures = { ...stream, ...aimed.figures };
if (values.write) {
  await writeSection('kill', {
    tables: [aimed.table],
    text: [`\`\`\`json\n${JSON.stringify(figures)}\n\`\`\``],
  });
}
printFigures(figures);

async function killAlongTheStream(): Promise<Readonly<Record<string, unknown>>> {
  const files = (await elec2Files()).slice(0, quick ? 4 : undefined);
  const plan: readonly Part[] = quick
    ? ['worker', 'watcher']
    : spread(
        ['server', 'watcher'],
        Array.from({ length: 10 }, () => 'worker'),
      );
  const undisturbed = await runElec2(files);
  const kills: { part: Part; afterRuns: number }[] = [];
  const disturbed = await runElec2(files, (installation) =>
    disturb(installation, { plan, files: files.length, kills }),
  );
  printTable([
    ['kill', 'part', 'outcomes by then'],
    ...kills.map(({ part, afterRuns }, i) => [i + 1, part, afterRuns]),
  ]);
  const killed = (part: Part): number => kills.filter((kill) => kill.part === part).length;
  return {
    files: files.length,
    outcomes: new Set(disturbed.map((run) => run.sha256)).size,
    workerKills: killed('worker'),
    serverKills: killed('server'),
    watcherKills: killed('watcher'),
    identical: essenceOf(undisturbed) === essenceOf(disturbed),
  };
}

async function disturb(
  installation: Installation,
  {
    plan,
    files,
    kills,
  }: {
    readonly plan: readonly Part[];
    readonly files: number;
    readonly kills: { part: Part; afterRuns: number }[];
  },
): Promise<void> {
  // Longest pause between a sign of life and the next kill: about the time that one file takes.
  const maxPauseMs = 1_500;
  const random = createRandom(7);
  let runs = 0;
  for (const part of plan) {
    // One more outcome before each kill, while there are more, so that the kills are spread over the stream.
    const next = Math.min(runs + 1, files);
    const isFurther = (status: PipelineStatus): boolean => status.runs >= next;
    ({ runs } = await untilStatus(installation.client, 'elec2', isFurther, 600_000));
    await setTimeout(random() * maxPauseMs);
    await installation.parts.end(part, 'SIGKILL');
    kills.push({ part, afterRuns: runs });
    await installation.parts.start(part);
  }
}

/** Puts the few kills of other parts between the many of the worker. */
function spread(few: readonly Part[], many: readonly Part[]): readonly Part[] {
  const step = Math.ceil(many.length / (few.length + 1));
  return many.flatMap((part, i) => {
    const other = (i + 1) % step === 0 ? few[(i + 1) / step - 1] : undefined;
    return other === undefined ? [part] : [part, other];
  });
}

/** At once, since most of the time is waiting for time-outs and back-off. */
async function aimAtActivities(): Promise<{
  readonly table: readonly (readonly (string | number)[])[];
  readonly figures: Readonly<Record<string, unknown>>;
}> {
  const times = quick ? 1 : 3;
  const [whole = { name: '', text: '' }] = await elec2Files(Infinity);
  const long = repeated(whole, quick ? 8 : 20);
  const train: Aim = {
    ...{ file: whole, activity: 'train', signal: 'SIGKILL', times },
    pipeline: {
      ...{ target: 'class', timeColumn: 'date' },
      estimator: { kind: 'forest', trees: quick ? 1_000 : 2_000 },
    },
  };
  const ingest: Aim = {
    ...{ file: long, activity: 'ingest', signal: 'SIGKILL', times },
    pipeline: { target: 'class', estimator: { kind: 'baseline' } },
  };
  const names = ['kills in train', 'deployments in train', ONE_OF_TWO, 'kills in ingest'];
  const [trained, read] = await Promise.all([
    aimAt({ ...train, times: 0 }),
    aimAt({ ...ingest, times: 0 }),
  ]);
  const disturbed = await Promise.all([
    aimAt(train),
    aimAt({ ...train, signal: 'SIGTERM' }),
    aimAt({ ...train, times: 1, secondWorker: true }),
    aimAt(ingest),
  ]);
  const results = disturbed.map((found, i) => ({
    name: names[i] ?? '',
    found,
    isSame: differences((i < 3 ? trained : read).state, found.state).length === 0,
  }));
  const table = [
    [
      'ends of the worker',
      'identical',
      'failures of the breaker',
      'files in the checkpoint before the last attempt',
      'processor seconds of the attempts',
      'finished by',
    ],
    ['none in train', '', ...columnsOf(trained)],
    ['none in ingest', '', ...columnsOf(read)],
    ...results.map(({ name, found, isSame }) => [name, String(isSame), ...columnsOf(found)]),
  ];
  printTable(table);
  return {
    table,
    figures: {
      aimedTimes: times,
      aimedIdentical: results.every(({ isSame }) => isSame),
      breakerFailures: Math.max(...results.map(({ found }) => found.breakerFailures)),
      resumedByOther: results.some(
        ({ name, found }) =>
          name === ONE_OF_TWO && found.checkpointFiles > 0 && !found.hit.includes(found.finishedBy),
      ),
    },
  };
}

function columnsOf({
  breakerFailures,
  checkpointFiles,
  secondsOfAttempts,
  finishedBy,
}: AimedAt): readonly (string | number)[] {
  const seconds = secondsOfAttempts.map((each) => each.toFixed(1)).join(', ');
  return [breakerFailures, checkpointFiles, seconds, finishedBy];
}

/** The same rows so many times over. */
function repeated({ name, text }: StreamFile, times: number): StreamFile {
  const rows = text.slice(text.indexOf('\n') + 1);
  return { name, text: text + rows.repeat(times - 1) };
}
