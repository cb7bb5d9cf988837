import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fisherExact } from './fisher.ts';

// Expected values: scipy 1.17.1, fisher_exact([[a, b], [c, d]]).
const TABLES: readonly (readonly [a: number, b: number, c: number, d: number, p: number])[] = [
  [60, 90, 90, 60, 0.0007843987149579247],
  [0, 5, 5, 0, 0.007936507936507938],
  [3, 27, 0, 30, 0.23728813559322035],
  [1, 29, 7, 23, 0.05231484385878206],
  [8, 2, 1, 5, 0.034965034965034975],
  [0, 1000, 60, 940, 6.966787092414865e-19],
  [2, 30, 40, 999_998, 8.533104321490947e-7],
];

test('tables agree with scipy, tiny shares of a million values too', () => {
  for (const [a, b, c, d, p] of TABLES) {
    const found = fisherExact({ count: a, total: a + b }, { count: c, total: c + d });
    assert.ok(Math.abs(found - p) <= 1e-9 * p, `[${a}, ${b}, ${c}, ${d}]: ${found} is not ${p}`);
  }
});

const share = fc
  .integer({ min: 0, max: 60 })
  .chain((total) =>
    fc.record({ count: fc.integer({ min: 0, max: total }), total: fc.constant(total) }),
  );

test('counts of a billion take no more room than those of ten', () => {
  const half = { count: 500_000_000, total: 1_000_000_000 };
  assert.equal(fisherExact(half, half), 1);
  const more = { count: 500_050_000, total: 1_000_000_000 };
  // 2 · norm.sf(z) of scipy 1.17.1, z = √5: for so many the exact p is the normal one to three digits.
  const normal = 0.025347318677468325;
  assert.ok(Math.abs(fisherExact(half, more) / normal - 1) < 1e-3);
  assert.equal(fisherExact(half, { count: 0, total: 1_000_000_000 }), 0);
});

test('it does not matter which sample is the reference, or which outcome is counted', () => {
  const others = ({ count, total }: { count: number; total: number }) => ({
    count: total - count,
    total,
  });
  fc.assert(
    fc.property(share, share, (x, y) => {
      const p = fisherExact(x, y);
      assert.ok(p > 0 && p <= 1);
      assert.ok(Math.abs(fisherExact(y, x) - p) < 1e-9);
      assert.ok(Math.abs(fisherExact(others(x), others(y)) - p) < 1e-9);
    }),
    { seed: 1 },
  );
});

test('a count above its total, or not whole, is refused', () => {
  const fine = { count: 1, total: 2 };
  assert.throws(() => fisherExact({ count: 3, total: 2 }, fine), /got 3 of 2/);
  assert.throws(() => fisherExact(fine, { count: 0.5, total: 2 }), /got 0.5 of 2/);
});
