import { setTimeout } from 'node:timers/promises';
import { createRandom } from '../core/random.ts';
import type { PipelineStatus } from '../workflows/contract.ts';
import { elec2Files, runElec2 } from './support/elec2.ts';
import type { Installation } from './support/installation.ts';
import type { Part } from './support/parts.ts';
import { printFigures, printTable, quick } from './support/report.ts';
import { essenceOf, untilStatus } from './support/runs.ts';

/**
 * The Elec2 stream while its processes are killed: is the final state the one that an undisturbed run
 * reaches?
 */
const files = (await elec2Files()).slice(0, quick ? 4 : undefined);
const plan: readonly Part[] = quick
  ? ['worker', 'watcher']
  : spread(
      ['server', 'watcher'],
      Array.from({ length: 10 }, () => 'worker'),
    );
/** Longest pause between a sign of life and the next kill: about the time that one file takes. */
const MAX_PAUSE_MS = 1_500;
const random = createRandom(7);

const undisturbed = await runElec2(files);
const kills: { part: Part; afterRuns: number }[] = [];
const disturbed = await runElec2(files, disturb);

printTable([
  ['kill', 'part', 'outcomes by then'],
  ...kills.map(({ part, afterRuns }, i) => [i + 1, part, afterRuns]),
]);
const killed = (part: Part): number => kills.filter((kill) => kill.part === part).length;
printFigures({
  files: files.length,
  outcomes: new Set(disturbed.map((run) => run.sha256)).size,
  workerKills: killed('worker'),
  serverKills: killed('server'),
  watcherKills: killed('watcher'),
  identical: essenceOf(undisturbed) === essenceOf(disturbed),
});

async function disturb(installation: Installation): Promise<void> {
  let runs = 0;
  for (const part of plan) {
    // One more outcome before each kill, while there are more, so that the kills are spread over the stream.
    const next = Math.min(runs + 1, files.length);
    const isFurther = (status: PipelineStatus): boolean => status.runs >= next;
    ({ runs } = await untilStatus(installation.client, 'elec2', isFurther, 120_000));
    await setTimeout(random() * MAX_PAUSE_MS);
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
