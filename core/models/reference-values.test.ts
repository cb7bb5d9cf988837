import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { learnSchema } from './input/encoder.ts';
import { fitModel } from './fit.ts';
import { allRows, numbers, tableOf, texts } from './fixtures/tables.ts';
import { DEFAULT_LINEAR, fitLinear } from './linear/linear.ts';
import { DEFAULT_LOGISTIC, fitLogistic } from './linear/logistic.ts';
import type { ModelSchema } from './model.ts';
import { DEFAULT_NAIVE_BAYES } from './naive-bayes/naive-bayes.ts';

interface Classified {
  readonly coefficients: number[];
  readonly probabilities: number[];
}

/** `command` says how these values were made. */
const golden = JSON.parse(
  readFileSync(new URL('fixtures/estimators.json', import.meta.url), 'utf8'),
) as {
  readonly x: number[][];
  readonly binary: number[];
  readonly multi: number[];
  readonly value: number[];
  readonly ridge: { readonly coefficients: number[]; readonly values: number[] };
  readonly leastSquares: { readonly coefficients: number[] };
  readonly logistic: Record<'binary' | 'multi' | 'weak', Classified>;
  readonly naiveBayes: Record<'binary' | 'multi', Pick<Classified, 'probabilities'>>;
};

const table = tableOf(
  ...golden.x.map((values, j) => numbers(`x${j}`, values)),
  texts('binary', golden.binary.map(String)),
  texts('multi', golden.multi.map(String)),
  numbers('value', golden.value),
);

function schemaOf(target: 'binary' | 'multi' | 'value'): ModelSchema {
  const task = target === 'value' ? 'regression' : 'classification';
  const ignore = ['binary', 'multi', 'value'];
  return learnSchema(table, allRows(table), { target, task, ignore });
}

function assertNear(found: Float64Array, expected: readonly number[], tolerance: number): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => {
    const near = Math.abs(value - expected[i]!) <= tolerance * Math.max(1, Math.abs(expected[i]!));
    assert.ok(near, `element ${i}: ${value}, expected ${expected[i]}`);
  });
}

test('ridge and least-squares regression agree with scikit-learn to 1e-9', () => {
  const fit = (l2: number): ReturnType<typeof fitLinear> =>
    fitLinear(table, allRows(table), schemaOf('value'), { ...DEFAULT_LINEAR, l2 });
  assertNear(fit(1).coefficients, golden.ridge.coefficients, 1e-9);
  assertNear(fit(0).coefficients, golden.leastSquares.coefficients, 1e-9);
  const predictions = fit(1).predict(table);
  assert.ok(predictions.kind === 'regression');
  assertNear(predictions.values, golden.ridge.values, 1e-9);
});

test('logistic and multinomial regression agree with scikit-learn to 1e-8', () => {
  for (const [name, target, l2] of [
    ['binary', 'binary', 1],
    ['multi', 'multi', 1],
    ['weak', 'multi', 0.1],
  ] as const) {
    const params = { ...DEFAULT_LOGISTIC, l2 };
    const model = fitLogistic(table, allRows(table), schemaOf(target), params);
    const expected = golden.logistic[name];
    assert.ok(model.convergence.converged);
    assert.ok(model.convergence.iterations < 15, `${model.convergence.iterations} iterations`);
    assertNear(model.coefficients, expected.coefficients, 1e-8);
    const predictions = model.predict(table);
    assert.ok(predictions.kind === 'classification');
    assertNear(predictions.probabilities, expected.probabilities, 1e-8);
  }
});

test('gaussian naive Bayes agrees with scikit-learn to 1e-9', () => {
  for (const target of ['binary', 'multi'] as const) {
    const model = fitModel(table, allRows(table), schemaOf(target), DEFAULT_NAIVE_BAYES, 1);
    const predictions = model.predict(table);
    assert.ok(predictions.kind === 'classification');
    assertNear(predictions.probabilities, golden.naiveBayes[target].probabilities, 1e-9);
  }
});
