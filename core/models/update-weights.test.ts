import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Table } from '../table.ts';
import { isBoosting } from './boosting/boosted-model.ts';
import { DEFAULT_BOOSTING } from './boosting/params.ts';
import { learnSchema } from './input/encoder.ts';
import { fitModel } from './fit.ts';
import type { EstimatorParams } from './fit.ts';
import { allRows, houses } from './fixtures/tables.ts';
import { HOUSE_TASKS, houseSchema } from './fixtures/retraining.ts';
import { isForest } from './forest/forest.ts';
import { DEFAULT_FOREST } from './forest/params.ts';
import { refreshLeaves } from './forest/refresh-leaves.ts';
import { treeErrors } from './forest/update.ts';
import { DEFAULT_LINEAR } from './linear/linear.ts';
import { DEFAULT_LOGISTIC } from './linear/logistic.ts';
import type { Model, Task } from './model.ts';
import { DEFAULT_NAIVE_BAYES } from './naive-bayes/naive-bayes.ts';
import { isCannot, updateModel } from './update.ts';

const ROWS = 120;
const known = houses(200, 1);
const table = houses(ROWS, 2);

function championOf(params: EstimatorParams, target: string, task: Task): Model {
  const schema = learnSchema(known, allRows(known), houseSchema(target, task));
  return fitModel(known, allRows(known), schema, params, 1);
}

function updated(model: Model, rows: Int32Array, weights?: Float64Array, own = table): Model {
  const result = updateModel(model, own, rows, { decay: 0.5, seed: 3, weights });
  assert.ok(!isCannot(result), isCannot(result) ? result.reason : '');
  return result;
}

function numbersOf(model: Model): Float64Array {
  const said = model.predict(table);
  return said.kind === 'regression' ? said.values : said.probabilities;
}

function assertNear(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < found.length; i++) {
    const apart = Math.abs(found[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    assert.ok(apart <= tolerance, `element ${i}: ${found[i]}, expected ${expected[i]}`);
  }
}

/** Weights of `least` to 3, and the rows so many times. */
const repetitions = (
  least: number,
): fc.Arbitrary<{ readonly weights: Float64Array; readonly repeated: Int32Array }> =>
  fc
    .array(fc.integer({ min: least, max: 3 }), { minLength: ROWS, maxLength: ROWS })
    .map((counts) => ({
      weights: Float64Array.from(counts),
      repeated: Int32Array.from(counts.flatMap((n, row) => Array<number>(n).fill(row))),
    }));

const BOOSTING = { ...DEFAULT_BOOSTING, iterations: 10, minLeaf: 1, maxLeaves: 4 };
const FOREST = { ...DEFAULT_FOREST, trees: 12 };
const CHAMPIONS = HOUSE_TASKS.flatMap(({ target, task }) => {
  const own: readonly EstimatorParams[] =
    task === 'regression' ? [DEFAULT_LINEAR] : [DEFAULT_LOGISTIC, DEFAULT_NAIVE_BAYES];
  return [...own, BOOSTING, FOREST].map((params) => ({ params, target, task }));
});

for (const { params, target, task } of CHAMPIONS) {
  test(`${params.kind} of ${target}: going on with a row of weight k is going on with k rows`, () => {
    const champion = championOf(params, target, task);
    // In a few rows several splits part the classes equally well, and rounding chooses one of them.
    const least = params.kind === 'boosting' ? 1 : 0;
    fc.assert(
      fc.property(repetitions(least), ({ weights, repeated }) => {
        const weighted = updated(champion, allRows(table), weights);
        const expected = updated(champion, repeated);
        if (isForest(champion)) {
          assert.ok(isForest(weighted) && isForest(expected));
          assert.equal(weighted.forest.training?.rows, expected.forest.training?.rows);
          // Trees are drawn at random, of these rows or those; all the rest is the same.
          assertNear(
            treeErrors(champion, table, allRows(table), weights),
            treeErrors(champion, table, repeated),
            1e-9,
          );
          const refreshed = refreshLeaves(champion, table, allRows(table), { known: 100, weights });
          const other = refreshLeaves(champion, table, repeated, { known: 100 });
          assertNear(numbersOf(refreshed), numbersOf(other), 1e-6);
          return;
        }
        if (isBoosting(weighted)) {
          assert.ok(isBoosting(expected));
          assert.equal(weighted.iterations, expected.iterations);
        }
        assertNear(numbersOf(weighted), numbersOf(expected), 1e-6);
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  test(`${params.kind} of ${target}: a row of weight 0 is as if it were not there, even one of an unknown class`, () => {
    const champion = championOf(params, target, task);
    const weights = Float64Array.from({ length: ROWS }, (_, i) => (i % 3 === 0 ? 0 : 1.5));
    const strange = task === 'classification' ? withStrangeClass(table, target) : table;
    const some = allRows(table).filter((row) => weights[row] !== 0);
    const own = weights.filter((weight) => weight !== 0);
    const weighted = updated(champion, allRows(table), weights, strange);
    assert.deepEqual(weighted.toBytes(), updated(champion, some, own).toBytes());
  });
}

/** In every third row a class that no model knows. */
function withStrangeClass(own: Table, target: string): Table {
  const columns = own.columns.map((column) => {
    if (column.name !== target || column.kind !== 'categorical') return column;
    const { dictionary } = column;
    const codes = column.codes.map((code, i) => (i % 3 === 0 ? dictionary.length : code));
    return { ...column, codes, dictionary: [...dictionary, 'unheard of'] };
  });
  return { ...own, columns };
}

test('a forest whose classes weigh differently goes on with the same weights, in leaves too', () => {
  const classWeight = { no: 1, yes: 20 };
  const mean = (params: EstimatorParams): number => {
    const said = updated(championOf(params, 'dear', 'classification'), allRows(table)).predict(
      table,
    );
    assert.ok(said.kind === 'classification');
    return said.probabilities.filter((_, at) => at % 2 === 1).reduce((a, b) => a + b, 0) / ROWS;
  };
  const shallow = { ...FOREST, maxDepth: 2 };
  const before = championOf({ ...shallow, classWeight }, 'dear', 'classification').predict(table);
  assert.ok(before.kind === 'classification');
  const kept = before.probabilities.filter((_, at) => at % 2 === 1).reduce((a, b) => a + b, 0);
  const after = mean({ ...shallow, classWeight });
  assert.ok(Math.abs(after - kept / ROWS) < 0.03, `${kept / ROWS} → ${after}`);
  assert.ok(after > mean(shallow) + 0.2);
});
