import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_BOOSTING } from '../boosting/params.ts';
import { learnSchema } from '../input/encoder.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { DEFAULT_LINEAR } from '../linear/linear.ts';
import type { ModelSchema } from '../model.ts';
import { gridChoices, randomChoices } from './candidates.ts';
import { foldRows } from './search-folds.ts';
import { runTrial, withChoice } from './run-trial.ts';
import { best, nextTrial, planSearch, recordTrial, searchProgress } from './search.ts';
import type { SearchOptions, SearchState, SearchTrial } from './search.ts';

const GRID = { maxLeaves: [4, 8, 16], learningRate: [0.1, 0.3] };
const OPTIONS: SearchOptions = {
  method: 'grid',
  grid: GRID,
  cv: 3,
  trials: 20,
  budgetMs: 1000,
};

/** Runs a search whose candidates score as told, so many trials at a time. */
function searched(
  start: SearchState,
  scoreOf: (trial: SearchTrial) => number | null,
  { atOnce = 1, msPerTrial = 0 } = {},
): { readonly state: SearchState; readonly reason: string } {
  let state = start;
  const running: SearchTrial[] = [];
  let elapsed = 0;
  for (;;) {
    const next = nextTrial(state, running, elapsed);
    if (next.kind === 'trial') running.push(next.trial);
    if (next.kind === 'done') return { state, reason: next.reason };
    if (next.kind === 'wait' || running.length === atOnce) {
      // The one begun last ends first.
      const ended = running.pop();
      assert.ok(ended !== undefined);
      elapsed += msPerTrial;
      state = recordTrial(state, { ...ended, score: scoreOf(ended) });
    }
  }
}

test('a grid is tried in all its combinations, beside the parameters of the pipeline', () => {
  const start = planSearch(OPTIONS, 'higher', 1);
  assert.equal(start.candidates.length, 7);
  assert.deepEqual(start.candidates.slice(0, 3), [
    {},
    { maxLeaves: 4, learningRate: 0.1 },
    { maxLeaves: 4, learningRate: 0.3 },
  ]);
  const { state, reason } = searched(start, ({ candidate, fold }) => (candidate === 5 ? 9 : fold));
  assert.equal(reason, 'all tried');
  assert.equal(state.results.length, 21);
  assert.deepEqual(searchProgress(state), { made: 21, planned: 21 });
  assert.deepEqual(best(state), {
    candidate: 5,
    choice: { maxLeaves: 16, learningRate: 0.1 },
    score: 9,
  });
});

test('of candidates that score alike the own parameters win; lower is better where it is', () => {
  const alike = searched(planSearch(OPTIONS, 'lower', 1), () => 1);
  assert.equal(best(alike.state)?.candidate, 0);
  const { state } = searched(planSearch(OPTIONS, 'lower', 1), ({ candidate }) => 10 - candidate);
  assert.equal(best(state)?.candidate, 6);
});

test('what is found does not depend on the order in which the fits of a search end', () => {
  const own = planSearch({ ...OPTIONS, grid: { maxLeaves: [4] } }, 'higher', 1);
  const inFolds = [0.1, 0.2, 0.3];
  const record = (state: SearchState, candidate: number, fold: number): SearchState =>
    recordTrial(state, { candidate, rung: 0, fold, score: inFolds[fold]! });
  let state = own;
  for (const fold of [2, 1, 0]) state = record(state, 0, fold);
  for (const fold of [0, 1, 2]) state = record(state, 1, fold);
  assert.equal(best(state)?.candidate, 0, 'both score alike, so that the own parameters win');
});

test('random combinations are distinct, of the grid, and the same for the same seed', () => {
  const grid = { a: [1, 2, 3, 4, 5], b: [true, false], c: ['x', 'y', 'z'] };
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, count) => {
      const chosen = randomChoices(grid, count, seed).map((choice) => JSON.stringify(choice));
      const all = new Set(gridChoices(grid).map((choice) => JSON.stringify(choice)));
      assert.equal(new Set(chosen).size, Math.min(count, 30));
      assert.ok(chosen.every((choice) => all.has(choice)));
      assert.deepEqual(
        randomChoices(grid, count, seed).map((c) => JSON.stringify(c)),
        chosen,
      );
    }),
    { seed: 1 },
  );
});

test('halving gives the better third three times the rows, up to all of them', () => {
  const options = {
    ...OPTIONS,
    method: 'halving',
    grid: { n: Array.from({ length: 26 }, (_, i) => i) },
  } as const;
  const start = planSearch({ ...options, trials: 26 }, 'higher', 1);
  assert.deepEqual(
    start.shares.map((share) => share.toFixed(3)),
    ['0.111', '0.333', '1.000'],
  );
  const { state } = searched(start, ({ candidate }) => candidate, { atOnce: 4 });
  assert.deepEqual(
    state.rungs.map((rung) => rung.length),
    [27, 10, 5],
  );
  assert.deepEqual(state.rungs[2], [0, 23, 24, 25, 26]);
  assert.equal(best(state)?.candidate, 26);
  const trials = state.results.length;
  assert.ok(trials < 27 * 3 * 2, `${trials}`);
  assert.equal(searchProgress(state).made, searchProgress(state).planned);
});

test('out of time, the best of what was tried in all folds is taken, and the own parameters always are', () => {
  const start = planSearch(OPTIONS, 'higher', 1);
  const late = searched(start, ({ candidate }) => candidate, { msPerTrial: 100 });
  assert.equal(late.reason, 'out of time');
  assert.equal(late.state.results.length, 10);
  assert.equal(best(late.state)?.candidate, 2);
  const atOnce = searched(planSearch({ ...OPTIONS, budgetMs: 0 }, 'higher', 1), () => 1);
  assert.equal(atOnce.state.results.length, 3);
  assert.equal(best(atOnce.state)?.candidate, 0);
});

test('a search that was broken off goes on where it was', () => {
  const start = planSearch(OPTIONS, 'higher', 1);
  const half = searched({ ...start, budgetMs: 500 }, ({ candidate }) => candidate, {
    msPerTrial: 50,
  });
  const stored = JSON.parse(JSON.stringify({ ...half.state, budgetMs: 1000 })) as SearchState;
  const resumed = searched(stored, ({ candidate }) => candidate, { atOnce: 2 });
  const whole = searched(start, ({ candidate }) => candidate);
  assert.deepEqual(best(resumed.state), best(whole.state));
  assert.equal(resumed.state.results.length, whole.state.results.length);
});

test('a candidate that cannot be fitted to every fold is out; when none can, none is best', () => {
  const broken = searched(planSearch(OPTIONS, 'higher', 1), ({ candidate, fold }) =>
    candidate === 6 && fold === 1 ? null : candidate,
  );
  assert.equal(best(broken.state)?.candidate, 5);
  assert.equal(best(searched(planSearch(OPTIONS, 'higher', 1), () => null).state), undefined);
});

function schemaOf(target: string, table = houses(90, 1)): ModelSchema {
  const ignore = ['price', 'dear', 'band'].filter((name) => name !== target);
  const task = target === 'price' ? 'regression' : 'classification';
  return learnSchema(table, allRows(table), { target, task, ignore });
}

test('folds hold every row once, each class in its share', () => {
  const table = houses(90, 1);
  const rows = allRows(table);
  const seen = new Set<number>();
  for (let fold = 0; fold < 3; fold++) {
    const trial = { fold, share: 1 };
    const { train, test: held } = foldRows(
      table,
      rows,
      schemaOf('band'),
      { cv: 3, seed: 1 },
      trial,
    );
    assert.equal(train.length + held.length, 90);
    held.forEach((row) => seen.add(row));
    const third = foldRows(
      table,
      rows,
      schemaOf('band'),
      { cv: 3, seed: 1 },
      { fold, share: 1 / 3 },
    );
    assert.ok(Math.abs(third.train.length - 20) <= 4, `${third.train.length}`);
    assert.ok(third.train.every((row) => train.includes(row)));
  }
  assert.equal(seen.size, 90);
});

test('in order of time, each stretch is predicted from those before it, the newest of them first', () => {
  const n = 40;
  const days = Array.from({ length: n }, (_, i) => (i * 7) % n);
  const table = tableOf(
    numbers('day', days),
    numbers('x', days.map(Math.sin)),
    texts(
      'y',
      days.map((day) => (day % 2 === 0 ? 'a' : 'b')),
    ),
  );
  const schema = learnSchema(table, allRows(table), {
    target: 'y',
    task: 'classification',
    ignore: ['day'],
  });
  const options = { cv: 3, seed: 1, timeColumn: 'day' };
  for (let fold = 0; fold < 3; fold++) {
    const daysOf = (rows: Int32Array): number[] =>
      Array.from(rows, (row) => days[row]!).sort((a, b) => a - b);
    const { train, test: held } = foldRows(table, allRows(table), schema, options, {
      fold,
      share: 1,
    });
    assert.deepEqual(daysOf(train), [...Array(10 * (fold + 1)).keys()]);
    assert.deepEqual(
      daysOf(held),
      [...Array(10).keys()].map((day) => day + 10 * (fold + 1)),
    );
    const half = foldRows(table, allRows(table), schema, options, { fold, share: 0.5 });
    assert.deepEqual(daysOf(half.train), daysOf(train).slice(-half.train.length));
  }
});

test('a real search finds that few leaves and small steps do worse on few iterations', () => {
  const table = houses(300, 2);
  const rows = allRows(table);
  const schema = schemaOf('price', table);
  const base = { ...DEFAULT_BOOSTING, iterations: 15, minLeaf: 5 };
  const options = { cv: 3, seed: 1, metric: 'rmse' as const };
  const { state } = searched(planSearch(OPTIONS, 'lower', 1), (trial) => {
    const params = withChoice(base, choiceOf(trial.candidate));
    return runTrial(table, rows, schema, params, options, trial).score;
  });
  assert.equal(best(state)?.choice['learningRate'], 0.3);
  assert.notEqual(best(state)?.choice['maxLeaves'], 4);
});

function choiceOf(candidate: number): Readonly<Record<string, number | string | boolean>> {
  return planSearch(OPTIONS, 'lower', 1).candidates[candidate]!;
}

test('parameters that rows refuse have no score; too few rows for the folds are an error', () => {
  const table = houses(30, 3);
  const schema = schemaOf('price', table);
  const options = { cv: 3, seed: 1, metric: 'rmse' as const };
  const trial = { candidate: 1, rung: 0, fold: 0, share: 1 };
  const params = withChoice(DEFAULT_LINEAR, { l2: -1 });
  assert.equal(runTrial(table, allRows(table), schema, params, options, trial).score, null);
  assert.throws(
    () => runTrial(table, Int32Array.of(0, 1), schema, DEFAULT_LINEAR, options, trial),
    /2 rows are too few for 3 folds/,
  );
});
