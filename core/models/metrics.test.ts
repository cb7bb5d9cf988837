import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MetricName } from './evaluation.ts';
import { metricsOf, scored } from './metrics.ts';
import type { Outcomes, Predictions } from './model.ts';
import { mostProbable } from './predictions.ts';

type Golden = Readonly<Partial<Record<MetricName, number>>> & {
  readonly task: string;
  readonly truth: readonly number[];
  readonly classes: readonly string[];
  readonly probabilities: readonly number[];
  readonly values: readonly number[];
};

const golden = JSON.parse(
  readFileSync(new URL('fixtures/metrics.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Golden[] };

function classification(
  classes: readonly string[],
  truth: readonly number[],
  probabilities: readonly number[],
): readonly [Predictions, Outcomes] {
  const p = Float64Array.from(probabilities);
  const labels = mostProbable(p, classes.length);
  return [
    { kind: 'classification', classes, probabilities: p, labels },
    { kind: 'classification', classes, labels: Int32Array.from(truth) },
  ];
}

function regression(
  truth: readonly number[],
  values: readonly number[],
): readonly [Predictions, Outcomes] {
  return [
    { kind: 'regression', values: Float64Array.from(values) },
    { kind: 'regression', values: Float64Array.from(truth) },
  ];
}

const metrics = (pair: readonly [Predictions, Outcomes]): ReturnType<typeof metricsOf> =>
  metricsOf(scored(...pair));

test('metrics are those of scikit-learn to 1e-9', () => {
  for (const known of golden.cases) {
    const pair =
      known.task === 'classification'
        ? classification(known.classes, known.truth, known.probabilities)
        : regression(known.truth, known.values);
    const ours = metrics(pair);
    assert.ok(Object.keys(ours).length >= 3);
    for (const [name, value] of Object.entries(ours)) {
      const expected = known[name as MetricName]!;
      assert.ok(
        Math.abs(value - expected) <= 1e-9 * Math.abs(expected),
        `${name}: ${value} is not ${expected}`,
      );
    }
  }
});

test('metrics are within their ranges, and perfect for perfect predictions', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -1, max: 2 }), fc.nat(2)), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(rows, (pairs) => {
      const truth = pairs.map(([k]) => k);
      const certain = (k: number): number[] => [0, 1, 2].map((c) => Number(c === k));
      const m = metrics(
        classification(
          ['a', 'b', 'c'],
          truth,
          pairs.flatMap(([, k]) => certain(k)),
        ),
      );
      for (const name of ['accuracy', 'balancedAccuracy', 'f1'] as const) {
        assert.ok(m[name]! >= 0 && m[name]! <= 1);
      }
      assert.ok(m.logLoss! >= 0 && m.logLoss! <= 52 * Math.LN2 + 1e-9);
      if (truth.includes(-1)) return;
      const perfect = metrics(classification(['a', 'b', 'c'], truth, truth.flatMap(certain)));
      assert.equal(perfect.accuracy, 1);
      assert.equal(perfect.balancedAccuracy, 1);
      assert.equal(perfect.f1, 1);
      assert.ok(perfect.logLoss! < 1e-15);
    }),
  );
});

test('errors grow in the order mae, rmse and do not depend on where the outcomes lie', () => {
  const value = fc.integer({ min: -1e5, max: 1e5 }).map((hundredths) => hundredths / 100);
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 40 }), (pairs) => {
      const truth = pairs.map(([y]) => y);
      const values = pairs.map(([, x]) => x);
      const m = metrics(regression(truth, values));
      assert.ok(m.mae! <= m.rmse! * (1 + 1e-12) && Number.isFinite(m.rmse));
      assert.ok(m.r2 === undefined || m.r2 <= 1);
      const shifted = metrics(
        regression(
          truth.map((y) => y + 4096),
          values.map((x) => x + 4096),
        ),
      );
      assert.ok(Math.abs(shifted.rmse! - m.rmse!) < 1e-9);
    }),
  );
});

test('a class that no model knows is an error of its own', () => {
  const m = metrics(classification(['a', 'b'], [0, 1, -1], [1, 0, 0, 1, 0.5, 0.5]));
  assert.equal(m.accuracy, 2 / 3);
  assert.equal(m.balancedAccuracy, 2 / 3);
  assert.ok(Math.abs(m.f1! - (2 / 3 + 1 + 0) / 3) < 1e-15);
  assert.ok(m.logLoss! > 12 && Number.isFinite(m.logLoss));
});

test('a metric that is undefined on the rows is absent', () => {
  assert.ok(!('r2' in metrics(regression([3, 3], [1, 2]))));
  assert.ok(!('r2' in metrics(regression([3], [1]))));
  assert.equal(metrics(regression([3], [1])).rmse, 2);
});

test('predictions over fewer classes than the outcomes are compared by name', () => {
  const [predictions] = classification(['b', 'd'], [], [0.9, 0.1, 0.2, 0.8]);
  const outcomes: Outcomes = {
    kind: 'classification',
    classes: ['a', 'b', 'd'],
    labels: Int32Array.of(1, 2),
  };
  assert.equal(metrics([predictions, outcomes]).accuracy, 1);
});

test('predictions and outcomes that do not belong together are refused', () => {
  const [predictions, outcomes] = classification(['a', 'b'], [0], [1, 0]);
  const [values] = regression([], [1]);
  assert.throws(
    () => scored(values, outcomes),
    /predictions of regression, outcomes of classification/,
  );
  const two = { ...outcomes, labels: Int32Array.of(0, 1) } as Outcomes;
  assert.throws(() => scored(predictions, two), /1 predictions and 2 outcomes/);
  const other = { ...outcomes, classes: ['a', 'c'] } as Outcomes;
  assert.throws(() => scored(predictions, other), /predicts class 'b', the outcomes are over a, c/);
  assert.throws(() => scored(...regression([], [])), /0 predictions/);
});
