import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricName } from '../../models/metrics/evaluation.ts';
import { metricsOf } from '../../models/metrics/metrics.ts';
import type { Outcomes, Predictions } from '../../models/model.ts';
import { scored } from '../../models/metrics/scored.ts';
import type { Scored } from '../../models/metrics/scored.ts';
import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import type { Table } from '../../table.ts';
import { normal, numeric, table, times } from '../fixtures/tables.ts';
import { ESTIMABLE_METRICS, expectedMetric } from './class-calibration.ts';
import { estimatePerformance, fitPerformanceEstimator } from './estimated-performance.ts';
import type { EstimatedPerformance, PerformanceEstimator } from './estimated-performance.ts';

interface File {
  readonly table: Table;
  readonly predictions: Predictions;
  readonly outcomes: Outcomes;
}

const CLASSES = ['a', 'b', 'c'];

/** Three classes, told apart the worse the larger x is; the champion is surer of itself than it should be. */
function classes(random: Random, rows: number, shift = 0): File {
  const x = times(rows, () => normal(random) + shift);
  const probabilities = new Float64Array(rows * 3);
  const labels = new Int32Array(rows);
  const truth = new Int32Array(rows);
  x.forEach((v, i) => {
    const sure = 1 / (1 + Math.exp(v - 1.5));
    const favourite = Math.floor(3 * random());
    labels[i] = favourite;
    const share = (1 + 2 * sure) / 3;
    const said = 1 - (1 - share) * 0.6;
    for (let k = 0; k < 3; k++) probabilities[3 * i + k] = k === favourite ? said : (1 - said) / 2;
    truth[i] = random() < share ? favourite : (favourite + 1 + Math.floor(2 * random())) % 3;
  });
  return {
    table: table(numeric('x', x)),
    predictions: { kind: 'classification', classes: CLASSES, probabilities, labels },
    outcomes: { kind: 'classification', classes: CLASSES, labels: truth },
  };
}

/** Errors grow with x. */
function numbers(random: Random, rows: number, shift = 0): File {
  const x = times(rows, () => random() + shift);
  const values = Float64Array.from(x, (v) => 2 * v);
  return {
    table: table(numeric('x', x)),
    predictions: { kind: 'regression', values },
    outcomes: {
      kind: 'regression',
      values: values.map((value, i) => value + (0.3 + x[i]!) * normal(random)),
    },
  };
}

const FEATURES = [{ kind: 'numeric', name: 'x' }] as const;

function fitted(
  { table: rows, predictions, outcomes }: File,
  metric: MetricName,
): PerformanceEstimator {
  const scores = scored(predictions, outcomes);
  const value = metricsOf(scores)[metric]!;
  // Of a share of some 600 rows, as the bootstrap finds it within a tenth, for a fraction of the time.
  const reach = 1.96 * Math.sqrt(0.2 / scores.rows);
  const primary = { name: metric, value, low: value - reach, high: value + reach };
  const estimator = fitPerformanceEstimator(
    { table: rows, scores, primary, confidence: 0.95 },
    FEATURES,
    1,
  );
  assert.ok(estimator !== null);
  return estimator;
}

const estimate = (estimator: PerformanceEstimator, file: File): EstimatedPerformance =>
  estimatePerformance(estimator, file.table, file.predictions, 0.95);

const isAlarm = ({ drop, pValue }: EstimatedPerformance): boolean => drop > 0 && pValue <= 0.025;

test('on files like the held-out rows, classes raise an alarm no more often than promised', () => {
  const RUNS = 100;
  let alarms = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(run + 1);
    const estimator = fitted(classes(random, 600), 'accuracy');
    if (isAlarm(estimate(estimator, classes(random, 800)))) alarms++;
  }
  // 0.025 + 3 standard errors
  assert.ok(alarms / RUNS < 0.072, `${alarms / RUNS}`);
});

test('nor do numbers', () => {
  const RUNS = 20;
  let alarms = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(run + 1);
    const estimator = fitted(numbers(random, 200), 'rmse');
    if (isAlarm(estimate(estimator, numbers(random, 250)))) alarms++;
  }
  assert.ok(alarms / RUNS <= 0.1, `${alarms / RUNS}`);
});

test('another mix of rows, on which the champion is worse, is seen without labels', () => {
  const random = createRandom(5);
  const estimator = fitted(classes(random, 3000), 'accuracy');
  const file = classes(random, 2000, 1);
  const found = estimate(estimator, file);
  assert.ok(isAlarm(found) && found.metric.high < found.baseline);
  const { accuracy } = metricsOf(scored(file.predictions, file.outcomes));
  assert.ok(accuracy! > found.metric.low && accuracy! < found.metric.high);
  assert.equal(found.method, 'CBPE');

  const regression = fitted(numbers(random, 3000), 'rmse');
  const harder = numbers(random, 2000, 0.3);
  const other = estimate(regression, harder);
  assert.equal(other.method, 'DLE');
  assert.ok(isAlarm(other) && other.metric.low > other.baseline);
});

test('intervals hold the realised metric nine times in ten at least, without change', () => {
  let held = 0;
  for (let run = 0; run < 60; run++) {
    const random = createRandom(run + 500);
    const estimator = fitted(classes(random, 600), 'f1');
    const file = classes(random, 400);
    const { metric } = estimate(estimator, file);
    const { f1 } = metricsOf(scored(file.predictions, file.outcomes));
    if (f1! >= metric.low && f1! <= metric.high) held++;
  }
  assert.ok(held >= 51, `${held} of 60`);
});

test('with outcomes for probabilities, the expected metric is the metric', () => {
  const file = classes(createRandom(6), 500);
  const scores = scored(file.predictions, file.outcomes) as Extract<
    Scored,
    { kind: 'classification' }
  >;
  const truth = new Float64Array(1500);
  scores.truth.forEach((k, i) => (truth[3 * i + k] = 1));
  const metrics = metricsOf(scores);
  for (const name of ESTIMABLE_METRICS) {
    const found = expectedMetric(name, scores, truth);
    assert.ok(Math.abs(found! - metrics[name]!) < 1e-9, `${name}: ${found} and ${metrics[name]}`);
  }
});

test('few held-out rows, and metrics that cannot be estimated, have no estimator', () => {
  const file = classes(createRandom(7), 90);
  const scores = scored(file.predictions, file.outcomes);
  const primary = { name: 'accuracy', value: 0.8, low: 0.7, high: 0.9 } as const;
  const heldOut = { table: file.table, scores, primary, confidence: 0.95 };
  assert.equal(fitPerformanceEstimator(heldOut, FEATURES, 1), null);
  const many = classes(createRandom(8), 200);
  const of = { ...heldOut, table: many.table, scores: scored(many.predictions, many.outcomes) };
  assert.equal(
    fitPerformanceEstimator({ ...of, primary: { ...primary, name: 'ece' } }, FEATURES, 1),
    null,
  );
});
