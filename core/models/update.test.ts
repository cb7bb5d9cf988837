import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { takeRows } from '../table.ts';
import type { Table } from '../table.ts';
import { loadModel } from './artefact/artefact.ts';
import { decodeContainer, encodeContainer } from './artefact/container.ts';
import { learnSchema } from './input/encoder.ts';
import { fitModel } from './fit.ts';
import type { EstimatorParams } from './fit.ts';
import { allRows, houses, numbers, tableOf, texts } from './fixtures/tables.ts';
import { DEFAULT_LINEAR } from './linear/linear.ts';
import { DEFAULT_LOGISTIC, fitLogistic } from './linear/logistic.ts';
import type { Model, ModelSchema, Predictions, Task } from './model.ts';
import { DEFAULT_NAIVE_BAYES } from './naive-bayes/naive-bayes.ts';
import { isCannot, updateModel } from './update.ts';

const options = { decay: 1, seed: 1 };

function schemaOf(table: Table, target: string, task: Task): ModelSchema {
  const ignore = ['price', 'dear', 'band'].filter((name) => name !== target);
  return learnSchema(table, allRows(table), { target, task, ignore });
}

function updated(model: Model, table: Table, rows: Int32Array, decay = 1): Model {
  const result = updateModel(model, table, rows, { ...options, decay });
  assert.ok(!isCannot(result), isCannot(result) ? result.reason : '');
  return result;
}

function numbersOf(predictions: Predictions): Float64Array {
  return predictions.kind === 'regression' ? predictions.values : predictions.probabilities;
}

function largestDifference(a: Predictions, b: Predictions): number {
  const other = numbersOf(b);
  return numbersOf(a).reduce(
    (high, value, i) =>
      Math.max(high, Math.abs(value - other[i]!) / Math.max(1, Math.abs(other[i]!))),
    0,
  );
}

/** Rows whose columns drift, with missing values in some parts only. */
function drifting(rows: number, seed: number): Table {
  const random = createRandom(seed);
  const index = Array.from({ length: rows }, (_, i) => i);
  const missing = [random() < 0.5 ? 0 : 0.2, random() < 0.5 ? 0 : 0.2];
  const x = index.map((i) =>
    random() < missing[i < rows / 2 ? 0 : 1]! ? null : i / 10 + random(),
  );
  const c = index.map(() => (random() < 0.1 ? null : 'abc'[Math.floor(random() * 3)]!));
  const z = index.map(() => random() * 1000 - 500);
  const y = index.map((i) => (x[i] ?? 3) * 2 - z[i]! / 50 + (c[i] === 'a' ? 5 : 0) + random());
  return tableOf(
    numbers('x', x),
    texts('c', c),
    numbers('z', z),
    numbers('price', y),
    texts(
      'band',
      y.map((value) => (value > 8 ? 'high' : value > 0 ? 'middle' : 'low')),
    ),
  );
}

for (const [params, target, task] of [
  [DEFAULT_LINEAR, 'price', 'regression'],
  [{ ...DEFAULT_LINEAR, l2: 0 }, 'price', 'regression'],
  [DEFAULT_NAIVE_BAYES, 'band', 'classification'],
] as const) {
  test(`${params.kind}: learning rows later gives the model of all rows (${JSON.stringify(params)})`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 30, max: 90 }), (seed, first) => {
        const table = drifting(120, seed);
        const schema = schemaOf(table, target, task);
        const early = Int32Array.from({ length: first }, (_, i) => i);
        const late = Int32Array.from({ length: 120 - first }, (_, i) => first + i);
        const apart = updated(fitModel(table, early, schema, params, 1), table, late);
        const together = fitModel(table, allRows(table), schema, params, 1);
        const difference = largestDifference(apart.predict(table), together.predict(table));
        assert.ok(difference < 1e-9, `${difference}`);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  test(`${params.kind}: a model that was stored in between learns the same (${JSON.stringify(params)})`, () => {
    const table = drifting(200, 3);
    const schema = schemaOf(table, target, task);
    const early = Int32Array.from({ length: 100 }, (_, i) => i);
    const late = Int32Array.from({ length: 100 }, (_, i) => 100 + i);
    const model = fitModel(table, early, schema, params, 1);
    const stored = updated(loadModel(model.toBytes()), table, late);
    assert.deepEqual(stored.toBytes(), updated(model, table, late).toBytes());
  });

  test(`${params.kind}: rows that decay count as rows of so much weight (${JSON.stringify(params)})`, () => {
    const table = drifting(200, 4);
    const schema = schemaOf(table, target, task);
    const early = Int32Array.from({ length: 100 }, (_, i) => i);
    const late = Int32Array.from({ length: 100 }, (_, i) => 100 + i);
    const weights = Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 0.25 : 1));
    const decayed = updated(fitModel(table, early, schema, params, 1), table, late, 0.25);
    const weighted = fitModel(table, allRows(table), schema, params, 1, weights);
    const difference = largestDifference(decayed.predict(table), weighted.predict(table));
    assert.ok(difference < 1e-9, `${difference}`);
  });
}

for (const target of ['dear', 'band']) {
  test(`logistic: learning rows later comes near the model of all rows (${target})`, () => {
    const table = houses(3000, 5);
    const schema = schemaOf(table, target, 'classification');
    const early = Int32Array.from({ length: 1500 }, (_, i) => i);
    const late = Int32Array.from({ length: 1500 }, (_, i) => 1500 + i);
    const first = fitLogistic(table, early, schema, DEFAULT_LOGISTIC);
    const together = fitLogistic(table, allRows(table), schema, DEFAULT_LOGISTIC);
    const apart = updated(first, table, late);
    const before = largestDifference(first.predict(table), together.predict(table));
    const after = largestDifference(apart.predict(table), together.predict(table));
    assert.ok(after < before / 3, `${before} → ${after}`);
    const stored = updated(loadModel(first.toBytes()), table, late);
    assert.deepEqual(stored.toBytes(), apart.toBytes());
  });
}

test('logistic: with very many columns the diagonal of the information is kept, and the model can learn', () => {
  const random = createRandom(6);
  const columns = Array.from({ length: 210 }, (_, j) =>
    numbers(
      `x${j}`,
      Array.from({ length: 400 }, () => random()),
    ),
  );
  const [first] = columns;
  const table = tableOf(
    ...columns,
    texts(
      'y',
      Array.from(first!.values, (x) => (x + random() / 4 > 0.6 ? 'a' : 'b')),
    ),
  );
  const schema = learnSchema(table, allRows(table), {
    target: 'y',
    task: 'classification',
    ignore: [],
  });
  const early = Int32Array.from({ length: 200 }, (_, i) => i);
  const late = Int32Array.from({ length: 200 }, (_, i) => 200 + i);
  const model = fitLogistic(table, early, schema, DEFAULT_LOGISTIC);
  const stored = loadModel(model.toBytes());
  const apart = updated(stored, table, late).predict(table);
  const right = apart.kind === 'classification' ? apart.labels : new Int32Array(0);
  const y = table.columns.at(-1)!;
  assert.ok(y.kind === 'categorical');
  const hits = late.filter((row) => right[row] === y.codes[row]).length;
  assert.ok(hits > 170, `${hits} of 200`);
});

test('what cannot learn more says so, and why', () => {
  const table = houses(100, 7);
  const cases: readonly [EstimatorParams, string, Task][] = [
    [{ kind: 'baseline' }, 'price', 'regression'],
    [{ kind: 'ml-random-forest', trees: 2 }, 'price', 'regression'],
  ];
  for (const [params, target, task] of cases) {
    const model = fitModel(table, allRows(table), schemaOf(table, target, task), params, 1);
    const result = updateModel(model, table, allRows(table), options);
    assert.ok(isCannot(result));
    assert.match(result.reason, /learns all its rows at once/);
  }
  const schema = schemaOf(table, 'band', 'classification');
  const model = fitModel(table, allRows(table), schema, DEFAULT_NAIVE_BAYES, 1);
  const nothing = updateModel(model, table, new Int32Array(0), options);
  assert.deepEqual(nothing, { kind: 'cannot', reason: 'there are no rows to learn' });
  const strange = tableOf(
    ...houses(3, 8).columns.filter(({ name }) => name !== 'band'),
    texts('band', ['band 0', 'band 9', null]),
  );
  assert.deepEqual(updateModel(model, strange, Int32Array.of(0, 1), options), {
    kind: 'cannot',
    reason: "the rows have the class 'band 9', which the model does not know",
  });
  assert.throws(
    () => updateModel(model, table, allRows(table), { ...options, decay: 0 }),
    /decay must be in \(0, 1\], got 0/,
  );
});

test('artefacts of before models could learn more still load, and say that they cannot', () => {
  const table = houses(100, 9);
  for (const [params, target, task, lacking] of [
    [DEFAULT_LINEAR, 'price', 'regression', ['gram', 'moments', 'targetSquares']],
    [DEFAULT_LOGISTIC, 'dear', 'classification', ['information']],
    [DEFAULT_NAIVE_BAYES, 'dear', 'classification', []],
  ] as const) {
    const model = fitModel(table, allRows(table), schemaOf(table, target, task), params, 1);
    const { kind, meta, arrays } = decodeContainer(model.toBytes());
    const old = { ...(meta as Record<string, unknown>) };
    delete old['l2'];
    delete old['smoothing'];
    const bytes = encodeContainer({
      kind,
      meta: old,
      arrays: Object.fromEntries(
        Object.entries(arrays).filter(([name]) => !lacking.some((other) => other === name)),
      ),
    });
    const loaded = loadModel(bytes);
    assert.deepEqual(loaded.predict(table), model.predict(table));
    assert.deepEqual(loaded.toBytes(), bytes);
    const result = updateModel(
      loaded,
      takeRows(table, Int32Array.of(0, 1)),
      allRows(houses(2, 1)),
      options,
    );
    assert.ok(isCannot(result));
    assert.match(result.reason, /earlier version/);
  }
});
