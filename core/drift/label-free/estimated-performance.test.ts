import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MetricName } from '../../models/metrics/evaluation.ts';
import { metricsOf } from '../../models/metrics/metrics.ts';
import type { Outcomes, Predictions } from '../../models/model.ts';
import { scored } from '../../models/metrics/scored.ts';
import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import type { Table } from '../../table.ts';
import { normal, numeric, table, times } from '../fixtures/tables.ts';
import {
  estimatePerformance,
  fitPerformanceEstimator,
  LOSS_METRICS,
} from './estimated-performance.ts';
import type { EstimatedPerformance } from './estimate.ts';
import type { PerformanceEstimator } from './estimated-performance.ts';
import { CLASS_METRICS } from './expected-metrics.ts';

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

/** Errors grow with x, which is from `least` to 1, shifted. */
function numbers(random: Random, rows: number, shift = 0, least = 0): File {
  const x = times(rows, () => least + (1 - least) * random() + shift);
  const values = Float64Array.from(x, (v) => 10 + 2 * v);
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

const learn = ({ table: rows, predictions, outcomes }: File, metric: MetricName) =>
  fitPerformanceEstimator(
    { table: rows, scores: scored(predictions, outcomes) },
    { metric, features: FEATURES, seed: 1 },
  );

function fitted(file: File, metric: MetricName): PerformanceEstimator {
  const estimator = learn(file, metric);
  assert.equal(estimator.kind, 'fitted');
  return estimator;
}

function estimate(estimator: PerformanceEstimator, file: File): EstimatedPerformance {
  const found = estimatePerformance(estimator, file.table, file.predictions, 0.95);
  assert.notEqual(found, null);
  return found!;
}

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

test('nor are they too narrow where the mix of rows is another, and few like these were held out', () => {
  const RUNS = 60;
  const isHeld = (file: File, { metric }: EstimatedPerformance): boolean => {
    const realised = metricsOf(scored(file.predictions, file.outcomes))[metric.name]!;
    return realised >= metric.low && realised <= metric.high;
  };
  let ofClasses = 0;
  let ofNumbers = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(run + 900);
    const unsure = classes(random, 1500, 1.5);
    if (isHeld(unsure, estimate(fitted(classes(random, 400), 'accuracy'), unsure))) ofClasses++;
    const harder = numbers(random, 1500, 0, 0.6);
    if (isHeld(harder, estimate(fitted(numbers(random, 200), 'mae'), harder))) ofNumbers++;
  }
  assert.ok(ofClasses >= 52 && ofNumbers >= 52, `${ofClasses} and ${ofNumbers} of ${RUNS}`);
});

test('the held-out rows themselves are estimated at the baseline, by every metric of classes', () => {
  const file = classes(createRandom(6), 500);
  const metrics = metricsOf(scored(file.predictions, file.outcomes));
  for (const name of CLASS_METRICS) {
    const { metric, baseline, drop, pValue } = estimate(fitted(file, name), file);
    assert.equal(metric.name, name);
    assert.ok(Math.abs(baseline - metrics[name]!) < 1e-9, name);
    assert.ok(Math.abs(metric.value - baseline) < 1e-9 && Math.abs(drop) < 1e-9, name);
    assert.ok(Math.abs(pValue - 0.5) < 1e-9, `${name}: ${pValue}`);
  }
});

test('every metric of numbers is estimated to within its interval, as before and where errors are larger', () => {
  const random = createRandom(7);
  const heldOut = numbers(random, 3000);
  const calm = numbers(random, 2000);
  const harder = numbers(random, 4000, 0, 0.5);
  for (const name of LOSS_METRICS) {
    const estimator = fitted(heldOut, name);
    for (const file of [calm, harder]) {
      const { metric } = estimate(estimator, file);
      const found = metricsOf(scored(file.predictions, file.outcomes))[name]!;
      assert.ok(found >= metric.low && found <= metric.high, `${name}: ${found}`);
    }
  }
});

test('fewer than 100 held-out rows are said to be too few', () => {
  const insufficient = { kind: 'insufficient', n: 90, required: 100 };
  assert.deepEqual(learn(classes(createRandom(8), 90), 'accuracy'), insufficient);
  assert.deepEqual(learn(numbers(createRandom(8), 90), 'rmse'), insufficient);
});

test('the default metric of the task stands in for one that cannot be estimated, or is undefined', () => {
  const file = classes(createRandom(9), 200);
  const nameOf = (of: File, metric: MetricName): MetricName => fitted(of, metric).method.metric;
  assert.equal(nameOf(file, 'ece'), 'accuracy');
  const oneClass: File = { ...file, outcomes: outcomesOf(new Int32Array(200)) };
  assert.equal(nameOf(oneClass, 'rocAuc'), 'accuracy');
  assert.equal(nameOf(oneClass, 'balancedAccuracy'), 'balancedAccuracy');
  const zeros = numbers(createRandom(9), 200);
  const outcomes: Outcomes = { kind: 'regression', values: new Float64Array(200) };
  assert.equal(nameOf({ ...zeros, outcomes }, 'mape'), 'rmse');
  assert.equal(nameOf(zeros, 'r2'), 'rmse');
});

const outcomesOf = (labels: Int32Array): Outcomes => ({
  kind: 'classification',
  classes: CLASSES,
  labels,
});

test('losses of a champion that has gone astray, beyond what can be averaged, teach nothing', () => {
  const file = numbers(createRandom(10), 200);
  const insufficient = { kind: 'insufficient', n: 199, required: 200 };
  for (const astray of [1e300, 1e150, 1e60]) {
    const values = new Float64Array(200);
    values[3] = astray;
    const predictions: Predictions = { kind: 'regression', values };
    assert.deepEqual(learn({ ...file, predictions }, 'rmse'), insufficient, `${astray}`);
  }
});

test('held-out rows of a class that the champion does not know lower its baseline, not the file', () => {
  const file = classes(createRandom(11), 600);
  assert.ok(file.outcomes.kind === 'classification');
  const labels = file.outcomes.labels.map((k, i) => (i % 5 === 0 ? -1 : k));
  const unknown: File = { ...file, outcomes: outcomesOf(labels) };
  const known = estimate(fitted(file, 'accuracy'), file);
  const found = estimate(fitted(unknown, 'accuracy'), file);
  assert.ok(found.baseline < known.baseline - 0.1);
  assert.ok(Math.abs(found.metric.value - found.baseline) < 1e-9);
});

/** Two classes; `p` the probability of the second one, which is true but that it never comes below 0.2. */
function scores(p: readonly number[], random: Random): File {
  const labels = Int32Array.from(p, (own) => Number(own > 0.5));
  const truth = Int32Array.from(p, (own) => Number(own >= 0.2 && random() < own));
  const probabilities = Float64Array.from(p.flatMap((own) => [1 - own, own]));
  const two = ['no', 'yes'];
  return {
    table: { rows: p.length, columns: [] },
    predictions: { kind: 'classification', classes: two, probabilities, labels },
    outcomes: { kind: 'classification', classes: two, labels: truth },
  };
}

test('on a file whose rows are all surely of one class, ROC-AUC is not estimated, accuracy is', () => {
  const random = createRandom(12);
  const heldOut = scores(
    times(400, (i) => i / 400),
    random,
  );
  const file = scores([0.01, 0.05, 0.1], random);
  const of = (metric: MetricName) =>
    estimatePerformance(fitted(heldOut, metric), file.table, file.predictions, 0.95);
  assert.equal(of('rocAuc'), null);
  assert.ok(of('accuracy')!.metric.value > 0.9);
});

test('the drop is the difference of the figures that are told', () => {
  const random = createRandom(13);
  const heldOut = scores(
    times(400, () => random()),
    random,
  );
  const { method, ...known } = fitted(heldOut, 'accuracy');
  const sure = scores([0.01, 0.02], random);
  const { metric, baseline, drop } = estimate({ ...known, method, offset: 0.05 }, sure);
  assert.equal(metric.value, 1);
  assert.equal(drop, baseline - 1);
});

test('a champion that was right on all held-out rows is not sure to be right on all others', () => {
  const file = scores(
    times(200, (i) => Number(i % 2 === 0)),
    createRandom(14),
  );
  const { metric, pValue } = estimate(fitted(file, 'accuracy'), file);
  assert.equal(metric.value, 1);
  assert.ok(metric.low < 0.99 && metric.high === 1);
  assert.equal(pValue, 1);
});

test('whatever is said of the rows, the estimate is a number in its interval', () => {
  const random = createRandom(15);
  const heldOut = scores(
    times(300, () => random()),
    random,
  );
  const estimators = CLASS_METRICS.map((name) => fitted(heldOut, name));
  const said = fc.array(fc.constantFrom(0, 1e-300, 0.1, 0.5, 0.9, 1), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(said, (p) => {
      const file = scores(p, random);
      for (const estimator of estimators) {
        const found = estimatePerformance(estimator, file.table, file.predictions, 0.95);
        if (found === null) continue;
        const { value, low, high, name } = found.metric;
        assert.ok(0 <= low && low <= value && value <= high && Number.isFinite(high), name);
        assert.ok(found.pValue >= 0 && found.pValue <= 1 && Number.isFinite(found.drop), name);
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('no rows, and predictions of another task or other classes, are refused', () => {
  const random = createRandom(16);
  const estimator = fitted(classes(random, 200), 'accuracy');
  const none = classes(random, 0);
  const noNumber = numbers(random, 0);
  assert.throws(() => estimate(fitted(numbers(random, 200), 'mae'), noNumber), /no rows/);
  assert.throws(() => estimate(estimator, none), /estimated performance: no rows/);
  assert.throws(() => estimate(estimator, numbers(random, 10)), /accuracy of regression/);
  const two = scores([0.1, 0.9], random);
  assert.throws(() => estimate(estimator, two), /3 curves; probabilities of 2 classes need 1/);
});
