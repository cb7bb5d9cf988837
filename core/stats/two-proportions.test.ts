import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chiSquareHomogeneity } from './chi-square.ts';
import { assertClose } from './fixtures/samples.ts';
import { twoProportionsTest } from './two-proportions.ts';

test('z and its p-value agree with the normal distribution of scipy', () => {
  // scipy 1.17.1, 2 · norm.sf(|z|)
  const few = twoProportionsTest({ count: 45, total: 200 }, { count: 70, total: 210 });
  assert.ok(few.kind === 'tested');
  assertClose(few.statistic, -2.440724449596928);
  assertClose(few.pValue, 0.014657834191749817);
  const many = twoProportionsTest({ count: 2000, total: 50_000 }, { count: 2600, total: 50_000 });
  assert.ok(many.kind === 'tested');
  assertClose(many.pValue, 1.33734916002166e-19);
});

test('z² is χ² of the same table', () => {
  const result = twoProportionsTest({ count: 30, total: 90 }, { count: 50, total: 110 });
  assert.ok(result.kind === 'tested');
  const square = chiSquareHomogeneity([30, 60], [50, 60], () => 0.5);
  assertClose(result.statistic ** 2, square.statistic);
  assertClose(result.pValue, square.pValue);
});

test('rare outcomes are left to the exact test', () => {
  for (const count of [0, 2, 198, 200]) {
    const result = twoProportionsTest({ count, total: 200 }, { count, total: 200 });
    assert.ok(result.kind === 'not applicable');
    assert.match(result.reason, /use Fisher’s exact test/);
  }
});

test('what is not a count of a total is refused', () => {
  const good = { count: 1, total: 2 };
  for (const bad of [
    { count: 3, total: 2 },
    { count: 0.5, total: 2 },
    { count: 0, total: 0 },
  ]) {
    assert.throws(() => twoProportionsTest(good, bad), /expected a whole count of a total, got/);
  }
});
