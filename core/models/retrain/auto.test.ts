import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Table } from '../../table.ts';
import type { EstimatorParams } from '../fit.ts';
import { fitAll } from '../fixtures/retraining.ts';
import { allRows, numbers, tableOf, texts } from '../fixtures/tables.ts';
import type { Model } from '../model.ts';
import { chooseMode } from './choose-mode.ts';
import type { ModeChoice, Tried } from './choose-mode.ts';
import { assembleData } from './data.ts';
import { dataNeedOf, RETRAIN_MODES } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import { retrain } from './retrain.ts';
import { planTrials } from './trials.ts';

const SCHEMA = { target: 'y', task: 'classification' as const, ignore: [] };
const LOGISTIC: EstimatorParams = { kind: 'logistic', l2: 1, maxIterations: 50 };

/** Two bell curves, of class `a` around −1 and of class `b` around 1, of which `share` is `b`; z says nothing. */
function bells(rows: number, share: number, seed: number): Table {
  const random = createRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const y = Array.from({ length: rows }, () => (random() < share ? 'b' : 'a'));
  const x = y.map((label) => (label === 'b' ? 1 : -1) + normal());
  return tableOf(numbers('x', x), numbers('z', y.map(normal)), texts('y', y));
}

/** The same rows, but the class depends on what said nothing before. */
function otherRule({ columns }: Table): Table {
  const [x, z, y] = columns;
  assert.ok(x !== undefined && z !== undefined && y !== undefined);
  return tableOf({ ...z, name: 'x' }, { ...x, name: 'z' }, y);
}

function chosenFor(champion: Model, table: Table, past: Table): ModeChoice {
  const trials = planTrials([], [{ table, train: allRows(table) }], { ...SCHEMA, seed: 1 });
  const tried = RETRAIN_MODES.map((mode): Tried => {
    const said = [];
    for (const { newFile, earlier, next } of trials) {
      const result = retrain({
        mode,
        champion,
        championKnowsFile: false,
        data: assembleData(dataNeedOf(mode, OPTIONS), {
          target: 'y',
          newFile,
          earlier,
          reservoir: past,
          seed: 1,
        }),
        params: LOGISTIC,
        schema: SCHEMA,
        seed: 1,
      });
      if (result.kind === 'fallback') return { kind: 'left out', mode, reason: result.reason };
      said.push(result.model.predict(next));
    }
    return { kind: 'tried', mode, said };
  });
  return chooseMode(trials, tried, { target: SCHEMA, metric: 'logLoss', seed: 1 });
}

const OPTIONS = {
  lastFiles: 1,
  window: { kind: 'rows', rows: 1000 },
  replayShare: 0.4,
} as const;

/** How often each mode is chosen over many seeds. */
function countChoices(change: (table: Table) => Table, share: number): Map<RetrainMode, number> {
  const counts = new Map<RetrainMode, number>();
  for (let seed = 0; seed < 20; seed++) {
    const past = bells(600, 0.5, 2 * seed);
    const champion = fitAll(past, SCHEMA, LOGISTIC);
    const { mode } = chosenFor(champion, change(bells(600, share, 2 * seed + 1)), past);
    counts.set(mode, (counts.get(mode) ?? 0) + 1);
  }
  return counts;
}

test('where only the shares of the classes moved, auto mostly corrects the champion', () => {
  const counts = countChoices((table) => table, 0.1);
  // One of several equal modes is the best by chance, at times by more than a standard error.
  assert.ok((counts.get('recalibration') ?? 0) > 10, JSON.stringify([...counts]));
});

test('where the rule has changed, auto does not just correct the champion', () => {
  const counts = countChoices(otherRule, 0.5);
  assert.equal(counts.get('recalibration'), undefined, JSON.stringify([...counts]));
  assert.equal(counts.get('incremental'), undefined, JSON.stringify([...counts]));
});
