import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { counts } from './fixtures/counts.ts';
import { assertClose } from './fixtures/samples.ts';
import { histogramIntersection } from './histogram-intersection.ts';
import { largestShareChange } from './largest-share-change.ts';
import { totalVariation } from './total-variation.ts';

test('distances worked by hand', () => {
  // shares .5 .3 .2 against .2 .3 .5
  assertClose(totalVariation([5, 3, 2], [20, 30, 50]), 0.3);
  assertClose(largestShareChange([5, 3, 2], [20, 30, 50]), 0.3);
  assertClose(histogramIntersection([5, 3, 2], [20, 30, 50]), 0.7);
  assertClose(totalVariation([6, 2, 2], [2, 4, 4]), 0.4);
  assertClose(largestShareChange([6, 2, 2], [2, 4, 4]), 0.4);
  assertClose(largestShareChange([5, 5, 0, 0], [0, 0, 5, 5]), 0.5);
});

test('both are metrics; the largest change of one level is at most the variation', () => {
  fc.assert(
    fc.property(counts, ([x, y]) => {
      const variation = totalVariation(x, y);
      const largest = largestShareChange(x, y);
      assert.ok(largest >= 0 && largest <= variation + 1e-12 && variation <= 1);
      assert.ok(Math.abs(totalVariation(y, x) - variation) < 1e-12);
      assert.equal(totalVariation(x, x), 0);
      const common = x.reduce((sum, count, k) => {
        const [n, m] = [x, y].map((all) => all.reduce((total, other) => total + other, 0));
        return sum + Math.min(count / (n ?? NaN), (y[k] ?? NaN) / (m ?? NaN));
      }, 0);
      assert.ok(Math.abs(histogramIntersection(x, y) - common) < 1e-12);
    }),
    { seed: 1 },
  );
});

test('samples that cannot be compared are refused', () => {
  assert.throws(() => totalVariation([1], [1, 2]), /total variation: .* same levels, got 1 and 2/);
  assert.throws(() => largestShareChange([0], [1]), /at least 1 value, got 0 and 1/);
});
