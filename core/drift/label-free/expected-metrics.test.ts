import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { metricsOf } from '../../models/metrics/metrics.ts';
import { createRandom } from '../../random.ts';
import { CLASS_METRICS, expectedMetric } from './expected-metrics.ts';
import { withComplement } from './fixtures/generated-rows.ts';
import { asProbabilities } from './fixtures/nannyml-report.ts';
import type { LabelledClasses } from './fixtures/nannyml-report.ts';

const scoresOf = (sample: LabelledClasses) =>
  ({ kind: 'classification', rows: sample.truth.length, ...sample }) as const;

/** Few rows of one to four classes, some of which may not occur; probabilities of tenths, so many are equal, or 0 or 1. */
const samples = fc.integer({ min: 1, max: 4 }).chain((classes) => {
  const weights = fc.array(fc.constantFrom(0, 0, 1, 2, 5), {
    minLength: classes,
    maxLength: classes,
  });
  const k = fc.nat(classes - 1);
  return fc
    .array(fc.tuple(weights, weights, k, k), { minLength: 1, maxLength: 12 })
    .map((rows) => ({
      classes,
      probabilities: Float64Array.from(rows.flatMap(([own]) => shares(own))),
      soft: Float64Array.from(rows.flatMap(([, own]) => shares(own))),
      labels: Int32Array.from(rows, ([, , label]) => label),
      truth: Int32Array.from(rows, ([, , , label]) => label),
    }));
});

/** Weights divided by their sum, equal ones where all are 0. */
function shares(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum > 0 ? weight / sum : 1 / weights.length));
}

test('with outcomes for probabilities, the expected metric is the metric, whichever classes are absent', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const metrics = metricsOf(scoresOf(sample));
      for (const name of CLASS_METRICS) {
        const found = expectedMetric(name, sample, asProbabilities(sample));
        const expected = metrics[name];
        const isClose =
          expected === undefined ? found === undefined : Math.abs(found! - expected) < 1e-9;
        assert.ok(isClose, `${name}: ${found} and ${expected}`);
      }
    }),
    { seed: 1, numRuns: 400 },
  );
});

test('whatever the probabilities, what is expected is in the range of the metric, or undefined', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      for (const name of CLASS_METRICS) {
        const found = expectedMetric(name, sample, sample.soft);
        const most = name === 'logLoss' ? 37 : name === 'brier' ? 2 : 1;
        assert.ok(found === undefined || (found >= 0 && found <= most), `${name}: ${found}`);
      }
    }),
    { seed: 2, numRuns: 2000 },
  );
});

test('areas of rows that are all surely of one class are undefined, as is everything of no rows', () => {
  const probabilities = withComplement(Float64Array.of(0.2, 0.3));
  const labels = Int32Array.of(0, 0);
  const negative = Float64Array.of(1, 0, 1, 0);
  const sample = { probabilities, labels, classes: 2 };
  assert.equal(expectedMetric('rocAuc', sample, negative), undefined);
  assert.equal(expectedMetric('prAuc', sample, negative), undefined);
  assert.equal(expectedMetric('accuracy', sample, negative), 1);
  const none = { probabilities: new Float64Array(0), labels: new Int32Array(0), classes: 2 };
  for (const name of CLASS_METRICS) {
    assert.equal(expectedMetric(name, none, new Float64Array(0)), undefined);
  }
});

test('on calibrated data the estimate is the realised metric in expectation', () => {
  const RUNS = 200;
  for (const metric of CLASS_METRICS) {
    let difference = 0;
    let squares = 0;
    for (let run = 0; run < RUNS; run++) {
      const sample = calibrated(400, run + 1);
      const realised = expectedMetric(metric, sample, asProbabilities(sample))!;
      const gap = expectedMetric(metric, sample, sample.probabilities)! - realised;
      difference += gap / RUNS;
      squares += gap ** 2 / RUNS;
    }
    // 4 standard errors: chance would fail one metric in 15,000
    const standardError = Math.sqrt((squares - difference ** 2) / RUNS);
    assert.ok(Math.abs(difference) < 4 * standardError, `${metric}: ${difference}`);
  }
});

/** Rows of two classes whose probabilities are true. */
function calibrated(rows: number, seed: number): LabelledClasses {
  const random = createRandom(seed);
  const positive = Float64Array.from({ length: rows }, () => random() ** 1.5);
  return {
    classes: 2,
    probabilities: withComplement(positive),
    labels: Int32Array.from(positive, (p) => (p > 0.5 ? 1 : 0)),
    truth: Int32Array.from(positive, (p) => (random() < p ? 1 : 0)),
  };
}
