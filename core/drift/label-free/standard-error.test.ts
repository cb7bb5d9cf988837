import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { METRICS_OF_TASK } from '../../models/metrics/evaluation.ts';
import type { MetricName } from '../../models/metrics/evaluation.ts';
import { metricOf } from '../../models/metrics/metrics.ts';
import type { Scored } from '../../models/metrics/scored.ts';
import { createRandom } from '../../random.ts';
import { normal } from '../fixtures/tables.ts';
import {
  generatedNumbers,
  generatedPositives,
  REFERENCE,
  withComplement,
} from './fixtures/generated-rows.ts';
import { asProbabilities, nannymlError, nannymlMetric } from './fixtures/nannyml-report.ts';
import { momentsOf } from '../../stats/mean-test.ts';
import { standardError } from './standard-error.ts';

/** Two classes with probabilities that are true, 40 % of the second one. */
function classes(rows: number, seed: number): Extract<Scored, { kind: 'classification' }> {
  const random = createRandom(seed);
  const positive = Float64Array.from({ length: rows }, () => random() ** 1.5);
  const labels = Int32Array.from(positive, (p) => (p > 0.5 ? 1 : 0));
  const truth = Int32Array.from(positive, (p) => (random() < p ? 1 : 0));
  const probabilities = withComplement(positive);
  return { kind: 'classification', rows, classes: 2, truth, labels, probabilities };
}

/** Errors that grow with the prediction. */
function numbers(rows: number, seed: number): Scored {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: rows }, () => 2 + random());
  const truth = values.map((value) => value + 0.1 * value * normal(random));
  return { kind: 'regression', rows, truth, values };
}

test('the standard error is how far a metric strays, F1 and areas included', () => {
  const RUNS = 300;
  const [large, small] = [4000, 500];
  for (const draw of [classes, numbers]) {
    const samples = Array.from({ length: RUNS }, (_, run) => draw(small, 1000 + run));
    const reference = draw(large, 1);
    for (const metric of METRICS_OF_TASK[reference.kind]) {
      // Not estimated: the calibration error is a sum of distances, which resampling adds to.
      if (metric === 'ece') continue;
      const values = samples.map((sample) => metricOf(metric, sample)!);
      const deviation = deviationOf(values);
      const error = standardError(metric, reference, 1) * Math.sqrt(large / small);
      // The deviation of 300 samples is off by 4 %.
      assert.ok(Math.abs(error / deviation - 1) < 0.15, `${metric}: ${error} for ${deviation}`);
    }
  }
});

function deviationOf(values: readonly number[]): number {
  return Math.sqrt(momentsOf(Float64Array.from(values)).variance);
}

const golden = JSON.parse(
  readFileSync(new URL('fixtures/nannyml.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, { readonly samplingError: number }>>>>;

const CHUNK = 500;

function ratioToNannyml(metric: MetricName, nannyml: number, scores: Scored): number {
  return (standardError(metric, scores, 1) * Math.sqrt(scores.rows / CHUNK)) / nannyml;
}

test('it is NannyML’s where a metric is a mean of rows, larger for the AUC, whose formula has half of the rows', () => {
  const { probabilities, labels, truth } = generatedPositives();
  const positives: Scored = {
    kind: 'classification',
    rows: REFERENCE,
    classes: 2,
    probabilities: probabilities.subarray(0, 2 * REFERENCE),
    labels: labels.subarray(0, REFERENCE),
    truth: truth.subarray(0, REFERENCE),
  };
  for (const metric of ['accuracy', 'specificity'] as const) {
    const ratio = ratioToNannyml(metric, golden['binary']![metric]!.samplingError, positives);
    assert.ok(Math.abs(ratio - 1) < 0.05, `${metric}: ${ratio}`);
  }
  const { predictions, outcomes } = generatedNumbers();
  const losses: Scored = {
    kind: 'regression',
    rows: REFERENCE,
    truth: outcomes.subarray(0, REFERENCE),
    values: predictions.subarray(0, REFERENCE),
  };
  for (const metric of ['mae', 'mape', 'mse', 'rmse'] as const) {
    const ratio = ratioToNannyml(metric, golden['regression']![metric]!.samplingError, losses);
    assert.ok(Math.abs(ratio - 1) < 0.05, `${metric}: ${ratio}`);
  }
  const area = ratioToNannyml('rocAuc', golden['binary']!['roc_auc']!.samplingError, positives);
  assert.ok(area > 1.1 && area < 1.6, `${area}`);
});

test('NannyML’s formula is too large for F1, and too small for ROC-AUC', () => {
  const RUNS = 300;
  const rows = 500;
  const reference = classes(4000, 1);
  const samples = Array.from({ length: RUNS }, (_, run) => classes(rows, 1000 + run));
  for (const [metric, low, high] of [
    ['f1', 1.3, 1.7],
    ['rocAuc', 0.6, 0.9],
  ] as const) {
    const values = samples.map((own) => nannymlMetric(metric, own, asProbabilities(own))!);
    const ratio = nannymlError(metric, reference, rows) / deviationOf(values);
    assert.ok(ratio > low && ratio < high, `${metric}: ${ratio}`);
  }
});

test('a hundred rows that are all right do not prove that the next one is', () => {
  const rows = 100;
  const truth = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const probabilities = withComplement(Float64Array.from(truth));
  const right: Scored = {
    kind: 'classification',
    rows,
    classes: 2,
    truth,
    labels: truth,
    probabilities,
  };
  for (const metric of ['accuracy', 'f1', 'rocAuc'] as const) {
    const error = standardError(metric, right, 1);
    assert.ok(Math.abs(error - Math.sqrt((1 / 102) * (101 / 102)) / 10) < 1e-12, metric);
  }
  const values = new Float64Array(rows).fill(3);
  const exact: Scored = { kind: 'regression', rows, truth: values, values };
  assert.equal(standardError('rmse', exact, 1), 0);
});
