import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { takeRows } from '../table.ts';
import type { Table } from '../table.ts';
import { loadModel } from './artefact/artefact.ts';
import { learnSchema } from './input/encoder.ts';
import { canLearn } from './estimator-tasks.ts';
import { fitModel } from './fit.ts';
import type { EstimatorParams } from './fit.ts';
import { ESTIMATORS } from './fixtures/estimators.ts';
import { allRows, houses, numbers, tableOf, texts } from './fixtures/tables.ts';
import { metricsOf } from './metrics/metrics.ts';
import { scored } from './metrics/scored.ts';
import type { Model, ModelSchema, Predictions, Task } from './model.ts';
import { outcomesOf } from './metrics/outcomes.ts';

const TARGETS = [
  ['dear', 'classification'],
  ['band', 'classification'],
  ['price', 'regression'],
] as const;

function schemaOf(table: Table, target: string, task: Task, rows = allRows(table)): ModelSchema {
  const ignore = ['price', 'dear', 'band'].filter((name) => name !== target);
  return learnSchema(table, rows, { target, task, ignore });
}

function fit(table: Table, target: string, task: Task, params: EstimatorParams): Model {
  return fitModel(table, allRows(table), schemaOf(table, target, task), params, 1);
}

function assertSound(predictions: Predictions, rows: number): void {
  if (predictions.kind === 'regression') {
    assert.equal(predictions.values.length, rows);
    assert.ok(predictions.values.every(Number.isFinite));
    return;
  }
  const { classes, probabilities, labels } = predictions;
  assert.equal(labels.length, rows);
  for (let i = 0; i < rows; i++) {
    const own = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
    assert.ok(own.every((p) => p >= 0 && p <= 1 + 1e-12));
    assert.ok(Math.abs(own.reduce((sum, p) => sum + p, 0) - 1) < 1e-9);
    assert.equal(own[labels[i]!], Math.max(...own));
  }
}

const first = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

for (const params of ESTIMATORS) {
  for (const [target, task] of TARGETS.filter(([, own]) => canLearn(params.kind, own))) {
    describe(`${params.kind}, ${target}`, () => {
      test('predicts rows it has not seen, better than the baseline does', () => {
        const table = houses(400, 1);
        const later = houses(1000, 2);
        const scoreOf = (own: EstimatorParams): number => {
          const model = fit(table, target, task, own);
          const scores = metricsOf(scored(model.predict(later), outcomesOf(later, model.schema)));
          return task === 'regression' ? scores.r2! : scores.accuracy!;
        };
        const gain = scoreOf(params) - scoreOf({ kind: 'baseline' });
        if (params.kind === 'baseline') assert.equal(gain, 0);
        else assert.ok(gain > 0.25, `gain ${gain}`);
      });

      test('the same data give the same bytes, which load as the same model', () => {
        const table = houses(120, 3);
        const model = fit(table, target, task, params);
        const bytes = model.toBytes();
        assert.deepEqual(fit(table, target, task, params).toBytes(), bytes);
        const loaded = loadModel(bytes);
        assert.equal(loaded.estimator, params.kind);
        assert.deepEqual(loaded.schema, model.schema);
        assert.deepEqual(loaded.predict(table), model.predict(table));
        assert.deepEqual(loaded.toBytes(), bytes);
      });

      test('few rows are enough', () => {
        for (const rows of [2, 3, 7]) {
          const table = takeRows(houses(50, 4), first(rows));
          assertSound(fit(table, target, task, params).predict(houses(50, 5)), 50);
        }
      });

      test('values may be missing, in training and later, all of a column too', () => {
        const { rows, columns } = houses(200, 6);
        const holes = columns.map((column) => {
          if (['price', 'dear', 'band'].includes(column.name)) return column;
          if (column.kind === 'categorical')
            return { ...column, codes: column.codes.map((code, i) => (i % 3 === 0 ? -1 : code)) };
          return { ...column, values: column.values.map((v, i) => (i % 3 === 1 ? NaN : v)) };
        });
        const table = { rows, columns: holes };
        assertSound(fit(table, target, task, params).predict(table), rows);
        const nothing = tableOf(
          numbers('size', [null]),
          numbers('age', [null]),
          texts('district', [null]),
          numbers('noise', [null]),
        );
        const complete = fit({ rows, columns }, target, task, params);
        assertSound(complete.predict(nothing), 1);
      });

      test('a category that training did not have is predicted for', () => {
        const model = fit(houses(200, 7), target, task, params);
        const strange = tableOf(
          numbers('size', [100, 1e300, -1e300]),
          numbers('age', [20, 0, 1e9]),
          texts('district', ['atlantis', 'eldorado', 'mill']),
          numbers('noise', [0.5, 0.5, 0.5]),
        );
        assertSound(model.predict(strange), 3);
      });

      test('a class of the schema that no row has is never the more probable one', () => {
        if (task === 'regression') return;
        const table = houses(200, 8);
        const schema = schemaOf(table, target, task);
        const classes = [...schema.classes, 'zz'];
        const model = fitModel(table, allRows(table), { ...schema, classes }, params, 1);
        const predictions = model.predict(table);
        assertSound(predictions, 200);
        assert.ok(predictions.kind === 'classification');
        assert.ok(predictions.labels.every((label) => classes[label] !== 'zz'));
      });

      test('a class that the schema does not have is refused by name of the row', () => {
        if (task === 'regression') return;
        const table = houses(60, 9);
        const schema = schemaOf(table, target, task);
        const fewer = { ...schema, classes: schema.classes.slice(1) };
        assert.throws(
          () => fitModel(table, allRows(table), fewer, params, 1),
          new RegExp(`^RangeError: ${params.kind}: the class in row \\d+ of '${target}' is none`),
        );
      });

      test('a column that is constant in the rows trained on is no hindrance', () => {
        const { rows, columns } = houses(120, 10);
        const table = {
          rows,
          columns: columns.map((column) =>
            column.name === 'noise' ? numbers('noise', Array<number>(rows).fill(3)) : column,
          ),
        };
        const schema = schemaOf(houses(120, 10), target, task);
        const model = fitModel(table, allRows(table), schema, params, 1);
        assertSound(model.predict(houses(50, 11)), 50);
      });

      test('rows that are all of one outcome are learned', () => {
        const { rows, columns } = houses(60, 12);
        const table = {
          rows,
          columns: columns.map((column) => {
            if (column.name !== target) return column;
            return column.kind === 'categorical'
              ? { ...column, codes: column.codes.map(() => 0) }
              : { ...column, values: column.values.map(() => 7) };
          }),
        };
        const predictions = fit(table, target, task, params).predict(table);
        assertSound(predictions, 60);
        if (predictions.kind === 'regression') {
          assert.ok(predictions.values.every((value) => Math.abs(value - 7) < 1e-9));
        }
      });

      test('no rows at all are refused', () => {
        const table = houses(60, 13);
        const schema = schemaOf(table, target, task);
        const none = new Int32Array(0);
        assert.throws(() => fitModel(table, none, schema, params, 1), /no rows to train on/);
        const absent = fit(table, target, task, params);
        assert.throws(
          () => absent.predict(tableOf(numbers('size', [1]))),
          /columns 'age', 'district', 'noise' are absent/,
        );
      });
    });
  }
}

test('an estimator of another task is refused, and those that fit are named', () => {
  const table = houses(60, 14);
  for (const params of ESTIMATORS) {
    for (const [target, task] of TARGETS.filter(([, own]) => !canLearn(params.kind, own))) {
      assert.throws(
        () => fit(table, target, task, params),
        new RegExp(`'${params.kind}' is not for ${task}, .* use one of forest`),
      );
    }
  }
});

test('parameters out of range are refused by name', () => {
  const table = houses(60, 15);
  const cases: readonly [EstimatorParams, string, Task, RegExp][] = [
    [{ kind: 'linear', l2: -1 }, 'price', 'regression', /linear: l2 must be 0 or more, got -1/],
    [
      { kind: 'logistic', l2: NaN, maxIterations: 5 },
      'dear',
      'classification',
      /logistic: l2 .* got NaN/,
    ],
    [
      { kind: 'logistic', l2: 1, maxIterations: 0 },
      'dear',
      'classification',
      /maxIterations .* got 0/,
    ],
    [{ kind: 'naive-bayes', smoothing: 0 }, 'dear', 'classification', /smoothing .* got 0/],
  ];
  for (const [params, target, task, message] of cases) {
    assert.throws(() => fit(table, target, task, params), message);
  }
});
