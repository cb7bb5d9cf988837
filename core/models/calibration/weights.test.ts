import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { chooseLine } from '../retrain/choose-line.ts';
import { applyCalibration, CALIBRATION_METHODS, fitCalibration } from './calibration.ts';
import { chooseCalibration } from './choose-calibration.ts';

const ROWS = 80;

/** Probabilities of classes, and labels that follow them but for how sure they are. */
function sample(classes: number): { probabilities: Float64Array; labels: Int32Array } {
  const random = createRandom(classes);
  const probabilities = new Float64Array(ROWS * classes);
  const labels = new Int32Array(ROWS);
  for (let i = 0; i < ROWS; i++) {
    const own = Array.from({ length: classes }, () => Math.round(1 + 20 * random()) ** 2);
    const sum = own.reduce((a, b) => a + b, 0);
    own.forEach((value, k) => (probabilities[i * classes + k] = value / sum));
    labels[i] = random() < 0.6 ? own.indexOf(Math.max(...own)) : Math.floor(classes * random());
  }
  return { probabilities, labels };
}

const counts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: ROWS, maxLength: ROWS });

function repeatedRows(of: readonly number[]): Int32Array {
  return Int32Array.from(of.flatMap((n, row) => Array<number>(n).fill(row)));
}

for (const classes of [2, 3]) {
  test(`a row of weight k corrects probabilities of ${classes} classes as k rows do`, () => {
    const { probabilities, labels } = sample(classes);
    fc.assert(
      fc.property(counts, fc.constantFrom(...CALIBRATION_METHODS), (own, method) => {
        const rows = repeatedRows(own);
        const weights = Float64Array.from(own);
        const weighted = fitCalibration(method, probabilities, labels, classes, weights);
        const many = Float64Array.from(
          rows.length * classes > 0
            ? [...rows].flatMap((row) => [
                ...probabilities.subarray(row * classes, (row + 1) * classes),
              ])
            : [],
        );
        const expected = fitCalibration(
          method,
          many,
          rows.map((row) => labels[row]!),
          classes,
        );
        const found = applyCalibration(weighted, probabilities, classes);
        applyCalibration(expected, probabilities, classes).forEach((p, at) => {
          assert.ok(Math.abs(p - found[at]!) < 1e-7, `${method}: ${found[at]}, expected ${p}`);
        });
      }),
      { numRuns: 30, seed: 1 },
    );
  });
}

test('rows that weigh more decide which correction is chosen, and which line', () => {
  const { probabilities } = sample(2);
  // The first half is as the probabilities say, the other half the other way round.
  const labels = Int32Array.from({ length: ROWS }, (_, i) => {
    const likely = probabilities[2 * i + 1]! > 0.5 ? 1 : 0;
    return i < ROWS / 2 ? likely : 1 - likely;
  });
  const leaning = (first: number): Float64Array =>
    Float64Array.from({ length: ROWS }, (_, i) => (i < ROWS / 2 ? first : 1));
  const chosen = (weights: Float64Array): number => {
    const choice = chooseCalibration(probabilities, labels, 2, 1, weights);
    assert.ok(choice.kind === 'chosen');
    return applyCalibration(choice.calibration, Float64Array.of(0.1, 0.9), 2)[1]!;
  };
  assert.ok(chosen(leaning(1e6)) > 0.9);
  assert.ok(chosen(leaning(1e-6)) < 0.1);
  const said = Float64Array.from({ length: ROWS }, (_, i) => i);
  const happened = said.map((value, i) => (i % 2 === 0 ? value + 10 : value));
  const evens = Float64Array.from({ length: ROWS }, (_, i) => (i % 2 === 0 ? 1e9 : 1));
  const choice = chooseLine(said, happened, 1, evens);
  assert.ok(choice.kind === 'chosen' && choice.line !== null);
  assert.ok(Math.abs(choice.line.intercept - 10) < 1e-3, `${choice.line.intercept}`);
});
