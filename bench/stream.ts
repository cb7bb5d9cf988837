import type { RunSummary } from '../workflows/contract.ts';
import { elec2Files, runElec2 } from './support/elec2.ts';
import { printFigures, printTable, quick } from './support/report.ts';
import { essenceOf } from './support/runs.ts';

/**
 * Elec2 in files of 30 days, dropped in order, twice: does every file end in one outcome, do both runs end
 * in the same models, and how accurate is the champion on files that it has not seen?
 */
const files = (await elec2Files()).slice(0, quick ? 6 : undefined);
const first = await runElec2(files);
const second = await runElec2(files);

printTable([
  ['file', 'outcome', 'drift', 'accuracy', 'champion after'],
  ...first.map((run) => [
    run.fileName,
    run.outcome,
    run.driftScore?.toFixed(2) ?? '–',
    run.metric?.value.toFixed(3) ?? '–',
    run.championId ?? '–',
  ]),
]);
printFigures({
  files: files.length,
  outcomes: new Set(first.map((run) => run.sha256)).size,
  identicalRuns: essenceOf(first) === essenceOf(second),
  accuracy: Number(testThenTrainAccuracy(first).toFixed(4)),
  retrains: first.filter((run) => run.action === 'retrain').length,
});

/** Over all rows that the champion of the moment was scored on before anything was trained on them. */
function testThenTrainAccuracy(runs: readonly RunSummary[]): number {
  let right = 0;
  let rows = 0;
  for (const run of runs) {
    if (run.metric === null || run.rows === null) continue;
    right += run.metric.value * run.rows;
    rows += run.rows;
  }
  return right / rows;
}
