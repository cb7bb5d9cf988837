/**
 * The three curves, each against a reference and by what defines it. Reference values: scikit-learn 1.9.1, on `P`
 * and `Y` below: `_sigmoid_calibration(log(P / (1 - P)), Y)` (its sign is the other way round),
 * `IsotonicRegression(out_of_bounds='clip')`, and `scipy.optimize` on the log-loss for the temperature.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { metricOf } from '../metrics/metrics.ts';
import { expectedCalibrationError } from './calibration-error.ts';
import { applyIsotonic, fitIsotonic } from './isotonic.ts';
import { applyPlatt, fitPlatt } from './platt.ts';
import { applyTemperature, fitTemperature } from './temperature.ts';

const P = Float64Array.of(
  ...[0.05, 0.1, 0.1, 0.2, 0.25, 0.3, 0.3, 0.4, 0.45],
  ...[0.5, 0.55, 0.6, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95],
);
const Y = Int32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1);

const sample = fc
  .array(fc.tuple(fc.nat(40), fc.nat(1)), { minLength: 1, maxLength: 60 })
  .map((rows) => ({
    probabilities: Float64Array.from(rows, ([p]) => p / 40),
    outcomes: Int32Array.from(rows, ([, y]) => y),
  }));

const mean = (values: Iterable<number>): number => {
  const list = [...values];
  return list.reduce((sum, x) => sum + x, 0) / list.length;
};

const assertClose = (
  found: Iterable<number>,
  expected: readonly number[],
  within: number,
): void => {
  const list = [...found];
  assert.equal(list.length, expected.length);
  list.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) <= within, `${i}: ${value} is not ${expected[i]}`),
  );
};

/** Outcomes drawn with logit P(y = 1) = slope · logit(p) + intercept. */
function drawn(n: number, slope: number, intercept: number, seed: number) {
  const random = createRandom(seed);
  const probabilities = Float64Array.from({ length: n }, () => 0.02 + 0.96 * random());
  const truth = probabilities.map(
    (p) => 1 / (1 + Math.exp(-(slope * Math.log(p / (1 - p)) + intercept))),
  );
  return { probabilities, truth, outcomes: Int32Array.from(truth, (q) => (random() < q ? 1 : 0)) };
}

test('Platt scaling finds the maximum that scikit-learn and scipy find', () => {
  const { slope, intercept } = fitPlatt(P, Y);
  assertClose([slope, intercept], [0.5280451, 0.0626201], 1e-6);
});

test('Platt scaling recovers how probabilities were distorted', () => {
  const { probabilities, outcomes, truth } = drawn(40_000, 0.5, -0.7, 1);
  const params = fitPlatt(probabilities, outcomes);
  assertClose([params.slope, params.intercept], [0.5, -0.7], 0.05);
  assertClose(applyPlatt(params, probabilities), [...truth], 0.03);
});

test('Platt scaling stays finite where outcomes are separable or of one class, and probabilities 0 and 1', () => {
  fc.assert(
    fc.property(sample, ({ probabilities, outcomes }) => {
      const params = fitPlatt(probabilities, outcomes);
      assert.ok(Number.isFinite(params.slope) && Number.isFinite(params.intercept));
      assert.ok(applyPlatt(params, probabilities).every((p) => p >= 0 && p <= 1));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('isotonic calibration is the curve that scikit-learn finds', () => {
  const params = fitIsotonic(P, Y);
  const asked = Float64Array.of(0, 0.07, 0.15, 0.33, 0.5, 0.58, 0.75, 0.99);
  assertClose(applyIsotonic(params, asked), [0, 0.1, 0.25, 1 / 3, 0.5, 0.6, 0.6, 1], 1e-12);
});

test('an isotonic curve never falls, and keeps the mean of the outcomes', () => {
  const grid = Float64Array.from({ length: 201 }, (_, i) => i / 200);
  fc.assert(
    fc.property(sample, ({ probabilities, outcomes }) => {
      const params = fitIsotonic(probabilities, outcomes);
      assert.ok(params.thresholds.every((x, i) => i === 0 || x > params.thresholds[i - 1]!));
      const curve = applyIsotonic(params, grid);
      assert.ok(curve.every((p, i) => p >= 0 && p <= 1 && (i === 0 || p >= curve[i - 1]! - 1e-15)));
      assertClose([mean(applyIsotonic(params, probabilities))], [mean(outcomes)], 1e-12);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test('isotonic calibration does not depend on the order of the rows', () => {
  const reversed = fitIsotonic(P.toReversed(), Y.toReversed());
  assert.deepEqual(reversed, fitIsotonic(P, Y));
});

test('temperature scaling finds the temperature of least log-loss', () => {
  const probabilities = Float64Array.of(
    ...[0.7, 0.2, 0.1, 0.5, 0.3, 0.2, 0.1, 0.8, 0.1, 0.2, 0.6, 0.2],
    ...[0.05, 0.05, 0.9, 0.3, 0.3, 0.4, 0.6, 0.3, 0.1, 0.1, 0.45, 0.45],
  );
  const labels = Int32Array.of(0, 1, 1, 1, 2, 0, 0, 2);
  assertClose([fitTemperature(probabilities, labels, 3).temperature], [0.44168158], 1e-6);
});

test('temperature 1 is the identity, and none changes which class is the most probable', () => {
  const row = fc
    .array(fc.integer({ min: 1, max: 1000 }), { minLength: 3, maxLength: 3 })
    .map((weights) => weights.map((w) => w / weights.reduce((sum, x) => sum + x, 0)));
  fc.assert(
    fc.property(row, fc.double({ min: 0.05, max: 20, noNaN: true }), (p, temperature) => {
      const same = applyTemperature(
        { kind: 'temperature', temperature: 1 },
        Float64Array.from(p),
        3,
      );
      assertClose(same, p, 1e-12);
      const other = applyTemperature({ kind: 'temperature', temperature }, Float64Array.from(p), 3);
      assertClose([other[p.indexOf(Math.max(...p))]!], [Math.max(...other)], 0);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('a model that is never wrong, or always, gets the last temperature of the range', () => {
  const sure = Float64Array.of(0.9, 0.1, 0.2, 0.8);
  assertClose([fitTemperature(sure, Int32Array.of(0, 1), 2).temperature], [0.05], 1e-9);
  assertClose([fitTemperature(sure, Int32Array.of(1, 0), 2).temperature], [20], 1e-9);
  const impossible = Float64Array.of(1, 0, 0, 1);
  assertClose([fitTemperature(impossible, Int32Array.of(1, 0), 2).temperature], [20], 1e-9);
});

test('probabilities that are as good at any temperature keep their own', () => {
  const even = new Float64Array(6).fill(1 / 3);
  assert.equal(fitTemperature(even, Int32Array.of(0, 2), 3).temperature, 1);
});

test('the temperature that undoes a known one is found', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.4, max: 4, noNaN: true }), (by) => {
      const { probabilities, outcomes } = drawn(500, 1, 0, 7);
      const rows = Float64Array.from({ length: 1000 }, (_, at) =>
        at % 2 === 1 ? probabilities[at >> 1]! : 1 - probabilities[at >> 1]!,
      );
      const own = fitTemperature(rows, outcomes, 2).temperature;
      const bent = applyTemperature({ kind: 'temperature', temperature: by }, rows, 2);
      assertClose([fitTemperature(bent, outcomes, 2).temperature * by], [own], 1e-6);
    }),
    { seed: 4, numRuns: 50 },
  );
});

test('the expected calibration error is the mean gap between bins and outcomes', () => {
  // Bins (.1, .2], (.4, .5] and (.7, .8]: gaps |1 − .2|, |0 − .41 − .5| and |1 − .75 − .8| over five rows.
  const probabilities = Float64Array.of(0.2, 0.41, 0.5, 0.75, 0.8);
  const error = expectedCalibrationError(probabilities, Int32Array.of(1, 0, 0, 1, 0));
  assertClose([error], [(0.8 + 0.91 + 0.55) / 5], 1e-12);
  assert.equal(expectedCalibrationError(Float64Array.of(0, 1), Int32Array.of(0, 1)), 0);
  assert.equal(expectedCalibrationError(Float64Array.of(0, 1), Int32Array.of(1, 0)), 1);
});

test('it is the metric of a classifier, of the probability of the predicted class', () => {
  const { probabilities, outcomes } = drawn(300, 0.4, 0.8, 6);
  const labels = Int32Array.from(probabilities, (p) => (p > 0.5 ? 1 : 0));
  const confidence = probabilities.map((p) => Math.max(p, 1 - p));
  const hits = outcomes.map((outcome, i) => Number(outcome === labels[i]));
  const both = Float64Array.from({ length: 600 }, (_, at) =>
    at % 2 === 1 ? probabilities[at >> 1]! : 1 - probabilities[at >> 1]!,
  );
  const scores = { kind: 'classification', rows: 300, classes: 2, truth: outcomes } as const;
  const metric = metricOf('ece', { ...scores, labels, probabilities: both });
  assertClose([metric!], [expectedCalibrationError(confidence, hits)], 1e-12);
});

test('calibrated probabilities have little calibration error, distorted ones much', () => {
  const { probabilities, truth, outcomes } = drawn(20_000, 0.4, 0.8, 5);
  assert.ok(expectedCalibrationError(truth, outcomes) < 0.02);
  assert.ok(expectedCalibrationError(probabilities, outcomes) > 0.1);
});

test('samples that cannot be calibrated are refused with what is wrong with them', () => {
  const half = Float64Array.of(0.5);
  assert.throws(
    () => fitPlatt(new Float64Array(0), new Int32Array(0)),
    /platt: 0 prob.*at least 1/,
  );
  assert.throws(() => fitPlatt(half, Int32Array.of(0, 1)), /1 probabilities and 2 outcomes/);
  assert.throws(() => fitIsotonic(Float64Array.of(NaN), Int32Array.of(0)), /isotonic.*1 is NaN/);
  assert.throws(() => fitIsotonic(half, Int32Array.of(2)), /outcome 1 is 2, not 0 or 1/);
  assert.throws(() => fitTemperature(half, Int32Array.of(0), 1), /at least 2 classes.*got 1/);
  assert.throws(() => fitTemperature(half, Int32Array.of(0), 2), /1 probabilities of 2 classes/);
  const row = Float64Array.of(0.5, 0.5);
  assert.throws(() => fitTemperature(row, Int32Array.of(2), 2), /label 1 is 2; .* are 0 to 1/);
  assert.throws(() => expectedCalibrationError(half, Int32Array.of(2)), /outcome 1 is 2/);
});
