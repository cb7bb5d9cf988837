import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { counts } from './fixtures/counts.ts';
import { assertClose } from './fixtures/samples.ts';
import { chiSquareHomogeneity } from './chi-square.ts';
import { gTest } from './g-test.ts';

test('well-filled tables agree with scipy', () => {
  // scipy 1.17.1, chi2_contingency([reference, current], correction=False, lambda_='log-likelihood')
  const even = gTest([50, 30, 20], [30, 30, 40]);
  assert.ok(even.kind === 'tested');
  assertClose(even.statistic, 11.849392256130013);
  assertClose(even.pValue, 0.0026726196959380695);
  assert.equal(even.degreesOfFreedom, 2);
  const uneven = gTest([120, 85, 10, 35], [400, 260, 60, 130]);
  assert.ok(uneven.kind === 'tested');
  assertClose(uneven.statistic, 4.113992646193587);
  assertClose(uneven.pValue, 0.24941516109300987);
});

test('counts of a billion keep their digits: G is then χ²', () => {
  const [x, y] = [
    [500_000_000, 500_000_000],
    [500_010_000, 499_990_000],
  ];
  const result = gTest(x, y);
  assert.ok(result.kind === 'tested');
  const square = chiSquareHomogeneity(x, y, () => 0.5).statistic;
  assert.ok(Math.abs(result.statistic / square - 1) < 1e-9, `${result.statistic} and ${square}`);
});

test('rare levels are compared as one; too few values are left to the exact test', () => {
  assert.deepEqual(gTest([50, 40, 0, 3, 4], [30, 55, 0, 5, 4]), gTest([50, 40, 7], [30, 55, 9]));
  const sparse = gTest([3, 2, 1], [2, 1, 3]);
  assert.ok(sparse.kind === 'not applicable');
  assert.match(sparse.reason, /at least 5 expected/);
  assert.equal(gTest([30, 0], [40, 0]).kind, 'not applicable');
});

test('it does not matter which sample is the reference', () => {
  fc.assert(
    fc.property(counts, ([x, y]) => {
      const result = gTest(x, y);
      const swapped = gTest(y, x);
      assert.equal(result.kind, swapped.kind);
      if (result.kind !== 'tested' || swapped.kind !== 'tested') return;
      assert.ok(result.pValue >= 0 && result.pValue <= 1 && result.statistic >= 0);
      assert.ok(Math.abs(result.statistic - swapped.statistic) < 1e-9);
    }),
    { seed: 1 },
  );
});

test('no more than 5 % of samples without change are below 0.05', () => {
  const random = createRandom(4);
  const draw = (size: number): number[] => {
    const levels = new Array<number>(8).fill(0);
    for (let i = 0; i < size; i++) {
      const k = Math.floor(8 * random() ** 2);
      levels[k] = (levels[k] ?? 0) + 1;
    }
    return levels;
  };
  let alarms = 0;
  for (let repetition = 0; repetition < 800; repetition++) {
    const result = gTest(draw(150), draw(90));
    if (result.kind === 'tested' && result.pValue <= 0.05) alarms++;
  }
  // 0.05 plus three standard errors, and half a percent for the approximation
  assert.ok(alarms <= 800 * 0.078, `${alarms} alarms`);
});

test('samples that cannot be compared are refused', () => {
  assert.throws(() => gTest([1, 2], [1]), /g test: both samples need the same levels, got 2 and 1/);
});
