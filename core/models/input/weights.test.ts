import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_BOOSTING } from '../boosting/params.ts';
import { learnSchema } from './encoder.ts';
import { fitModel } from '../fit.ts';
import type { EstimatorParams } from '../fit.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { DEFAULT_LINEAR } from '../linear/linear.ts';
import { DEFAULT_LOGISTIC } from '../linear/logistic.ts';
import type { Model, ModelSchema } from '../model.ts';
import { DEFAULT_NAIVE_BAYES } from '../naive-bayes/naive-bayes.ts';
import { trainingRows, weightsInColumn } from './weights.ts';

interface Data {
  readonly x: number[][];
  readonly binary: number[];
  readonly multi: number[];
  readonly value: number[];
}

/** `command` says how these values were made, with scikit-learn. */
interface Golden {
  readonly weights: number[];
  readonly ridge: number[];
  readonly logistic: Readonly<Record<'binary' | 'multi', number[]>>;
  readonly balanced: Readonly<Record<'binary' | 'multi', number[]>>;
  readonly naiveBayes: Readonly<Record<'binary' | 'multi', number[]>>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
const data = read('estimators.json') as Data;
const golden = read('weights.json') as Golden;

const table = tableOf(
  ...data.x.map((values, j) => numbers(`x${j}`, values)),
  texts('binary', data.binary.map(String)),
  texts('multi', data.multi.map(String)),
  numbers('value', data.value),
);
const rows = allRows(table);

function schemaOf(target: string, own = table): ModelSchema {
  const task = target === 'value' || target === 'price' ? 'regression' : 'classification';
  const ignore = ['binary', 'multi', 'value', 'price', 'dear', 'band'].filter((n) => n !== target);
  return learnSchema(own, allRows(own), { target, task, ignore });
}

function saidBy(model: Model, own = table): Float64Array {
  const predictions = model.predict(own);
  return predictions.kind === 'regression' ? predictions.values : predictions.probabilities;
}

function assertNear(found: Float64Array, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => {
    const other = expected[i]!;
    const near = Math.abs(value - other) <= tolerance * Math.max(1, Math.abs(other));
    assert.ok(near, `element ${i}: ${value}, expected ${other}`);
  });
}

test('with weights of rows, estimators agree with scikit-learn', () => {
  const weights = Float64Array.from(golden.weights);
  const fitted = (target: string, params: EstimatorParams): Float64Array =>
    saidBy(fitModel(table, rows, schemaOf(target), params, 1, weights));
  assertNear(fitted('value', DEFAULT_LINEAR), golden.ridge, 1e-9);
  for (const target of ['binary', 'multi'] as const) {
    assertNear(fitted(target, DEFAULT_LOGISTIC), golden.logistic[target], 1e-7);
    assertNear(fitted(target, DEFAULT_NAIVE_BAYES), golden.naiveBayes[target], 1e-9);
  }
});

test('balanced classes are those of scikit-learn, and the same as a map that says so', () => {
  for (const target of ['binary', 'multi'] as const) {
    const schema = schemaOf(target);
    const balanced = { ...DEFAULT_LOGISTIC, classWeight: 'balanced' } as const;
    const model = fitModel(table, rows, schema, balanced, 1);
    assertNear(saidBy(model), golden.balanced[target], 1e-7);
    const classWeight = Object.fromEntries(
      schema.classes.map((name) => {
        const own = data[target].filter((label) => String(label) === name).length;
        return [name, 80 / (schema.classes.length * own)];
      }),
    );
    const named = fitModel(table, rows, schema, { ...DEFAULT_LOGISTIC, classWeight }, 1);
    assertNear(saidBy(named), saidBy(model), 1e-9);
  }
});

test('a row of weight k is as k rows, and one of weight 0 as none', () => {
  const own = houses(150, 1);
  const cases: readonly [EstimatorParams, string][] = [
    [DEFAULT_LINEAR, 'price'],
    [{ kind: 'baseline' }, 'price'],
    [{ kind: 'baseline' }, 'band'],
    [DEFAULT_LOGISTIC, 'dear'],
    [DEFAULT_LOGISTIC, 'band'],
    [DEFAULT_NAIVE_BAYES, 'band'],
    [{ ...DEFAULT_NAIVE_BAYES, classWeight: 'balanced' }, 'band'],
  ];
  for (const [params, target] of cases) {
    const schema = schemaOf(target, own);
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 150, maxLength: 150 }), (counts) => {
        if (counts.every((count) => count === 0)) return;
        const repeated = Int32Array.from(counts.flatMap((n, row) => Array<number>(n).fill(row)));
        const weights = Float64Array.from(counts);
        const weighted = fitModel(own, allRows(own), schema, params, 1, weights);
        const expected = fitModel(own, repeated, schema, params, 1);
        assertNear(saidBy(weighted, own), saidBy(expected, own), 1e-7);
      }),
      { numRuns: 10, seed: 1 },
    );
  }
});

test('a rare class that weighs more is found more often', () => {
  const own = houses(600, 2);
  const schema = schemaOf('band', own);
  const found = (params: EstimatorParams): number => {
    const predictions = fitModel(own, allRows(own), schema, params, 1).predict(own);
    assert.ok(predictions.kind === 'classification');
    const rare = schema.classes.indexOf('band 0');
    return predictions.labels.filter((label) => label === rare).length;
  };
  for (const base of [
    { ...DEFAULT_BOOSTING, iterations: 5 },
    DEFAULT_LOGISTIC,
    DEFAULT_NAIVE_BAYES,
  ]) {
    const weighted = { ...base, classWeight: { 'band 0': 20 } };
    assert.ok(found(weighted) > found(base), base.kind);
  }
});

test('weights that are none are refused, saying which and why', () => {
  const schema = schemaOf('binary');
  const refused = (weights: Float64Array, message: RegExp): void =>
    assert.throws(() => trainingRows('logistic', table, rows, schema, { weights }), message);
  refused(new Float64Array(3), /logistic: 3 weights for 80 rows/);
  refused(new Float64Array(80), /the weights of all 80 rows are 0/);
  refused(new Float64Array(80).fill(1).fill(-1, 4, 5), /weight of row 5 must be 0 or more, got -1/);
  refused(new Float64Array(80).fill(NaN), /weight of row 1 must be 0 or more, got NaN/);
  assert.throws(
    () => trainingRows('logistic', table, rows, schema, { classWeight: { 0: -1 } }),
    /the weight of class '0' must be above 0, got -1/,
  );
  assert.throws(() => weightsInColumn(table, rows, 'binary'), /'binary' is categorical/);
  assert.deepEqual([...weightsInColumn(table, Int32Array.of(1), 'x0')], [data.x[0]![1]]);
  assert.throws(
    () =>
      fitModel(
        table,
        rows,
        schema,
        { kind: 'ml-random-forest', trees: 2 },
        1,
        new Float64Array(80),
      ),
    /'ml-random-forest' cannot weigh rows/,
  );
});
