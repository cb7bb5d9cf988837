import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import { areaUnderCurve, intervalOfArea } from './auc.ts';
import { assertClose, normal, sorted } from './fixtures/samples.ts';
import { mannWhitneyTest } from './mann-whitney.ts';

test('the area and DeLong’s error of a case worked by hand', () => {
  // Positives 2 and 4 win against 2 ½ and 2 of (1, 2, 3): V = ½, 1; negatives lose W = 1, ¾, ½.
  const { auc, standardError } = areaUnderCurve(sorted([1, 2, 3]), sorted([2, 4]));
  assertClose(auc, 0.75);
  assertClose(standardError, Math.sqrt(0.125 / 2 + 0.0625 / 3));
});

test('it is U ÷ nm, and 0 or 1 without error when the samples do not overlap', () => {
  const [x, y] = [sorted([3, 1, 4, 1, 5, 9, 2, 6]), sorted([2, 7, 1, 8, 2, 8])];
  assertClose(areaUnderCurve(x, y).auc, 1 - mannWhitneyTest(x, y).superiority);
  assert.deepEqual(areaUnderCurve(sorted([1, 2]), sorted([3, 4])), { auc: 1, standardError: 0 });
  assert.deepEqual(areaUnderCurve(sorted([3, 4]), sorted([1, 2])), { auc: 0, standardError: 0 });
});

test('95 % intervals cover the true area in 95 % of samples', () => {
  const random = createRandom(8);
  // P(N(1, 1) > N(0, 1)) = Φ(1/√2)
  const area = 0.7602499389065233;
  let covered = 0;
  for (let repetition = 0; repetition < 500; repetition++) {
    const draw = (mean: number, size: number): Float64Array =>
      sorted(Array.from({ length: size }, () => mean + normal(random)));
    const { low, high } = intervalOfArea(areaUnderCurve(draw(0, 80), draw(1, 60)), 0.95);
    if (low <= area && area <= high) covered++;
  }
  assert.ok(covered >= 460 && covered <= 490, `${covered} of 500`);
});

test('an interval stays within 0 and 1', () => {
  assert.deepEqual(intervalOfArea({ auc: 0.98, standardError: 0.1 }, 0.95).high, 1);
  assert.deepEqual(intervalOfArea({ auc: 0.01, standardError: 0.1 }, 0.95).low, 0);
  assert.throws(() => intervalOfArea({ auc: 0.5, standardError: 0.1 }, 1), /in \(0, 1\)/);
  assert.throws(() => areaUnderCurve(sorted([1]), sorted([1, 2])), /auc: .* at least 2 values/);
});
