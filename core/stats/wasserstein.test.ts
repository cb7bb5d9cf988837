import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wassersteinDistance } from './wasserstein.ts';

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

const sample = fc
  .array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 30 })
  .map(sorted);

test('samples with ties and unequal sizes agree with scipy', () => {
  // scipy 1.17.1, wasserstein_distance
  const distance = wassersteinDistance(sorted([1.1, 2.2, 2.2, 3.3, 10]), sorted([0.5, 2.2, 4.4]));
  assert.ok(Math.abs(distance - 1.6866666666666665) < 1e-14);
});

test('a shift of every value is the distance, whether or not the samples overlap', () => {
  const values = [1, 4, 4, 9, 12.5];
  for (const shift of [0.25, 100, -3]) {
    const moved = sorted(values.map((value) => value + shift));
    assert.ok(Math.abs(wassersteinDistance(sorted(values), moved) - Math.abs(shift)) < 1e-12);
  }
});

test('it is a metric: symmetric, 0 for equal samples, never longer by a detour', () => {
  fc.assert(
    fc.property(sample, sample, sample, (x, y, z) => {
      const xy = wassersteinDistance(x, y);
      assert.ok(Math.abs(wassersteinDistance(y, x) - xy) < 1e-12);
      assert.equal(wassersteinDistance(x, x), 0);
      assert.ok(xy <= wassersteinDistance(x, z) + wassersteinDistance(z, y) + 1e-12);
    }),
    { seed: 1 },
  );
});

test('for samples of equal size it is the mean distance of their sorted values', () => {
  const pairs = fc.array(
    fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 })),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(pairs, (both) => {
      const x = sorted(both.map(([a]) => a));
      const y = sorted(both.map(([, b]) => b));
      const mean = x.reduce((sum, a, i) => sum + Math.abs(a - (y[i] ?? NaN)), 0) / x.length;
      assert.ok(Math.abs(wassersteinDistance(x, y) - mean) < 1e-12);
    }),
    { seed: 1 },
  );
});

test('an empty sample is refused', () => {
  const none = new Float64Array(0);
  assert.throws(() => wassersteinDistance(none, sorted([1])), /at least 1 value, got 0 and 1/);
});
