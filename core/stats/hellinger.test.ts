import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bhattacharyyaDistance } from './bhattacharyya.ts';
import { counts } from './fixtures/counts.ts';
import { assertClose } from './fixtures/samples.ts';
import { hellingerDistance } from './hellinger.ts';
import { totalVariation } from './total-variation.ts';

test('a distance worked by hand', () => {
  // Σ √(p q) = ½√½ + ½√½ = √½
  assertClose(hellingerDistance([1, 1, 0], [1, 0, 1]), Math.sqrt(0.5));
  assertClose(hellingerDistance([1, 1], [2, 0]), Math.sqrt(1 - Math.SQRT1_2));
});

test('it is a metric from 0 to 1, with the total variation between its square and √2 times it', () => {
  fc.assert(
    fc.property(counts, ([x, y]) => {
      const distance = hellingerDistance(x, y);
      const variation = totalVariation(x, y);
      assert.ok(distance >= 0 && distance <= 1);
      assert.ok(Math.abs(hellingerDistance(y, x) - distance) < 1e-12);
      assert.equal(hellingerDistance(x, x), 0);
      assert.ok(distance ** 2 <= variation + 1e-12 && variation <= Math.SQRT2 * distance + 1e-12);
      const coefficient = Math.exp(-bhattacharyyaDistance(x, y));
      assert.ok(Math.abs(1 - distance ** 2 - coefficient) < 1e-12);
    }),
    { seed: 1 },
  );
});

test('nearly equal shares keep their digits', () => {
  // √(1 − Σ √(pq)) would be 0 or 1.5e-8 here; to first order H is δ/√2 for shares of ½ ± δ against ½.
  assertClose(
    hellingerDistance([0.5 + 1e-10, 0.5 - 1e-10], [0.5, 0.5]),
    1e-10 / Math.SQRT2,
    'H',
    1e-5,
  );
});

test('samples that cannot be compared are refused', () => {
  assert.throws(
    () => hellingerDistance([1], [1, 2]),
    /hellinger: both samples need the same levels/,
  );
  assert.throws(() => hellingerDistance([], []), /at least 1 value, got 0 and 0/);
});
