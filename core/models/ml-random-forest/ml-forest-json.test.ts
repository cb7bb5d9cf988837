import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { createRandom } from '../../random.ts';
import type { Table } from '../../table.ts';
import { loadModel } from '../artefact/artefact.ts';
import { learnSchema } from '../input/encoder.ts';
import { fitModel, type EstimatorParams } from '../fit.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { DEFAULT_FOREST } from '../forest/params.ts';
import { DEFAULT_LINEAR } from '../linear/linear.ts';
import { mlRandomForestJson } from './ml-forest-json.ts';
import { importMlRandomForest } from './ml-random-forest.ts';
import type { Model, Task } from '../model.ts';

/** Numbers only, on which thresholds fall; `kind` has three classes, `amount` is a number. */
function grid(rows: number, seed: number): Table {
  const random = createRandom(seed);
  const x = Array.from({ length: rows }, () => Math.round(20 * (random() - 0.5)) / 4);
  const z = Array.from({ length: rows }, () => random() * 1e6);
  return tableOf(
    numbers('x', x),
    numbers('z', z),
    numbers(
      'amount',
      x.map((value, i) => value * 3 + (z[i]! > 5e5 ? 10 : 0) + random()),
    ),
    texts(
      'kind',
      x.map((value, i) => (value > 0.5 ? 'high' : z[i]! > 5e5 ? 'middle' : 'low')),
    ),
  );
}

const table = grid(300, 1);
const later = grid(500, 2);

function fit(data: Table, target: string, task: Task, params: EstimatorParams): Model {
  const ignore = ['amount', 'kind', 'price', 'dear', 'band'].filter((name) => name !== target);
  const schema = learnSchema(data, allRows(data), { target, task, ignore });
  return fitModel(data, allRows(data), schema, params, 1);
}

const forest = { ...DEFAULT_FOREST, trees: 20 };
const small = { kind: 'ml-random-forest', trees: 10 } as const;

/** The file as the package would be given it. */
const written = (model: Model): never =>
  JSON.parse(JSON.stringify(mlRandomForestJson(model))) as never;

function inputOf({ rows, columns }: Table): number[][] {
  const read = columns.filter(({ name }) => name === 'x' || name === 'z');
  return Array.from({ length: rows }, (_, i) =>
    read.map((column) => (column.kind === 'numeric' ? column.values[i]! : NaN)),
  );
}

describe('a forest written for the package ml-random-forest', () => {
  test('predicts the same numbers there', () => {
    for (const params of [forest, small]) {
      const model = fit(table, 'amount', 'regression', params);
      const theirs = RandomForestRegression.load(written(model)).predict(inputOf(later));
      const ours = model.predict(later);
      assert.ok(ours.kind === 'regression');
      theirs.forEach((value, i) => {
        assert.ok(Math.abs(value - ours.values[i]!) < 1e-5, `${value}, ours ${ours.values[i]!}`);
      });
    }
  });

  test('has the same votes there: leaves of one class make them our shares', () => {
    const model = fit(table, 'kind', 'classification', forest);
    const theirs = RandomForestClassifier.load(written(model));
    const votes = theirs.predictionValues(inputOf(later));
    const ours = model.predict(later);
    assert.ok(ours.kind === 'classification');
    for (let i = 0; i < later.rows; i++) {
      const shares = [0, 0, 0];
      for (const label of votes.getRow(i)) shares[label]! += 1 / forest.trees;
      shares.forEach((share, k) => {
        assert.ok(Math.abs(share - ours.probabilities[3 * i + k]!) < 1e-6, `row ${i}`);
      });
    }
  });

  test('a value on the very threshold goes the same way there', () => {
    const steps = tableOf(
      numbers('x', [0, 0, 0, 0, 5e-324, 5e-324, 5e-324, 5e-324]),
      numbers('amount', [1, 1, 1, 1, 2, 2, 2, 2]),
    );
    const model = fit(steps, 'amount', 'regression', { ...forest, trees: 1 });
    const ours = model.predict(steps);
    assert.ok(ours.kind === 'regression');
    const theirs = RandomForestRegression.load(written(model));
    const inputs = [[0], [0], [0], [0], [5e-324], [5e-324], [5e-324], [5e-324]];
    assert.deepEqual(theirs.predict(inputs), [...ours.values]);
    assert.notEqual(ours.values[0], ours.values[7]);
  });

  test('names its target, features and classes beside what the package reads', () => {
    const { calmops } = mlRandomForestJson(fit(table, 'kind', 'classification', forest));
    assert.deepEqual(calmops, {
      target: 'kind',
      features: ['x', 'z'],
      classes: ['high', 'low', 'middle'],
    });
  });

  test('is refused by name with what the format cannot hold', () => {
    const categories = fit(houses(80, 1), 'price', 'regression', forest);
    assert.throws(() => mlRandomForestJson(categories), /numbers only, and 'district' has categor/);

    const known = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? null : 1));
    const amount = known.map((value) => (value === null ? 0 : 9));
    const gaps = tableOf(numbers('x', known), numbers('amount', amount));
    assert.throws(
      () => mlRandomForestJson(fit(gaps, 'amount', 'regression', forest)),
      /knows no missing values, and the forest splits by whether 'x' is missing/,
    );
    assert.throws(
      () => mlRandomForestJson(fit(table, 'amount', 'regression', DEFAULT_LINEAR)),
      /estimator 'linear' cannot be written for ml-random-forest; forest and ml-random-forest can/,
    );
  });
});

describe('a forest of the package ml-random-forest, brought in', () => {
  const options = { nEstimators: 8, seed: 3, noOOB: true, maxFeatures: 2 };

  test('predicts as it did there, survives its artefact, and fills gaps with the median', () => {
    const { schema } = fit(table, 'amount', 'regression', small);
    const amounts = table.columns[2]!;
    assert.ok(amounts.kind === 'numeric');
    const theirs = new RandomForestRegression({ ...options, selectionMethod: 'mean' } as never);
    theirs.train(inputOf(table), [...amounts.values]);
    const json: unknown = JSON.parse(JSON.stringify(theirs));
    const model = importMlRandomForest(json, table, schema);
    const ours = model.predict(later);
    assert.ok(ours.kind === 'regression');
    theirs.predict(inputOf(later)).forEach((value, i) => {
      assert.ok(Math.abs(value - ours.values[i]!) < 1e-9);
    });
    assert.deepEqual(loadModel(model.toBytes()).predict(later), ours);
    const gap = tableOf(numbers('x', [null]), numbers('z', [7e5]));
    const median = tableOf(
      numbers('x', [medianOf(inputOf(table).map(([x]) => x!))]),
      gap.columns[1]!,
    );
    assert.deepEqual(model.predict(gap), model.predict(median));
  });

  test('what goes out comes in again', () => {
    const model = fit(table, 'kind', 'classification', forest);
    const back = importMlRandomForest(written(model), table, model.schema).predict(later);
    const ours = model.predict(later);
    assert.ok(back.kind === 'classification' && ours.kind === 'classification');
    back.probabilities.forEach((share, i) => {
      assert.ok(Math.abs(share - ours.probabilities[i]!) < 1e-6);
    });
  });

  test('is refused with what does not fit', () => {
    const { schema } = fit(table, 'amount', 'regression', small);
    const json = mlRandomForestJson(fit(table, 'amount', 'regression', small));
    assert.throws(
      () => importMlRandomForest({ ...json, selectionMethod: 'median' }, table, schema),
      /selectionMethod is 'median', expected 'mean'/,
    );
    assert.throws(
      () => importMlRandomForest(json, table, fit(table, 'kind', 'classification', small).schema),
      /no RFClassifier/,
    );
    const data = houses(60, 1);
    const district = fit(data, 'price', 'regression', small).schema;
    assert.throws(() => importMlRandomForest(json, data, district), /'district' has categories/);
  });
});

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!;
}
