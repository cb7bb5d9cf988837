import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BOOSTING } from './boosting/params.ts';
import { learnSchema } from './input/encoder.ts';
import { fitModel } from './fit.ts';
import { allRows, houses, numbers, tableOf } from './fixtures/tables.ts';
import { permutationImportances } from './importance.ts';
import { DEFAULT_LINEAR } from './linear/linear.ts';
import type { Model, ModelSchema } from './model.ts';

const ignore = ['dear', 'band'];
const options = { metric: 'mse', repeats: 10, seed: 1 } as const;

function schemaOf(table = houses(400, 1)): ModelSchema {
  return learnSchema(table, allRows(table), { target: 'price', task: 'regression', ignore });
}

test('what matters most has the largest importance, and noise has none, by permutation and by gain', () => {
  const table = houses(400, 1);
  const later = houses(400, 2);
  const model = fitModel(table, allRows(table), schemaOf(), DEFAULT_BOOSTING, 1);
  const found = permutationImportances(model, later, allRows(later), options);
  const byName = Object.fromEntries(found.map((own) => [own.feature, own]));
  assert.deepEqual(
    found.map(({ feature }) => feature),
    ['size', 'age', 'district', 'noise'],
  );
  assert.ok(byName['size']!.mean > byName['district']!.mean);
  assert.ok(byName['district']!.mean > 10 * Math.abs(byName['noise']!.mean));
  assert.ok(byName['noise']!.mean < 3 * byName['noise']!.deviation);
  const gains = Object.fromEntries(
    model.importances!().map(({ feature, gain }) => [feature, gain]),
  );
  assert.ok(gains['size']! > gains['district']! && gains['district']! > 5 * gains['noise']!);
  const total = Object.values(gains).reduce((sum, gain) => sum + gain, 0);
  assert.ok(Math.abs(total - 1) < 1e-12);
});

test('for a linear model the mean squared error grows by twice coefficient² × variance', () => {
  // E(y − β(x′))² − E(y − βx)² = β² E(x − x′)² = 2 β² Var x, where outcome and prediction agree.
  const x = Array.from({ length: 2000 }, (_, i) => (i * 7919) % 2000);
  const table = tableOf(
    numbers(
      'x',
      x.map((value) => value / 100),
    ),
    numbers(
      'z',
      x.map((_, i) => (i * 31) % 17),
    ),
    numbers(
      'y',
      x.map((value) => (3 * value) / 100),
    ),
  );
  const schema = learnSchema(table, allRows(table), {
    target: 'y',
    task: 'regression',
    ignore: [],
  });
  const model = fitModel(table, allRows(table), schema, { ...DEFAULT_LINEAR, l2: 0 }, 1);
  const [own, other] = permutationImportances(model, table, allRows(table), options);
  const expected = 2 * 9 * ((2000 ** 2 - 1) / 12 / 100 ** 2);
  assert.ok(Math.abs(own!.mean - expected) < 0.03 * expected, `${own!.mean}, ${expected}`);
  assert.ok(own!.deviation > 0 && own!.deviation < 0.1 * expected);
  assert.ok(Math.abs(other!.mean) < 1e-9);
});

test('the same seed gives the same numbers; a metric that is not defined gives none', () => {
  const table = houses(200, 3);
  const model: Model = fitModel(table, allRows(table), schemaOf(table), DEFAULT_LINEAR, 1);
  const run = (seed: number): unknown =>
    permutationImportances(model, table, allRows(table), { ...options, seed });
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1), run(2));
  const one = Int32Array.of(0);
  assert.deepEqual(permutationImportances(model, table, one, { ...options, metric: 'r2' }), []);
  assert.throws(
    () => permutationImportances(model, table, one, { ...options, repeats: 1 }),
    /repeats must be 2 or more, got 1/,
  );
});
