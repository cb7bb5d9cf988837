import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('a small p-value keeps its digits, exact and in the limit', () => {
  const x = Float64Array.from({ length: 200 }, (_, i) => i);
  const exact = ksTwoSample(
    x,
    x.map((value) => value + 80.5),
  );
  assert.equal(exact.statistic, 0.405);
  assertClose(exact.pValue, 4.734741877153768e-15);
  const large = Float64Array.from({ length: 20_000 }, (_, i) => i);
  const limit = ksTwoSample(
    large,
    large.map((value) => value + 1000),
  );
  // 2 exp(−2x²) − 2 exp(−8x²) + … with x = √(n/2) · D = 5
  assertClose(limit.pValue, 2 * Math.exp(-50));
  assert.equal(limit.exact, false);
});

test('the exact p-value and the limit meet where one gives way to the other', () => {
  const at = (n: number): number => {
    const values = Float64Array.from({ length: n }, (_, i) => i / n);
    return ksTwoSample(
      values,
      values.map((value) => value + 0.02),
    ).pValue;
  };
  const exact = at(5000);
  const limit = at(5001);
  assert.ok(Math.abs(exact / limit - 1) < 0.03, `${exact} against ${limit}`);
});

const sample = fc
  .array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 25 })
  .map(sorted);

test('it does not matter which sample is the reference, nor in which unit values come', () => {
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const { statistic, pValue } = ksTwoSample(x, y);
      assert.ok(statistic >= 0 && statistic <= 1 && pValue > 0 && pValue <= 1);
      const swapped = ksTwoSample(y, x);
      assert.ok(Math.abs(swapped.statistic - statistic) < 1e-12);
      assert.ok(Math.abs(swapped.pValue - pValue) < 1e-9);
      const stretched = (values: Float64Array): Float64Array =>
        values.map((value) => 10 * value - 3);
      assert.deepEqual(ksTwoSample(stretched(x), stretched(y)), { statistic, pValue, exact: true });
    }),
    { seed: 1 },
  );
});

test('D is the largest difference of the shares up to any value, with and without ties', () => {
  const values = (most: number): fc.Arbitrary<Float64Array> =>
    fc
      .array(fc.integer({ min: -most, max: most }), { minLength: 1, maxLength: 700, size: 'max' })
      .map(sorted);
  const samples = fc
    .constantFrom(3, 50, 1e6)
    .chain((most) => fc.tuple(values(most), values(most)))
    .chain(([x, y]) =>
      fc
        .integer({ min: -2, max: 40 })
        .map((shift) => [x, y.map((value) => value + shift)] as const),
    );
  fc.assert(
    fc.property(samples, ([x, y]) => {
      const shareUpTo = (sample: Float64Array, limit: number): number =>
        sample.filter((value) => value <= limit).length / sample.length;
      const largest = [...x, ...y].reduce(
        (most, limit) => Math.max(most, Math.abs(shareUpTo(x, limit) - shareUpTo(y, limit))),
        0,
      );
      assert.ok(Math.abs(ksTwoSample(x, y).statistic - largest) < 1e-12);
    }),
    { seed: 1, numRuns: 60 },
  );
});
