import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Table } from '../../table.ts';
import type { EstimatorParams } from '../fit.ts';
import { fitAll } from '../fixtures/retraining.ts';
import { allRows, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { meanLoss } from '../metrics/mean-loss.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { scored } from '../metrics/scored.ts';
import type { Model } from '../model.ts';
import { chooseMode } from './choose-mode.ts';
import type { ModeChoice, Tried } from './choose-mode.ts';
import { assembleData } from './data.ts';
import { dataNeedOf, RETRAIN_MODES } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import { retrain } from './retrain.ts';
import type { Retrained } from './retrain.ts';
import { planTrials } from './trials.ts';
import type { Trial } from './trials.ts';

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

/** What a file is retrained on, and what is there beside it. */
interface Occasion {
  readonly champion: Model;
  readonly table: Table;
  readonly past: Table;
}

function retrainedOn(
  mode: RetrainMode,
  { champion, past }: Occasion,
  { newFile, earlier }: Pick<Trial, 'newFile' | 'earlier'>,
): Retrained {
  const data = assembleData(dataNeedOf(mode, OPTIONS), {
    target: 'y',
    newFile,
    earlier,
    reservoir: past,
    seed: 1,
  });
  const asked = { mode, champion, championKnowsFile: false, data };
  return retrain({ ...asked, params: LOGISTIC, schema: SCHEMA, seed: 1 });
}

function chosenFor(occasion: Occasion): ModeChoice {
  const { table } = occasion;
  const trials = planTrials([], [{ table, train: allRows(table) }], { ...SCHEMA, seed: 1 });
  const tried = RETRAIN_MODES.map((mode): Tried => {
    const said = [];
    for (const { newFile, earlier, next } of trials) {
      const result = retrainedOn(mode, occasion, { newFile, earlier });
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

/** Files of twenty seeds, each with the champion of a past of equal shares, and the mode that is chosen for it. */
function choices(
  change: (table: Table) => Table,
  share: number,
): readonly (Occasion & { readonly mode: RetrainMode })[] {
  return Array.from({ length: 20 }, (_, seed) => {
    const past = bells(600, 0.5, 2 * seed);
    const champion = fitAll(past, SCHEMA, LOGISTIC);
    const occasion = { champion, past, table: change(bells(600, share, 2 * seed + 1)) };
    return { ...occasion, mode: chosenFor(occasion).mode };
  });
}

function modesOf(chosen: readonly { readonly mode: RetrainMode }[]): readonly RetrainMode[] {
  return chosen.map(({ mode }) => mode);
}

/** Mean loss on rows that no model saw. */
function lossOf(model: Model, rows: Table): number {
  return meanLoss(scored(model.predict(rows), outcomesOf(rows, model.schema)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('where only the shares of the classes moved, auto mostly corrects the champion, and nothing would have been better', () => {
  const chosen = choices((table) => table, 0.1);
  // Modes that are equally good win by chance, and by more than a standard error at times.
  const corrected = modesOf(chosen).filter((mode) => mode === 'recalibration').length;
  assert.ok(corrected > 10, modesOf(chosen).join(', '));

  const losses = chosen.map((occasion, seed) => {
    const rows = bells(5000, 0.1, 1000 + seed);
    const { table, champion } = occasion;
    const of = (mode: RetrainMode): number => {
      const newFile = { table, train: allRows(table) };
      const result = retrainedOn(mode, occasion, { newFile, earlier: [] });
      assert.equal(result.kind, 'trained', mode);
      return lossOf(result.model, rows);
    };
    return {
      champion: lossOf(champion, rows),
      recalibration: of('recalibration'),
      full: of('full'),
      auto: of(occasion.mode),
    };
  });
  const mean = (of: keyof (typeof losses)[number]): number =>
    meanOf(losses.map((each) => each[of]));
  const gains = losses.map(({ recalibration, full }) => full - recalibration);
  const spread = Math.sqrt(meanOf(gains.map((gain) => (gain - meanOf(gains)) ** 2)) / 19);
  assert.ok(meanOf(gains) > -2 * spread, `better by ${meanOf(gains)}, standard error ${spread}`);
  const won = (mean('champion') - mean('auto')) / (mean('champion') - mean('full'));
  assert.ok(won > 0.95, `auto wins ${won} of what training anew does`);
});

test('where the rule has changed, auto does not just correct the champion', () => {
  const modes = modesOf(choices(otherRule, 0.5));
  assert.ok(!modes.includes('recalibration') && !modes.includes('incremental'), modes.join(', '));
});
