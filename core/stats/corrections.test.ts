import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  benjaminiHochberg,
  benjaminiYekutieli,
  bonferroni,
  holm,
  weightedHolm,
} from './corrections.ts';

const UNSORTED = [0.03, 0.001, 0.2, 0.004, 0.5, 0.04, 0.004];

function assertAllClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs((actual[i] ?? NaN) - value) < 1e-12, `${i}: ${actual[i]} is not ${value}`);
  }
}

// Expected values: statsmodels, multipletests(p, method).
test('unsorted p-values with ties are corrected in their own order', () => {
  assertAllClose(bonferroni(UNSORTED), [0.21, 0.007, 1, 0.028, 1, 0.28, 0.028]);
  assertAllClose(holm(UNSORTED), [0.12, 0.007, 0.4, 0.024, 0.5, 0.12, 0.024]);
  assertAllClose(benjaminiHochberg(UNSORTED), [
    0.0525,
    0.007,
    0.23333333333333336,
    0.028 / 3,
    0.5,
    0.056,
    0.028 / 3,
  ]);
  assertAllClose(
    benjaminiYekutieli(UNSORTED),
    [0.136125, 0.01815, 0.605, 0.0242, 1, 0.1452, 0.0242],
  );
});

test('one p-value needs no correction, none gives none', () => {
  for (const correct of [bonferroni, holm, benjaminiHochberg, benjaminiYekutieli]) {
    assert.deepEqual(correct([0.03]), [0.03]);
    assert.deepEqual(correct([]), []);
  }
});

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

test('Hochberg’s is never above Holm’s, nor Holm’s above Bonferroni’s, nor any below the p-value', () => {
  fc.assert(
    fc.property(pValues, (p) => {
      const all = [p, benjaminiHochberg(p), holm(p), bonferroni(p)].map((row) => [...row]);
      for (let i = 0; i < p.length; i++) {
        const [raw = NaN, bh = NaN, byHolm = NaN, byBonferroni = NaN] = all.map((row) => row[i]);
        assert.ok(raw <= bh + 1e-15 && bh <= byHolm + 1e-15 && byHolm <= byBonferroni + 1e-15);
        assert.ok(byBonferroni <= 1);
      }
    }),
    { seed: 1 },
  );
});

test('the order of the input does not matter, and smaller p-values stay smaller', () => {
  fc.assert(
    fc.property(pValues, (p) => {
      const order = p.map((_, i) => i).sort((a, b) => (p[a] ?? 0) - (p[b] ?? 0));
      const ascending = order.map((i) => p[i] ?? NaN);
      for (const correct of [holm, benjaminiHochberg, benjaminiYekutieli]) {
        const adjusted = correct(p);
        const fromSorted = correct(ascending);
        assertAllClose(
          order.map((i) => adjusted[i] ?? NaN),
          fromSorted,
        );
        assert.deepEqual(
          [...fromSorted].sort((a, b) => a - b),
          fromSorted,
        );
      }
    }),
    { seed: 1 },
  );
});

test('what is no p-value is refused, with its place', () => {
  for (const correct of [bonferroni, holm, benjaminiHochberg, benjaminiYekutieli]) {
    assert.throws(() => correct([0.5, NaN]), /p-value 1 must be from 0 to 1, got NaN/);
    assert.throws(() => correct([1.5]), /p-value 0 must be from 0 to 1, got 1.5/);
  }
});

test('a hypothesis of half the weight is tested at half the level, until the others are rejected', () => {
  // Weights 1/4, 1/4, 1/2: ratios .04, .12, .02, so the third is first (÷ 1/2), then the first (of 1/2), the second.
  assertAllClose(weightedHolm([0.01, 0.03, 0.01], [1, 1, 2]), [0.02, 0.03, 0.02]);
  assertAllClose(weightedHolm([0.5, 0.03], [3, 1]), [0.5, 0.12]);
});

test('with equal weights it is Holm’s, and no weight makes an adjusted p smaller than p', () => {
  fc.assert(
    fc.property(pValues, fc.double({ min: 0.1, max: 10, noNaN: true }), (ps, weight) => {
      assertAllClose(
        weightedHolm(
          ps,
          ps.map(() => weight),
        ),
        holm(ps),
      );
      const adjusted = weightedHolm(
        ps,
        ps.map((_, i) => 1 + (i % 3)),
      );
      assert.ok(adjusted.every((value, i) => value >= (ps[i] ?? NaN) && value <= 1));
    }),
    { seed: 4 },
  );
});

test('a weight that is not above 0 is refused', () => {
  assert.throws(() => weightedHolm([0.1, 0.2], [1, 0]), /weight 1 must be above 0, got 0/);
});
