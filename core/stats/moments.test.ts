import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeMoments, momentsOf } from './moments.ts';

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

test('the standard deviation keeps its digits beside a large mean', () => {
  assert.equal(momentsOf(sorted([4, 7, 13, 16])).deviation, Math.sqrt(22.5));
  const offset = momentsOf(sorted([4, 7, 13, 16].map((x) => x + 1e9)));
  assert.equal(offset.deviation, Math.sqrt(22.5));
  assert.equal(offset.mean, 1e9 + 10);
});

test('the standard deviation of huge and tiny values is finite, of equal ones 0', () => {
  const huge = momentsOf(sorted([-1e308, 1e308]));
  assert.ok(Number.isFinite(huge.deviation));
  assert.ok(
    Number.isFinite(
      mergeMoments(momentsOf(sorted([-1e308])), momentsOf(sorted([1e308]))).deviation,
    ),
  );
  assert.equal(momentsOf(sorted([5e-324, 1.5e-323])).mean, 1e-323);
  assert.equal(momentsOf(sorted([7, 7, 7])).deviation, 0);
  assert.equal(momentsOf(sorted([0, 0])).deviation, 0);
  assert.deepEqual(momentsOf(sorted([])), { count: 0, mean: 0, deviation: 0 });
});

test('moments of two samples merge into those of both', () => {
  const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 30 });
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const merged = mergeMoments(momentsOf(sorted(a)), momentsOf(sorted(b)));
      const together = momentsOf(sorted([...a, ...b]));
      assert.equal(merged.count, together.count);
      assert.ok(Math.abs(merged.mean - together.mean) <= 1e-9);
      assert.ok(Math.abs(merged.deviation - together.deviation) <= 1e-8);
    }),
    { seed: 1 },
  );
});
