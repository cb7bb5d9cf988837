import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { comparePerformance, evaluate } from './evaluate.ts';
import type { Evaluation, MetricName } from './evaluation.ts';
import type { Outcomes, Predictions } from '../model.ts';

const options = { confidence: 0.95, seed: 1 };
const classes = ['a', 'b'];

/** n rows on which a share of the predictions is right, at random. */
function guesses(n: number, right: number, seed: number): readonly [Predictions, Outcomes] {
  const random = createRandom(seed);
  const truth = Int32Array.from({ length: n }, () => Number(random() < 0.5));
  const labels = truth.map((k) => (random() < right ? k : 1 - k));
  const probabilities = Float64Array.from({ length: 2 * n }, (_, i) =>
    labels[i >> 1] === (i & 1) ? 0.8 : 0.2,
  );
  return [
    { kind: 'classification', classes, probabilities, labels },
    { kind: 'classification', classes, labels: truth },
  ];
}

function measurements(n: number, noise: number, seed: number): readonly [Predictions, Outcomes] {
  const random = createRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const truth = Float64Array.from({ length: n }, normal);
  return [
    { kind: 'regression', values: truth.map((y) => y + noise * normal()) },
    { kind: 'regression', values: truth },
  ];
}

const ALL: readonly (readonly [MetricName, typeof guesses, number])[] = [
  ['accuracy', guesses, 0.8],
  ['balancedAccuracy', guesses, 0.8],
  ['f1', guesses, 0.8],
  ['f1Micro', guesses, 0.8],
  ['precision', guesses, 0.8],
  ['recall', guesses, 0.8],
  ['specificity', guesses, 0.8],
  ['rocAuc', guesses, 0.8],
  ['prAuc', guesses, 0.8],
  ['logLoss', guesses, 0.8],
  ['brier', guesses, 0.8],
  ['ece', guesses, 0.7],
  ['rmse', measurements, 0.5],
  ['mae', measurements, 0.5],
  ['mape', measurements, 0.5],
  ['mse', measurements, 0.5],
  ['r2', measurements, 0.5],
];

test('an interval holds its value and is the same again for a seed', () => {
  for (const [metric, make, quality] of ALL) {
    const pair = make(300, quality, 3);
    const { primary, metrics } = evaluate(...pair, metric, options);
    assert.equal(primary.name, metric);
    assert.equal(primary.value, metrics[metric]);
    assert.ok(primary.low < primary.value && primary.value < primary.high, JSON.stringify(primary));
    assert.deepEqual(evaluate(...pair, metric, options).primary, primary);
  }
});

test('every metric has an interval that holds it, and the primary one its own', () => {
  for (const n of [300, 6000]) {
    for (const pair of [guesses(n, 0.8, 3), measurements(n, 0.5, 3)]) {
      const metric = pair[0].kind === 'classification' ? 'f1' : 'r2';
      const { metrics, intervals = {}, primary } = evaluate(...pair, metric, options);
      assert.deepEqual(Object.keys(intervals), Object.keys(metrics));
      assert.deepEqual(intervals[metric], { low: primary.low, high: primary.high });
      for (const [name, { low, high }] of Object.entries(intervals)) {
        const value = metrics[name as MetricName] ?? NaN;
        assert.ok(low <= value && value <= high && low < high, `${name}: ${low} ${value} ${high}`);
      }
    }
  }
});

test('95 % intervals hold the true value in about 95 of 100 samples, also where blocks are resampled', () => {
  const truths: Partial<Record<MetricName, number>> = {
    accuracy: 0.8,
    rocAuc: 0.8,
    prAuc: 0.74,
    rmse: 0.5,
    r2: 0.75,
  };
  for (const [metric, make, quality] of ALL) {
    const truth = truths[metric];
    if (truth === undefined) continue;
    for (const [n, samples] of [
      [200, 60],
      [3000, 30],
    ] as const) {
      let held = 0;
      for (let s = 0; s < samples; s++) {
        const { primary } = evaluate(...make(n, quality, 1000 + s), metric, {
          confidence: 0.95,
          seed: s,
          intervals: 'primary',
        });
        if (primary.low <= truth && truth <= primary.high) held++;
      }
      assert.ok(held >= 0.85 * samples, `${metric}, ${n} rows: ${held} of ${samples}`);
    }
  }
});

test('the accuracy interval is that of the binomial distribution, for any number of rows', () => {
  for (const n of [400, 200_000]) {
    const { primary } = evaluate(...guesses(n, 0.8, 5), 'accuracy', options);
    const expected = 2 * 1.96 * Math.sqrt((primary.value * (1 - primary.value)) / n);
    const width = primary.high - primary.low;
    assert.ok(Math.abs(width / expected - 1) < 0.1, `${width} is not ${expected}`);
  }
});

test('where R² is undefined the rmse stands in for it', () => {
  const constant: Outcomes = { kind: 'regression', values: Float64Array.of(2, 2, 2) };
  const predictions: Predictions = { kind: 'regression', values: Float64Array.of(1, 2, 3) };
  const { primary, metrics } = evaluate(predictions, constant, 'r2', options);
  assert.equal(primary.name, 'rmse');
  assert.ok(!('r2' in metrics));
});

test('a metric of the other task or a confidence out of range is refused', () => {
  const pair = guesses(10, 0.5, 1);
  assert.throws(
    () => evaluate(...pair, 'rmse', options),
    /'rmse' is not of classification; use accuracy/,
  );
  assert.throws(
    () => evaluate(...pair, 'accuracy', { ...options, confidence: 1 }),
    /confidence .* got 1/,
  );
});

const evaluation = (n: number, right: number, seed: number): Evaluation =>
  evaluate(...guesses(n, right, seed), 'accuracy', {
    ...options,
    intervals: 'primary',
    errors: 'learned',
  });

test('a champion that is worse than it was has a small p-value and a positive drop', () => {
  const { pValue, drop } = comparePerformance(
    evaluation(500, 0.6, 2),
    evaluation(500, 0.85, 1),
    {},
  );
  assert.ok(pValue < 1e-9);
  assert.ok(drop > 0.15);
  const better = comparePerformance(evaluation(500, 0.85, 1), evaluation(500, 0.6, 2), {});
  assert.ok(better.pValue > 0.999 && better.drop < -0.15);
});

test('the drop of an error is positive when the error grows', () => {
  const rmse = (noise: number): Evaluation =>
    evaluate(...measurements(200, noise, 1), 'rmse', options);
  const { drop, pValue } = comparePerformance(rmse(1), rmse(0.5), {});
  assert.ok(drop > 0.3 && pValue < 0.001);
});

test('a champion as good as it was is called worse in about 5 of 100 files', () => {
  let alarms = 0;
  for (let s = 0; s < 400; s++) {
    const current = evaluation(200, 0.8, 2 * s + 1);
    if (comparePerformance(current, evaluation(300, 0.8, 2 * s + 2), {}).pValue <= 0.05) alarms++;
  }
  assert.ok(alarms >= 8 && alarms <= 34, `${alarms} of 400`);
});

/** Of a classifier whose errors come in runs: normal scores with this autocorrelation are errors above their quantile. */
function inRuns(n: number, autocorrelation: number, seed: number, keep = 1): Evaluation {
  const random = createRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const labels: number[] = [];
  let score = normal();
  for (let i = 0; i < n; i++) {
    score = autocorrelation * score + Math.sqrt(1 - autocorrelation ** 2) * normal();
    if (random() < keep) labels.push(Number(score > 0.674));
  }
  const probabilities = new Float64Array(2 * labels.length).fill(0.5);
  return evaluate(
    { kind: 'classification', classes, probabilities, labels: Int32Array.from(labels) },
    { kind: 'classification', classes, labels: new Int32Array(labels.length) },
    'accuracy',
    { ...options, intervals: 'primary', errors: 'learned' },
  );
}

test('where dependence is learned, a champion whose errors come in runs is not called worse more often than another', () => {
  const alarms = { learned: 0, independent: 0 };
  for (let s = 0; s < 300; s++) {
    const [current, heldOut] = [inRuns(1000, 0.9, 2 * s + 1), inRuns(1000, 0.9, 2 * s + 2, 0.3)];
    for (const rows of ['learned', 'independent'] as const) {
      if (comparePerformance(current, heldOut, {}, rows).pValue <= 0.025) alarms[rows]++;
    }
  }
  assert.ok(alarms.learned <= 16, `${alarms.learned} of 300`);
  assert.ok(alarms.independent >= 45, `${alarms.independent} of 300 without it`);
});

test('what changed within a file counts in full, however sudden it was', () => {
  const random = createRandom(5);
  const errs = (i: number): number => Number(random() < (i < 700 ? 0.2 : 0.45));
  const labels = Int32Array.from({ length: 1000 }, (_, i) => errs(i));
  const current = evaluate(
    {
      kind: 'classification',
      classes,
      probabilities: new Float64Array(2000).fill(0.5),
      labels,
    },
    { kind: 'classification', classes, labels: new Int32Array(1000) },
    'accuracy',
    { ...options, errors: 'learned' },
  );
  const before = evaluation(1000, 0.8, 7);
  const { pValue } = comparePerformance(current, before, {}, 'learned');
  const asIndependent = comparePerformance(current, before, {});
  assert.ok(asIndependent.pValue < 1e-4);
  assert.ok(pValue < 10 * asIndependent.pValue, `${pValue}, not ${asIndependent.pValue}`);
});

test('an evaluation of before dependence was learned is compared as independent rows', () => {
  const withoutCurve = ({ loss: { mean, variance }, ...rest }: Evaluation): Evaluation => ({
    ...rest,
    loss: { mean, variance },
  });
  const [current, before] = [inRuns(1000, 0.7, 1), inRuns(1000, 0.7, 2)];
  assert.equal(
    comparePerformance(withoutCurve(current), withoutCurve(before), {}, 'learned').pValue,
    comparePerformance(current, before, {}).pValue,
  );
});

test('losses that do not vary prove nothing on few rows, and much on many', () => {
  const perfect = evaluation(100, 2, 1);
  assert.equal(perfect.loss.variance, 0);
  const { pValue } = comparePerformance(evaluation(100, -1, 1), perfect, {});
  assert.ok(pValue < 1e-6 && pValue > 0);
  assert.ok(comparePerformance(perfect, perfect, {}).pValue >= 0.5);
  assert.equal(comparePerformance(evaluation(1, -1, 1), perfect, {}).pValue, 1);
});

test('thresholds that do not hold are listed; those of undefined metrics are not', () => {
  const current = evaluation(200, 0.6, 2);
  const thresholds = { accuracy: 0.9, balancedAccuracy: 0.1, logLoss: 0.1, r2: 0.5 };
  const { breached } = comparePerformance(current, current, thresholds);
  assert.deepEqual(
    breached.map(({ metric, threshold }) => [metric, threshold]),
    [
      ['accuracy', 0.9],
      ['logLoss', 0.1],
    ],
  );
});

test('evaluations of different tasks are not compared', () => {
  const regression = evaluate(...measurements(20, 1, 1), 'rmse', options);
  assert.throws(
    () => comparePerformance(regression, evaluation(20, 0.5, 1), {}),
    /different tasks/,
  );
});
