import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jensenShannonDistance } from './jensen-shannon.ts';

test('shares agree with scipy', () => {
  // scipy 1.17.1, scipy.spatial.distance.jensenshannon(p, q, base=2)
  const cases = [
    { p: [10, 20, 30], q: [30, 20, 10], expected: 0.35470351519813204 },
    { p: [1, 0, 3], q: [0, 5, 5], expected: 0.6270214338169248 },
  ];
  for (const { p, q, expected } of cases) {
    assert.ok(Math.abs(jensenShannonDistance(p, q) - expected) < 1e-12);
  }
});

test('equal shares are at 0, shares with nothing in common at 1', () => {
  assert.equal(jensenShannonDistance([1, 2, 3], [2, 4, 6]), 0);
  assert.equal(jensenShannonDistance([1, 1, 0], [0, 0, 7]), 1);
});

const counts = fc
  .array(fc.nat(30), { minLength: 4, maxLength: 4 })
  .filter((bins) => bins.some((count) => count > 0));

test('it is a metric: symmetric, from 0 to 1, never longer by a detour', () => {
  fc.assert(
    fc.property(counts, counts, counts, (p, q, r) => {
      const pq = jensenShannonDistance(p, q);
      assert.ok(pq >= 0 && pq <= 1);
      assert.ok(Math.abs(jensenShannonDistance(q, p) - pq) < 1e-9);
      assert.ok(pq <= jensenShannonDistance(p, r) + jensenShannonDistance(r, q) + 1e-7);
    }),
    { seed: 1 },
  );
});

test('samples that cannot be compared are refused', () => {
  assert.throws(() => jensenShannonDistance([1], [1, 2]), /same bins, got 1 and 2/);
  assert.throws(() => jensenShannonDistance([0], [1]), /at least 1 value, got 0 and 1/);
});
