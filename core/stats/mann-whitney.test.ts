import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  DISTRIBUTIONS,
  TIED,
  UNTIED,
  assertClose,
  assertKeepsLevel,
  sorted,
} from './fixtures/samples.ts';
import { mannWhitneyTest } from './mann-whitney.ts';

test('untied small samples get the exact p-value', () => {
  // scipy 1.17.1, mannwhitneyu(x, y, method='exact')
  const { statistic, pValue, exact, superiority } = mannWhitneyTest(...UNTIED);
  assert.equal(statistic, 15);
  assert.equal(exact, true);
  assertClose(superiority, 15 / 70);
  assertClose(pValue, 0.055327025915261216);
});

test('ties agree with scipy', () => {
  // scipy 1.17.1, mannwhitneyu(x, y, method='asymptotic')
  const { statistic, pValue, exact } = mannWhitneyTest(...TIED);
  assert.equal(statistic, 36);
  assert.equal(exact, false);
  assertClose(pValue, 0.06716264938683075);
});

test('samples that do not overlap have the smallest p-value there is', () => {
  const x = sorted([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const { pValue } = mannWhitneyTest(
    x,
    x.map((value) => value + 100),
  );
  assertClose(pValue, 2 / 184_756);
});

test('both tails count: a shift down is found as well as a shift up', () => {
  const x = Float64Array.from({ length: 100 }, (_, i) => i);
  const up = mannWhitneyTest(
    x,
    x.map((value) => value + 40),
  );
  const down = mannWhitneyTest(
    x,
    x.map((value) => value - 40),
  );
  assertClose(up.pValue, down.pValue);
  assert.ok(up.pValue < 1e-10 && up.superiority < 0.2 && down.superiority > 0.8);
});

test('the exact p-value and the normal one meet', () => {
  const at = (n: number): number => {
    const x = Float64Array.from({ length: n }, (_, i) => i);
    return mannWhitneyTest(
      x,
      x.map((value) => value + n / 5 + 0.5),
    ).pValue;
  };
  assert.ok(Math.abs(at(31) / at(32) - 1) < 0.15, `${at(31)} ${at(32)}`);
});

test('equal values are no evidence', () => {
  assert.equal(mannWhitneyTest(sorted([3, 3, 3]), sorted([3, 3])).pValue, 1);
});

test('a level is kept, with ties too', () => {
  const pValueOf = (x: Float64Array, y: Float64Array): number => mannWhitneyTest(x, y).pValue;
  for (const draw of [...Object.values(DISTRIBUTIONS), () => 0]) {
    assertKeepsLevel(pValueOf, draw, { n: 60, m: 90 });
  }
  assertKeepsLevel(pValueOf, (random) => Math.floor(random() * 2), { n: 300, m: 90 });
  assertKeepsLevel(pValueOf, (random) => random(), { n: 12, m: 9, repetitions: 300 });
});

test('it does not matter which sample is the reference', () => {
  const sample = fc
    .array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 15 })
    .map(sorted);
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const { statistic, pValue, superiority } = mannWhitneyTest(x, y);
      const swapped = mannWhitneyTest(y, x);
      assert.ok(pValue > 0 && pValue <= 1);
      assert.ok(Math.abs(swapped.pValue - pValue) < 1e-12);
      assert.equal(swapped.statistic, x.length * y.length - statistic);
      assert.ok(Math.abs(swapped.superiority + superiority - 1) < 1e-12);
    }),
    { seed: 1 },
  );
});
