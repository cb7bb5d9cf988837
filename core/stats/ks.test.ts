import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ksTwoSample } from './ks.ts';

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

function assertClose(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.abs(expected),
    `${actual} is not ${expected} to 1e-9`,
  );
}

// Expected values: scipy 1.17.1, ks_2samp(x, y, method='exact').
test('eight against eight values agree with scipy', () => {
  const x = sorted([38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0]);
  const y = sorted([39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8]);
  const result = ksTwoSample(x, y);
  assert.equal(result.statistic, 0.625);
  assertClose(result.pValue, 0.08702408702408701);
});

test('samples of unequal size agree with scipy', () => {
  const result = ksTwoSample(sorted([2, 3, 4, 7, 6]), sorted([0.2, 0.7, 12, 18]));
  assert.equal(result.statistic, 0.5);
  assertClose(result.pValue, 0.5634920634920635);
});

test('tied counts of 88 dice agree with scipy', () => {
  const expand = (counts: readonly number[]): Float64Array =>
    sorted(counts.flatMap((count, face) => Array.from({ length: count }, () => face + 1)));
  const result = ksTwoSample(expand([16, 18, 16, 14, 12, 12]), expand([16, 16, 16, 16, 16, 8]));
  assertClose(result.statistic, 0.045454545454545456);
  assertClose(result.pValue, 0.9999926089855543);
});

test('identical samples give no evidence, beyond the exact range too', () => {
  assert.equal(ksTwoSample(sorted([1, 2, 3]), sorted([1, 2, 3])).pValue, 1);
  const large = Float64Array.from({ length: 6000 }, (_, i) => i);
  assert.deepEqual(ksTwoSample(large, large), { statistic: 0, pValue: 1, exact: false });
});

test('an empty sample is refused', () => {
  assert.throws(
    () => ksTwoSample(new Float64Array(0), sorted([1])),
    /at least 1 value, got 0 and 1/,
  );
});
