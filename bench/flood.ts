import { createRandom, type Random } from '../core/random.ts';
import type { RunSummary } from '../workflows/contract.ts';
import { drop } from './support/drop.ts';
import { install } from './support/installation.ts';
import { printFigures, printTable, quick } from './support/report.ts';
import { allRuns, untilOutcomes } from './support/runs.ts';

/** Many small files at once into several pipelines: is any lost, doubled, or out of order, and how fast? */
const PIPELINES = ['north', 'east', 'south', 'west'];
const ROWS = 80;
const perPipeline = quick ? 25 : 250;

const installation = await install(
  Object.fromEntries(PIPELINES.map((name) => [name, { target: 'late' }])),
);
try {
  await Promise.all(
    PIPELINES.map(async (name, i) => {
      const random = createRandom(i + 1);
      for (let k = 1; k <= perPipeline; k++) {
        const file = { name: `${String(k).padStart(4, '0')}.csv`, text: smallFile(random) };
        await drop(installation.incoming(name), file);
      }
    }),
  );
  const startedAt = performance.now();
  await Promise.all(
    PIPELINES.map((name) => untilOutcomes(installation.client, name, perPipeline, 900_000)),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const runs = await Promise.all(PIPELINES.map((name) => allRuns(installation, name)));
  printTable([
    ['pipeline', 'outcomes', 'trained', 'kept', 'other'],
    ...runs.map((each, i) => row(PIPELINES[i] ?? '', each)),
  ]);
  const names = (each: readonly RunSummary[]): readonly string[] => each.map((run) => run.fileName);
  const distinct = runs.map((each) => new Set(names(each)).size);
  printFigures({
    files: PIPELINES.length * perPipeline,
    pipelines: PIPELINES.length,
    lost: sum(distinct.map((count) => perPipeline - count)),
    duplicated: sum(runs.map((each, i) => each.length - (distinct[i] ?? 0))),
    outOfOrder: sum(runs.map((each) => descents(names(each)))),
    filesPerSecond: Number(((PIPELINES.length * perPipeline) / seconds).toFixed(2)),
  });
} finally {
  await installation.remove();
}

/** Deliveries: late more often when far away; nothing drifts. */
function smallFile(random: Random): string {
  const lines = ['distance,weight,carrier,late'];
  for (let i = 0; i < ROWS; i++) {
    const distance = random() * 100;
    const carrier = ['ant', 'bee', 'cat'][Math.floor(random() * 3)] ?? 'ant';
    const late = random() * 100 < distance ? 'yes' : 'no';
    lines.push(`${distance.toFixed(3)},${(random() * 20).toFixed(3)},${carrier},${late}`);
  }
  return `${lines.join('\n')}\n`;
}

function row(name: string, runs: readonly RunSummary[]): readonly (string | number)[] {
  const count = (outcome: string): number => runs.filter((run) => run.outcome === outcome).length;
  const [trained, kept] = [count('trained'), count('kept')];
  return [name, runs.length, trained, kept, runs.length - trained - kept];
}

/** Neighbours in the wrong order. */
function descents(names: readonly string[]): number {
  return names.filter((name, i) => i > 0 && name < (names[i - 1] ?? '')).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
