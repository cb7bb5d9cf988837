import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { loadModel } from '../artefact/artefact.ts';
import { learnSchema } from '../input/encoder.ts';
import { fitModel } from '../fit.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { metricsOf } from '../metrics/metrics.ts';
import { scored } from '../metrics/scored.ts';
import type { Model, ModelSchema, Predictions, Task } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { decodeChunk, encodeChunk, growTrees } from './chunk.ts';
import { assembleForest } from './forest.ts';
import { DEFAULT_FOREST } from './params.ts';
import type { ForestParams } from './params.ts';
import { prepareForest } from './training-set.ts';

const params: ForestParams = { ...DEFAULT_FOREST, trees: 30 };

function schemaOf(table: Table, target: string, task: Task): ModelSchema {
  const ignore = ['price', 'dear', 'band'].filter((name) => name !== target);
  return learnSchema(table, allRows(table), { target, task, ignore });
}

function fit(table: Table, target: string, task: Task, own: ForestParams = params): Model {
  return fitModel(table, allRows(table), schemaOf(table, target, task), own, 1);
}

function classified(predictions: Predictions): Extract<Predictions, { kind: 'classification' }> {
  assert.ok(predictions.kind === 'classification');
  return predictions;
}

function valuesOf(predictions: Predictions): Float64Array {
  assert.ok(predictions.kind === 'regression');
  return predictions.values;
}

function score(model: Model, table: Table): ReturnType<typeof metricsOf> {
  return metricsOf(scored(model.predict(table), outcomesOf(table, model.schema)));
}

test('a forest predicts two classes, four classes and a number on rows it has not seen', () => {
  const table = houses(1500, 1);
  const later = houses(1000, 2);
  assert.ok(score(fit(table, 'dear', 'classification'), later).accuracy! > 0.9);
  assert.ok(score(fit(table, 'band', 'classification'), later).accuracy! > 0.85);
  assert.ok(
    score(fit(table, 'price', 'regression', { ...params, features: 0.75 }), later).r2! > 0.9,
  );
});

test('probabilities of a row add up to 1 and its label is the most probable class', () => {
  const table = houses(400, 3);
  const { probabilities, labels } = classified(fit(table, 'band', 'classification').predict(table));
  for (let i = 0; i < table.rows; i++) {
    const row = probabilities.subarray(i * 4, i * 4 + 4);
    assert.ok(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
    assert.equal(row[labels[i]!], Math.max(...row));
  }
});

test('the same data, parameters and seed give the same bytes; another seed gives others', () => {
  const table = houses(300, 4);
  const schema = schemaOf(table, 'dear', 'classification');
  const bytes = (seed: number): Uint8Array =>
    fitModel(table, allRows(table), schema, params, seed).toBytes();
  assert.deepEqual(bytes(7), bytes(7));
  assert.notDeepEqual(bytes(7), bytes(8));
});

test('the forest is the same however its trees are shared out, sent to threads and checkpointed', () => {
  const table = houses(300, 5);
  for (const [target, task] of [
    ['band', 'classification'],
    ['price', 'regression'],
  ] as const) {
    const set = prepareForest(table, allRows(table), schemaOf(table, target, task), params, 1);
    const whole = assembleForest(set, [growTrees(set, 0, 30)]).toBytes();
    const sent = structuredClone(set);
    const chunks = [growTrees(sent, 17, 13), growTrees(set, 0, 1), growTrees(sent, 1, 16)];
    const kept = chunks.map((chunk) => decodeChunk(encodeChunk(chunk)));
    assert.deepEqual(assembleForest(set, kept).toBytes(), whole);
  }
});

test('large arrays of a training set are shared between threads, not copied', () => {
  const table = houses(50, 6);
  const set = prepareForest(
    table,
    allRows(table),
    schemaOf(table, 'price', 'regression'),
    params,
    1,
  );
  assert.ok(set.codes.buffer instanceof SharedArrayBuffer);
  assert.ok(
    set.targets.kind === 'regression' && set.targets.values.buffer instanceof SharedArrayBuffer,
  );
});

test('a forest that lacks a tree, or has one twice, is not assembled', () => {
  const table = houses(50, 7);
  const schema = schemaOf(table, 'dear', 'classification');
  const set = prepareForest(table, allRows(table), schema, params, 1);
  const first = growTrees(set, 0, 10);
  assert.throws(() => assembleForest(set, [first]), /10 trees, expected 30/);
  assert.throws(
    () => assembleForest(set, [first, growTrees(set, 11, 19)]),
    /expected tree 10 next/,
  );
  assert.throws(() => assembleForest(set, [first, first]), /expected tree 10 next, got tree 0/);
  assert.throws(() => growTrees(set, 29, 2), /trees 29 to 30 of a forest of 30/);
});

test('a model that was stored and loaded predicts the same and has the same bytes', () => {
  const table = houses(300, 8);
  for (const [target, task] of [
    ['band', 'classification'],
    ['price', 'regression'],
  ] as const) {
    const model = fit(table, target, task);
    const loaded = loadModel(model.toBytes());
    assert.equal(loaded.estimator, 'forest');
    assert.deepEqual(loaded.schema, model.schema);
    assert.deepEqual(loaded.predict(table), model.predict(table));
    assert.deepEqual(loaded.toBytes(), model.toBytes());
  }
});

test('predictions of a row do not depend on the rows beside it', () => {
  const table = houses(5000, 9);
  const model = fit(
    takeRows(
      table,
      Int32Array.from({ length: 200 }, (_, i) => i),
    ),
    'price',
    'regression',
  );
  const all = valuesOf(model.predict(table));
  const some = Int32Array.of(4999, 0, 2047, 2048);
  assert.deepEqual(
    valuesOf(model.predict(takeRows(table, some))),
    Float64Array.from(some, (row) => all[row]!),
  );
});

test('that a value is missing is learned from, on either side', () => {
  const random = createRandom(10);
  for (const missingMeans of ['a', 'b']) {
    const other = missingMeans === 'a' ? 'b' : 'a';
    const x: (number | null)[] = [];
    const y: string[] = [];
    for (let i = 0; i < 400; i++) {
      const value = random() < 0.3 ? null : random();
      x.push(value);
      y.push(value === null || value > 0.7 ? missingMeans : other);
    }
    const table = tableOf(numbers('x', x), texts('y', y));
    const schema = learnSchema(table, allRows(table), {
      target: 'y',
      task: 'classification',
      ignore: [],
    });
    const model = fitModel(table, allRows(table), schema, params, 1);
    const { labels, classes } = classified(model.predict(tableOf(numbers('x', [null, 0.1, 0.9]))));
    assert.deepEqual(
      Array.from(labels, (k) => classes[k]),
      [missingMeans, other, missingMeans],
    );
  }
});

test('a category that was never seen is judged as an average one, and a missing value is no error', () => {
  const table = houses(800, 11);
  const model = fit(table, 'price', 'regression', { ...params, features: 1 });
  const strange = tableOf(
    numbers('size', [100, 100, null]),
    numbers('age', [20, 20, null]),
    texts('district', ['atlantis', 'mill', null]),
    numbers('noise', [0.5, 0.5, null]),
  );
  const [unknown, average, missing] = valuesOf(model.predict(strange));
  assert.equal(unknown, average, 'mill is the district nearest to the average');
  assert.ok(Number.isFinite(missing));
});

test('a categorical effect is found that is in no order of the names', () => {
  const names = Array.from({ length: 60 }, (_, c) => `c${(c * 37) % 60}`);
  const rows = Array.from({ length: 1800 }, (_, i) => i);
  const table = tableOf(
    texts(
      'c',
      rows.map((i) => names[i % 60]!),
    ),
    texts(
      'y',
      rows.map((i) => ((i % 60) % 2 === 0 ? 'even' : 'odd')),
    ),
  );
  const schema = learnSchema(table, allRows(table), {
    target: 'y',
    task: 'classification',
    ignore: [],
  });
  const model = fitModel(table, allRows(table), schema, { ...params, maxDepth: 1 }, 1);
  assert.equal(score(model, table).accuracy, 1, 'one split is enough');
});

test('depth, leaf size and the features tried are kept to', () => {
  const table = houses(300, 12);
  const bytes = (own: Partial<ForestParams>): number =>
    fit(table, 'price', 'regression', { ...params, ...own }).toBytes().length;
  assert.ok(bytes({ maxDepth: 3 }) < bytes({}));
  assert.ok(bytes({ minLeaf: 20 }) < bytes({}));
  const stump = fit(table, 'price', 'regression', { ...params, minLeaf: 301 });
  assert.equal(
    new Set(valuesOf(stump.predict(table))).size,
    1,
    'no split leaves 301 draws on both sides',
  );
});

test('two rows, one feature and one class are enough to grow a forest', () => {
  const table = tableOf(numbers('x', [1, 2]), texts('y', ['a', 'a']), numbers('z', [5, 9]));
  const classification = learnSchema(table, allRows(table), {
    target: 'y',
    task: 'classification',
    ignore: ['z'],
  });
  const model = fitModel(table, allRows(table), classification, params, 1);
  assert.deepEqual(classified(model.predict(table)).probabilities, Float64Array.of(1, 1));
  const regression = learnSchema(table, allRows(table), {
    target: 'z',
    task: 'regression',
    ignore: ['y'],
  });
  const values = valuesOf(fitModel(table, allRows(table), regression, params, 1).predict(table));
  assert.ok(values.every((value) => value >= 5 && value <= 9));
});

test('targets far from zero keep their differences, constant ones stay constant', () => {
  const far = Array.from({ length: 200 }, (_, i) => 1.7e12 + (i % 2));
  const table = tableOf(
    numbers(
      'x',
      far.map((_, i) => i % 2),
    ),
    numbers('far', far),
    numbers(
      'same',
      far.map(() => 3),
    ),
  );
  for (const [target, expected] of [
    ['far', far],
    ['same', far.map(() => 3)],
  ] as const) {
    const ignore = ['far', 'same'];
    const schema = learnSchema(table, allRows(table), { target, task: 'regression', ignore });
    const values = valuesOf(fitModel(table, allRows(table), schema, params, 1).predict(table));
    values.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 0.01, `${value}`));
  }
});

test('parameters out of range and classes that the schema lacks are refused', () => {
  const table = houses(40, 13);
  const schema = schemaOf(table, 'dear', 'classification');
  const prepare = (own: Partial<ForestParams>, s = schema): unknown =>
    prepareForest(table, allRows(table), s, { ...params, ...own }, 1);
  assert.throws(() => prepare({ trees: 0 }), /trees must be a whole number from 1 .*, got 0/);
  assert.throws(() => prepare({ maxDepth: 65 }), /maxDepth .* from 1 to 64, got 65/);
  assert.throws(() => prepare({ minLeaf: 0.5 }), /minLeaf .* got 0.5/);
  assert.throws(() => prepare({ features: 1.5 }), /features must be a share in \(0, 1\], got 1.5/);
  assert.throws(
    () => prepare({}, { ...schema, classes: ['no'] }),
    /class in row \d+ of 'dear' is none/,
  );
  assert.throws(() => prepareForest(table, new Int32Array(0), schema, params, 1), /no rows/);
});

test('a table without a column of the model is refused by name', () => {
  const model = fit(houses(60, 14), 'dear', 'classification');
  assert.throws(() => model.predict(tableOf(numbers('size', [1]))), /columns? 'age'.* absent/);
});
