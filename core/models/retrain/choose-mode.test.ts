import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Table } from '../../table.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import type { Predictions } from '../model.ts';
import { chooseMode } from './choose-mode.ts';
import type { ModeChoice, Tried } from './choose-mode.ts';
import { RETRAIN_MODES } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import { planTrials } from './trials.ts';
import type { Trial } from './trials.ts';

const TARGET = { target: 'y', task: 'classification' } as const;

/** Rows with labels alone: what was said of them is given. */
function labels(values: readonly string[]): Trial {
  const next = tableOf(texts('y', values));
  return { newFile: { table: next, train: allRows(next) }, earlier: [], next };
}

/** Predictions that are right in a share of the rows, drawn at random. */
function says(trial: Trial, share: number, seed: number): Predictions {
  const random = createRandom(seed);
  const [truth] = trial.next.columns;
  assert.ok(truth?.kind === 'categorical');
  const said = truth.codes.map((code) => (random() < share ? code : 1 - code));
  const probabilities = Float64Array.from({ length: 2 * said.length }, (_, at) =>
    said[Math.floor(at / 2)] === at % 2 ? 0.9 : 0.1,
  );
  return { kind: 'classification', classes: truth.dictionary, probabilities, labels: said };
}

function chosenBy(trials: readonly Trial[], tried: readonly Tried[], seed = 1): ModeChoice {
  return chooseMode(trials, tried, { target: TARGET, metric: 'accuracy', seed });
}

const TRIAL = labels(Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 'no' : 'yes')));

function triedWith(mode: RetrainMode, share: number, seed: number): Tried {
  return { kind: 'tried', mode, said: [says(TRIAL, share, seed)] };
}

test('a mode that is clearly better is chosen, whatever it costs', () => {
  const choice = chosenBy(
    [TRIAL],
    [triedWith('stacking', 0.9, 1), triedWith('full', 0.7, 2), triedWith('recalibration', 0.6, 3)],
  );
  assert.equal(choice.mode, 'stacking');
  assert.deepEqual(
    choice.scores.map(({ mode }) => mode),
    ['recalibration', 'full', 'stacking'],
  );
  assert.match(choice.reason, /^'stacking' did best on 400 recent rows: accuracy 0\.\d+\.$/);
});

test('of modes that cannot be told apart, the cheapest is chosen, and why is said', () => {
  const best = triedWith('full', 0.8, 1);
  assert.ok(best.kind === 'tried');
  const [said] = best.said;
  assert.ok(said?.kind === 'classification');
  // Wrong in one row more than the best.
  const labelsOfOther = said.labels.slice();
  const [truth] = TRIAL.next.columns;
  assert.ok(truth?.kind === 'categorical');
  const right = labelsOfOther.findIndex((label, i) => label === truth.codes[i]);
  labelsOfOther[right] = 1 - (labelsOfOther[right] ?? 0);
  const other: Tried = {
    kind: 'tried',
    mode: 'incremental',
    said: [{ ...said, labels: labelsOfOther }],
  };
  const choice = chosenBy([TRIAL], [best, other]);
  assert.equal(choice.mode, 'incremental');
  assert.match(
    choice.reason,
    /^'incremental' is the cheapest mode within noise of the best on 400 recent rows/,
  );
  const [score] = choice.scores;
  assert.ok(Math.abs((score?.behind ?? 0) - 1 / 400) < 1e-12);
  assert.ok(Math.abs((score?.standardError ?? 0) - 1 / 400) < 2e-4, 'one discordant row of 400');
});

test('pairing counts: a mode that is a little worse on the very same rows is not within noise', () => {
  const best = triedWith('full', 0.8, 1);
  assert.ok(best.kind === 'tried');
  const [said] = best.said;
  assert.ok(said?.kind === 'classification');
  const [truth] = TRIAL.next.columns;
  assert.ok(truth?.kind === 'categorical');
  let spoiled = 0;
  const worse = said.labels.map((label, i) =>
    label === truth.codes[i] && spoiled++ < 8 ? 1 - label : label,
  );
  // 8 rows of 400 are 0.02, which is one standard error of either accuracy, and 2.9 of their difference.
  const choice = chosenBy(
    [TRIAL],
    [best, { kind: 'tried', mode: 'recalibration', said: [{ ...said, labels: worse }] }],
  );
  assert.equal(choice.mode, 'full');
});

test('a mode no better than the best by chance costs at most one standard error', () => {
  let within = 0;
  for (let seed = 0; seed < 200; seed++) {
    const choice = chosenBy(
      [TRIAL],
      RETRAIN_MODES.map((mode, m) => triedWith(mode, 0.8, 100 * seed + m)),
      seed,
    );
    const chosen = choice.scores.find(({ mode }) => mode === choice.mode);
    assert.ok(chosen !== undefined && chosen.behind <= chosen.standardError);
    if (choice.mode === 'recalibration' || choice.mode === 'incremental' || choice.mode === 'full')
      within++;
  }
  assert.ok(within > 120, `one of the three cheapest of seven equal ones in ${within} of 200`);
});

test('a mode that could not be tried is left out, with its reason', () => {
  const choice = chosenBy(
    [TRIAL],
    [{ kind: 'left out', mode: 'incremental', reason: 'It cannot.' }, triedWith('full', 0.8, 1)],
  );
  assert.equal(choice.mode, 'full');
  assert.deepEqual(choice.leftOut, [{ mode: 'incremental', reason: 'It cannot.' }]);
});

test('with nothing to go by, a new model is trained', () => {
  const left: Tried = { kind: 'left out', mode: 'stacking', reason: 'Too few rows.' };
  for (const [trials, tried] of [
    [[], []],
    [[TRIAL], [left]],
  ] as const) {
    const choice = chosenBy(trials, tried);
    assert.equal(choice.mode, 'full');
    assert.match(choice.reason, /^No mode could be tried/);
  }
});

test('trials of different classes are scored together', () => {
  const first = labels(['a', 'b', 'a', 'b']);
  const second = labels(['b', 'c', 'c', 'b']);
  const choice = chosenBy(
    [first, second],
    [{ kind: 'tried', mode: 'full', said: [says(first, 1, 1), says(second, 1, 2)] }],
  );
  assert.equal(choice.scores[0]?.value, 1);
});

test('numbers are scored too', () => {
  const next = tableOf(numbers('y', [1, 2, 3, 4]));
  const trial: Trial = { newFile: { table: next, train: allRows(next) }, earlier: [], next };
  const said = (values: readonly number[]): Predictions[] => [
    { kind: 'regression', values: Float64Array.from(values) },
  ];
  const choice = chooseMode(
    [trial],
    [
      { kind: 'tried', mode: 'recalibration', said: said([9, 9, 9, 9]) },
      { kind: 'tried', mode: 'full', said: said([1, 2, 3, 4.1]) },
    ],
    { target: { target: 'y', task: 'regression' }, metric: 'rmse', seed: 1 },
  );
  assert.equal(choice.mode, 'full');
});

test('each file is a trial for the next, the newest is one for itself, and nothing is scored before it is learned from', () => {
  const files: readonly Table[] = [houses(40, 1), houses(30, 2), houses(60, 3)];
  const [old, ...unknown] = files;
  assert.ok(old !== undefined);
  const trials = planTrials(
    [old],
    unknown.map((table) => ({ table, train: allRows(table) })),
    { target: 'dear', task: 'classification', seed: 1 },
  );
  assert.deepEqual(
    trials.map(({ newFile, earlier, next }) => ({
      learned: newFile.train.length,
      earlier: earlier.map(({ rows }) => rows),
      scored: next.rows,
    })),
    [
      { learned: 30, earlier: [40], scored: 60 },
      { learned: 40, earlier: [40, 30], scored: 20 },
    ],
  );
});

test('rows that are held out for the gate are in no trial', () => {
  const table = houses(60, 3);
  const train = allRows(table).filter((row) => row >= 20);
  const [trial] = planTrials([], [{ table, train }], {
    target: 'dear',
    task: 'classification',
    seed: 1,
  });
  assert.equal((trial?.newFile.train.length ?? 0) + (trial?.next.rows ?? 0), 40);
  assert.equal(trial?.newFile.table.rows, 40);
});
