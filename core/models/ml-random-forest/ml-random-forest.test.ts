import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { loadModel } from '../artefact/artefact.ts';
import { decodeContainer } from '../artefact/container.ts';
import { learnSchema } from '../input/encoder.ts';
import { fitModel } from '../fit.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { metricsOf } from '../metrics/metrics.ts';
import { scored } from '../metrics/scored.ts';
import type { Model, Task } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';

const params = { kind: 'ml-random-forest', trees: 15 } as const;

function fit(table: ReturnType<typeof houses>, target: string, task: Task): Model {
  const ignore = ['price', 'dear', 'band'].filter((name) => name !== target);
  const schema = learnSchema(table, allRows(table), { target, task, ignore });
  return fitModel(table, allRows(table), schema, params, 1);
}

test('it predicts classes and numbers, with missing values and categories, the same again for a seed', () => {
  const table = houses(120, 1);
  const later = houses(300, 2);
  for (const [target, task] of [
    ['dear', 'classification'],
    ['price', 'regression'],
  ] as const) {
    const model = fit(table, target, task);
    const metrics = metricsOf(scored(model.predict(later), outcomesOf(later, model.schema)));
    assert.ok((metrics.accuracy ?? metrics.r2)! > 0.7, JSON.stringify(metrics));
    assert.deepEqual(fit(table, target, task).toBytes(), model.toBytes());
    const loaded = loadModel(model.toBytes());
    assert.equal(loaded.estimator, 'ml-random-forest');
    assert.deepEqual(loaded.predict(later), model.predict(later));
    assert.deepEqual(loaded.toBytes(), model.toBytes());
  }
});

test('its artefact holds the JSON of the package, which predicts the same with it', () => {
  const x = Array.from({ length: 60 }, (_, i) => i % 17);
  const z = Array.from({ length: 60 }, (_, i) => (i * 7) % 23);
  const table = tableOf(
    numbers('x', x),
    numbers('z', z),
    numbers(
      'sum',
      x.map((value, i) => value + z[i]!),
    ),
    texts(
      'class',
      x.map((value, i) => (value + z[i]! > 18 ? 'over' : 'under')),
    ),
  );
  const input = x.map((value, i) => [value, z[i]!]);
  const options = { ignore: ['sum', 'class'] };
  const jsonOf = (model: Model): never =>
    (decodeContainer(model.toBytes()).meta as { forest: never }).forest;

  const regression = learnSchema(table, allRows(table), {
    ...options,
    target: 'sum',
    task: 'regression',
  });
  const ours = fitModel(table, allRows(table), regression, params, 1);
  const theirs = RandomForestRegression.load(jsonOf(ours)).predict(input);
  const own = ours.predict(table);
  assert.ok(own.kind === 'regression');
  theirs.forEach((value, i) => assert.ok(Math.abs(value - own.values[i]!) < 1e-9));

  const classes = learnSchema(table, allRows(table), {
    ...options,
    target: 'class',
    task: 'classification',
  });
  const classifier = fitModel(table, allRows(table), classes, params, 1);
  const votes = RandomForestClassifier.load(jsonOf(classifier)).predict(input);
  const predicted = classifier.predict(table);
  assert.ok(predicted.kind === 'classification');
  const agreeing = votes.filter((label, i) => label === predicted.labels[i]).length;
  assert.ok(
    agreeing >= 58,
    `${agreeing} of 60: mean shares and majority votes differ in close cases only`,
  );
});

test('data beyond its limit are refused, naming the limit and what to use', () => {
  const large = houses(501, 3);
  assert.throws(
    () => fit(large, 'dear', 'classification'),
    /501 rows × 4 features; its limit is 500 rows and 20000 cells. Use the estimator 'forest'/,
  );
});
