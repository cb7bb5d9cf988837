import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertClose } from './fixtures/samples.ts';
import { counts } from './fixtures/counts.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import { populationStabilityIndex } from './psi.ts';

test('plain shares agree with scipy', () => {
  // scipy 1.17.1, entropy([.2, .3, .5], [.4, .4, .2])
  assertClose(kullbackLeibler([0.2, 0.3, 0.5], [0.4, 0.4, 0.2], 0), 0.2332113080895542);
  assertClose(kullbackLeibler([20, 30, 50], [8, 8, 4], 0), 0.2332113080895542);
});

test('both directions together are the population stability index', () => {
  fc.assert(
    fc.property(counts, ([x, y]) => {
      const both = kullbackLeibler(x, y) + kullbackLeibler(y, x);
      assert.ok(Math.abs(both - populationStabilityIndex(x, y)) < 1e-9);
      assert.ok(kullbackLeibler(x, y) >= 0 && Number.isFinite(both));
      assert.equal(kullbackLeibler(x, x), 0);
    }),
    { seed: 1 },
  );
});

test('a level that is lost costs a finite amount, or is refused where nothing smooths it', () => {
  assert.ok(kullbackLeibler([5, 5], [10, 0]) < 2);
  assert.throws(() => kullbackLeibler([5, 5], [10, 0], 0), /level 1 never occurs in the current/);
  assert.equal(kullbackLeibler([10, 0], [5, 5], 0), Math.LN2);
});

test('samples that cannot be compared are refused', () => {
  assert.throws(() => kullbackLeibler([1], [1, 2]), /same levels, got 1 and 2/);
  assert.throws(() => kullbackLeibler([0, 0], [1, 2]), /at least 1 value, got 0 and 3/);
  assert.throws(() => kullbackLeibler([1, -1], [1, 2]), /at least 0, got -1/);
  assert.throws(() => kullbackLeibler([1, NaN], [1, 2]), /at least 0, got NaN/);
  assert.throws(() => kullbackLeibler([1], [1], -1), /pseudo-count must be >= 0, got -1/);
});
