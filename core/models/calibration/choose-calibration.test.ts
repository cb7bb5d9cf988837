import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { softmaxRows } from '../softmax.ts';
import { applyCalibration, CALIBRATION_METHODS, fitCalibration } from './calibration.ts';
import { chooseCalibration } from './choose-calibration.ts';
import { stratifiedFolds } from './folds.ts';

interface Drawn {
  readonly probabilities: Float64Array;
  readonly labels: Int32Array;
}

/** Rows whose probabilities are true, as `distort` then bends them. */
function drawn(
  n: number,
  classes: number,
  distort: (p: number, k: number) => number,
  seed: number,
): Drawn {
  const random = createRandom(seed);
  const truth = Float64Array.from({ length: n * classes }, () => 5 * (random() - 0.5));
  softmaxRows(truth, classes);
  const labels = Int32Array.from({ length: n }, (_, i) => {
    let left = random();
    for (let k = 0; k < classes - 1; k++) {
      left -= truth[i * classes + k]!;
      if (left < 0) return k;
    }
    return classes - 1;
  });
  const probabilities = truth.map((p, at) => distort(p, at % classes));
  for (let i = 0; i < n; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    const sum = row.reduce((total, p) => total + p, 0);
    row.forEach((p, k) => (row[k] = p / sum));
  }
  return { probabilities, labels };
}

function methodFor({ probabilities, labels }: Drawn, classes: number): string {
  const choice = chooseCalibration(probabilities, labels, classes, 1);
  assert.equal(choice.kind, 'chosen');
  return choice.calibration.kind;
}

test('a model that is too sure of itself gets a temperature, for two classes and for four', () => {
  assert.equal(
    methodFor(
      drawn(3000, 4, (p) => p ** 3, 1),
      4,
    ),
    'temperature',
  );
  const choice = chooseCalibration(...binary((p) => p ** 3), 2, 1);
  assert.equal(choice.kind, 'chosen');
  assert.ok(choice.logLoss.temperature < choice.logLoss.none - 0.05);
});

test('a model that leans to one class gets Platt scaling', () => {
  assert.equal(
    methodFor(
      drawn(3000, 2, (p, k) => p ** 2 * (k === 1 ? 6 : 1), 2),
      2,
    ),
    'platt',
  );
});

test('a model that is off in the middle only gets an isotonic curve', () => {
  const middle = (p: number, k: number): number => {
    const positive = k === 1 ? p : 1 - p;
    const off = positive > 0.2 && positive < 0.7 ? 0.7 : positive;
    return k === 1 ? off : 1 - off;
  };
  assert.equal(methodFor(drawn(4000, 2, middle, 3), 2), 'isotonic');
});

test('calibration never makes the held-out log-loss worse than none does', () => {
  const { probabilities, labels } = drawn(2000, 3, (p) => p, 4);
  const choice = chooseCalibration(probabilities, labels, 3, 1);
  assert.equal(choice.kind, 'chosen');
  assert.ok(choice.logLoss[choice.calibration.kind] <= choice.logLoss.none);
});

test('the choice is the same for the same seed, and survives being stored as JSON', () => {
  const { probabilities, labels } = drawn(600, 3, (p) => p ** 2, 5);
  const choice = chooseCalibration(probabilities, labels, 3, 7);
  assert.deepEqual(chooseCalibration(probabilities, labels, 3, 7), choice);
  assert.deepEqual(JSON.parse(JSON.stringify(choice)), choice);
});

test('whatever the method, calibrated rows sum to 1', () => {
  for (const classes of [2, 3]) {
    const { probabilities, labels } = drawn(300, classes, (p) => p, 6);
    for (const method of CALIBRATION_METHODS) {
      const calibration = fitCalibration(method, probabilities, labels, classes);
      const calibrated = applyCalibration(calibration, probabilities, classes);
      for (let i = 0; i < labels.length; i++) {
        const row = calibrated.subarray(i * classes, (i + 1) * classes);
        const sum = row.reduce((total, p) => total + p, 0);
        assert.ok(Math.abs(sum - 1) < 1e-12 && row.every((p) => p >= 0 && p <= 1), method);
      }
    }
  }
});

test('an isotonic calibration never says that something is certain', () => {
  const probabilities = Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.1, 0.9);
  const calibration = fitCalibration('isotonic', probabilities, Int32Array.of(0, 0, 1, 1), 2);
  const calibrated = applyCalibration(calibration, probabilities, 2);
  assert.ok(
    calibrated.every((p) => p >= 1 / 6 - 1e-12 && p <= 5 / 6 + 1e-12),
    String(calibrated),
  );
});

test('fewer than 50 rows are too few to choose on', () => {
  const { probabilities, labels } = drawn(49, 2, (p) => p, 8);
  const choice = chooseCalibration(probabilities, labels, 2, 1);
  assert.deepEqual(choice, { kind: 'insufficient', n: 49, required: 50 });
});

test('a calibration of other classes is refused', () => {
  const { probabilities, labels } = drawn(60, 3, (p) => p, 9);
  const calibration = fitCalibration('platt', probabilities, labels, 3);
  assert.throws(
    () => applyCalibration(calibration, Float64Array.of(0.5, 0.5), 2),
    /a calibration of 3 curves; probabilities of 2 classes need 1/,
  );
});

test('every fold has its share of every class', () => {
  const labels = Int32Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 1 : 0));
  const foldOf = stratifiedFolds(labels, 5, 1);
  for (let fold = 0; fold < 5; fold++) {
    const rare = labels.filter((label, i) => foldOf[i] === fold && label === 1).length;
    assert.deepEqual([foldOf.filter((f) => f === fold).length, rare], [20, 2]);
  }
});

function binary(distort: (p: number) => number): [Float64Array, Int32Array] {
  const { probabilities, labels } = drawn(3000, 2, distort, 10);
  return [probabilities, labels];
}
