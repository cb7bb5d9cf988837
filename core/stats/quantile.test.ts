import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantileSorted } from './quantile.ts';

test('quantiles lie between the order statistics as those of NumPy do', () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.1, 0.5, 0.9, 1])
  const values = Float64Array.of(1, 2, 4, 8);
  const found = [0, 0.1, 0.5, 0.9, 1].map((p) => quantileSorted(values, p));
  assert.deepEqual(
    found.map((value) => Number(value.toFixed(12))),
    [1, 1.3, 3, 6.8, 8],
  );
  assert.equal(quantileSorted(Float64Array.of(5), 0.3), 5);
});

test('no values, or a share that is none, are refused', () => {
  assert.throws(() => quantileSorted(Float64Array.of(), 0.5), /at least 1 value/);
  assert.throws(() => quantileSorted(Float64Array.of(1), 1.1), /p must be in \[0, 1\], got 1.1/);
});
