import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { calibrateClasses, fitClassCurves } from './class-calibration.ts';
import { withComplement } from './fixtures/generated-rows.ts';

const CLASSES = 3;

/** Rows of three classes, those who are true to power 1, too sure of themselves above it. */
function classesOf(rows: number, power: number, seed: number) {
  const random = createRandom(seed);
  const share = new Float64Array(rows * CLASSES);
  const probabilities = new Float64Array(rows * CLASSES);
  const truth = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const weights = [random(), random(), random()].map((w) => w + 0.01);
    const total = weights.reduce((sum, w) => sum + w, 0);
    const surer = weights.map((w) => w ** power);
    const totalOfSurer = surer.reduce((sum, w) => sum + w, 0);
    let left = random() * total;
    truth[i] = weights.findIndex((w) => (left -= w) < 0);
    for (let k = 0; k < CLASSES; k++) {
      share[i * CLASSES + k] = weights[k]! / total;
      probabilities[i * CLASSES + k] = surer[k]! / totalOfSurer;
    }
  }
  return { share, probabilities, truth, classes: CLASSES };
}

function meanDistance(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

test('a classifier that is too sure of itself is brought near to the true shares', () => {
  const sample = classesOf(6000, 4, 1);
  const curves = fitClassCurves(sample, sample.truth, 1);
  const other = classesOf(2000, 4, 2);
  assert.ok(meanDistance(other.probabilities, other.share) > 0.15);
  assert.ok(meanDistance(calibrateClasses(curves, other), other.share) < 0.05);
});

test('a class with fewer than ten rows, or fewer than ten others, keeps its own probabilities', () => {
  const sample = classesOf(300, 4, 3);
  let ofThird = 0;
  const truth = sample.truth.map((k) => (k === 2 && ++ofThird > 9 ? 0 : k));
  const [, second, third] = fitClassCurves(sample, truth, 1);
  assert.equal(third, null);
  assert.notEqual(second, null);
  const all = fitClassCurves(sample, new Int32Array(300), 1);
  assert.deepEqual(all, [null, null, null]);
  assert.ok(meanDistance(calibrateClasses(all, sample), sample.probabilities) < 1e-15);
});

test('equal probabilities for all rows become the shares of the classes', () => {
  const random = createRandom(4);
  const truth = Int32Array.from({ length: 500 }, () => (random() < 0.2 ? 1 : 0));
  const same = { probabilities: withComplement(new Float64Array(500).fill(0.7)), classes: 2 };
  const calibrated = calibrateClasses(fitClassCurves(same, truth, 1), same);
  const share = truth.reduce((sum, k) => sum + k, 0) / 500;
  assert.ok(calibrated.every((p, i) => Math.abs(p - (i % 2 === 1 ? share : 1 - share)) < 1e-12));
});

test('calibrated rows sum to 1, whatever is said of them, 0 and 1 too', () => {
  const learned = classesOf(600, 3, 5);
  const curves = fitClassCurves(learned, learned.truth, 1);
  const weights = fc.tuple(fc.nat(3), fc.nat(3), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(fc.array(weights, { minLength: 1, maxLength: 10 }), (rows) => {
      const probabilities = Float64Array.from(
        rows.flatMap((row) => row.map((w) => w / (row[0] + row[1] + row[2]))),
      );
      const calibrated = calibrateClasses(curves, { probabilities, classes: CLASSES });
      for (let i = 0; i < rows.length; i++) {
        const row = calibrated.subarray(i * CLASSES, (i + 1) * CLASSES);
        const sum = row.reduce((total, p) => total + p, 0);
        assert.ok(Math.abs(sum - 1) < 1e-12 && row.every((p) => p >= 0 && p <= 1));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a row of which all curves say 0 keeps its own probabilities', () => {
  const never = { kind: 'isotonic', thresholds: [0.4, 1], values: [0, 1] } as const;
  const probabilities = Float64Array.of(0.3, 0.4, 0.3, 0.1, 0.1, 0.8);
  const calibrated = calibrateClasses([never, never, never], { probabilities, classes: 3 });
  assert.deepEqual([...calibrated], [0.3, 0.4, 0.3, 0, 0, 1]);
});

test('probabilities that are none, or of other classes or rows, are refused', () => {
  const sample = classesOf(300, 2, 6);
  const curves = fitClassCurves(sample, sample.truth, 1);
  const two = { probabilities: Float64Array.of(0.5, 0.5), classes: 2 };
  assert.throws(() => calibrateClasses(curves, two), /3 curves; probabilities of 2 classes need 1/);
  const strange = { probabilities: Float64Array.of(0.5, NaN, 0.5), classes: 3 };
  assert.throws(() => calibrateClasses(curves, strange), /probability 2 is NaN, not in \[0, 1\]/);
  assert.throws(
    () => fitClassCurves(sample, sample.truth.subarray(1), 1),
    /900 probabilities of 3 classes and 299 outcomes/,
  );
  const none = { probabilities: new Float64Array(0), classes: 3 };
  assert.throws(() => fitClassCurves(none, new Int32Array(0), 1), /at least 1 outcome/);
});
