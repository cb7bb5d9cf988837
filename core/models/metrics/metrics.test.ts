import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { areaUnderCurve } from '../../stats/auc.ts';
import { confusionOf } from './count-metrics.ts';
import { evaluate } from './evaluate.ts';
import { METRICS_OF_TASK } from './evaluation.ts';
import type { MetricName, ResidualQuantiles } from './evaluation.ts';
import { metricsOf } from './metrics.ts';
import { classRankings, rankMetric, rankTerms } from './rank-metrics.ts';
import { scored } from './scored.ts';
import type { Outcomes, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';

type Golden = Readonly<Partial<Record<MetricName, number>>> & {
  readonly task: string;
  readonly truth: readonly number[];
  readonly classes: readonly string[];
  readonly probabilities: readonly number[];
  readonly values: readonly number[];
  readonly confusion: readonly (readonly number[])[];
  readonly residuals: ResidualQuantiles;
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
    assert.deepEqual(Object.keys(ours), METRICS_OF_TASK[pair[0].kind]);
    for (const [name, value] of Object.entries(ours)) {
      const expected = known[name as MetricName]!;
      assert.ok(
        Math.abs(value - expected) <= 1e-9 * Math.abs(expected),
        `${name}: ${value} is not ${expected}`,
      );
    }
  }
});

test('where the errors are is what scikit-learn and NumPy say', () => {
  const options = { confidence: 0.95, seed: 1 };
  for (const known of golden.cases) {
    if (known.task === 'classification') {
      const pair = classification(known.classes, known.truth, known.probabilities);
      const { confusion, residuals } = evaluate(...pair, 'accuracy', options);
      assert.deepEqual(confusion, { classes: known.classes, counts: known.confusion });
      assert.equal(residuals, undefined);
    } else {
      const pair = regression(known.truth, known.values);
      const { confusion, residuals } = evaluate(...pair, 'rmse', options);
      assert.equal(confusion, undefined);
      for (const at of ['p05', 'p50', 'p95'] as const) {
        assert.ok(Math.abs(residuals![at] - known.residuals[at]) < 1e-9);
      }
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
      for (const [name, value] of Object.entries(m)) {
        assert.ok(value >= 0 && (value <= 1 || name === 'logLoss' || name === 'brier'), name);
      }
      assert.ok(m.brier! <= 2);
      assert.equal(m.f1Micro, m.accuracy);
      assert.ok(m.logLoss! >= 0 && m.logLoss! <= 52 * Math.LN2 + 1e-9);
      if (truth.includes(-1)) return;
      const perfect = metrics(classification(['a', 'b', 'c'], truth, truth.flatMap(certain)));
      const { logLoss, brier, ece, ...others } = perfect;
      assert.deepEqual(new Set(Object.values(others)), new Set([1]));
      assert.ok(logLoss! < 1e-15 && brier === 0 && ece === 0);
    }),
  );
});

test('errors grow in the order mae, rmse, and do not depend on where the outcomes lie', () => {
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
  // Of b against the rest: the rows (a, b, ?) have the probabilities (0, 1, ½).
  assert.equal(m.rocAuc, 1);
  assert.equal(m.specificity, 1);
  assert.equal(m.brier, 1.5 / 2 / 3);
  assert.equal(m.ece, 0.5 / 3);
});

test('the confusion matrix counts what rows of an unknown class were given', () => {
  const names = ['a', 'b'];
  const scores = scored(...classification(names, [0, 1, -1, 0], [1, 0, 0, 1, 0.5, 0.5, 0, 1]));
  assert.ok(scores.kind === 'classification');
  assert.deepEqual(confusionOf(scores, names), {
    classes: names,
    counts: [
      [1, 1],
      [0, 1],
    ],
    unknown: [1, 0],
  });
});

test('an evaluation goes without a confusion matrix that would be large', () => {
  const of = (names: readonly string[]): unknown => {
    const certain = names.map((_, k) => Number(k === 0));
    return evaluate(...classification(names, [0], certain), 'accuracy', {
      confidence: 0.95,
      seed: 1,
    }).confusion;
  };
  const names = Array.from({ length: 21 }, (_, k) => `class ${k}`);
  assert.ok(of(names.slice(0, 20)) !== undefined);
  assert.equal(of(names), undefined);
  assert.equal(of(['a', 'b'.repeat(1000)]), undefined);
});

test('the mean of the linearised ROC area is the area, its spread DeLong’s error', () => {
  const random = createRandom(4);
  const truth = Array.from({ length: 400 }, () => Number(random() < 0.3));
  const chance = truth.map((k) => Math.round(20 * (0.3 * k + 0.7 * random())) / 20);
  const pair = classification(
    ['no', 'yes'],
    truth,
    chance.flatMap((p) => [1 - p, p]),
  );
  const scores = scored(...pair);
  const terms = rankTerms('rocAuc', classRankings(scores), scores.rows)!;
  const of = (k: number): Float64Array =>
    Float64Array.from(chance.filter((_, i) => truth[i] === k)).sort();
  const { auc, standardError } = areaUnderCurve(of(0), of(1));
  const mean = terms.reduce((sum, term) => sum + term, 0) / terms.length;
  const squares = terms.reduce((sum, term) => sum + (term - mean) ** 2, 0);
  assert.ok(Math.abs(metricsOf(scores).rocAuc! - auc) < 1e-12 && Math.abs(mean - auc) < 1e-12);
  assert.ok(Math.abs(Math.sqrt(squares) / terms.length / standardError - 1) < 0.01);
});

test('the linearised areas are the derivatives of the areas by how often a row counts', () => {
  const random = createRandom(5);
  const truth = Array.from({ length: 60 }, () => Math.floor(3 * random()));
  const weights = truth.flatMap((k) => [0, 1, 2].map((c) => 1 + 3 * random() + Number(c === k)));
  const probabilities = weights.map((weight, c) => {
    const row = c - (c % 3);
    const sum = weights[row]! + weights[row + 1]! + weights[row + 2]!;
    return Math.round((20 * weight) / sum) / 20;
  });
  const scores = scored(...classification(['a', 'b', 'c'], truth, probabilities));
  const rankings = classRankings(scores);
  const many = 1_000_000;
  for (const metric of ['rocAuc', 'prAuc'] as const) {
    const area = rankMetric(metric, rankings)!;
    const terms = rankTerms(metric, rankings, scores.rows)!;
    for (const row of [0, 7, 31, 59]) {
      const times = new Int32Array(scores.rows).fill(many);
      times[row] = many + 1;
      const slope = (rankMetric(metric, rankings, times)! - area) * many;
      assert.ok(Math.abs(slope - (terms[row]! - area) / scores.rows) < 1e-5, metric);
    }
  }
});

test('a metric that is undefined on the rows is absent', () => {
  assert.ok(!('r2' in metrics(regression([3, 3], [1, 2]))));
  assert.ok(!('r2' in metrics(regression([3], [1]))));
  assert.equal(metrics(regression([3], [1])).rmse, 2);
  assert.ok(!('mape' in metrics(regression([0, 1], [1, 1]))));
  const onlyFirst = metrics(classification(['a', 'b'], [0, 0], [1, 0, 0.5, 0.5]));
  assert.ok(!('rocAuc' in onlyFirst) && !('prAuc' in onlyFirst) && onlyFirst.specificity === 1);
  const onlySecond = metrics(classification(['a', 'b'], [1, 1], [1, 0, 0.5, 0.5]));
  assert.ok(!('rocAuc' in onlySecond) && !('specificity' in onlySecond) && onlySecond.prAuc === 1);
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
