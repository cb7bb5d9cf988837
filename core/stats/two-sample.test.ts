import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sorted } from './fixtures/samples.ts';
import { forEachDistinct, requireSamples, tieFactor } from './two-sample.ts';

test('every distinct value is visited once, with what lies below it and what equals it', () => {
  const visits: number[][] = [];
  forEachDistinct(sorted([1, 2, 2, 5]), sorted([-0, 0, 2, 7]), (...visit) => visits.push(visit));
  assert.deepEqual(visits, [
    [-0, 0, 0, 0, 2],
    [1, 0, 1, 2, 0],
    [2, 1, 2, 2, 1],
    [5, 3, 1, 3, 0],
    [7, 4, 0, 3, 1],
  ]);
});

test('the walk counts every value of both samples', () => {
  const sample = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 }).map(sorted);
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      let values = 0;
      forEachDistinct(x, y, (value, i, a, j, b) => {
        assert.equal(a, x.filter((other) => other === value).length);
        assert.equal(b, y.filter((other) => other === value).length);
        assert.equal(i + j, [...x, ...y].filter((other) => other < value).length);
        values += a + b;
      });
      assert.equal(values, x.length + y.length);
    }),
    { seed: 1 },
  );
});

test('the tie factor is 0 for different values, 1 for equal ones, 1/k² for k frequent ones', () => {
  assert.equal(tieFactor(sorted([1, 3]), sorted([2, 4])), 0);
  assert.equal(tieFactor(sorted([5, 5]), sorted([5])), 1);
  const levels = Float64Array.from({ length: 4000 }, (_, i) => Math.floor(i / 1000));
  assert.ok(Math.abs(tieFactor(levels, levels) - 1 / 16) < 1e-6);
});

test('samples that are too short or not finite are refused by name', () => {
  const none = new Float64Array(0);
  const require = (x: Float64Array, y: Float64Array, least?: number) => () => {
    requireSamples('kuiper', x, y, least);
  };
  assert.throws(
    require(none, sorted([1])),
    /kuiper: both samples need at least 1 value, got 0 and 1/,
  );
  assert.throws(require(sorted([1, 2]), sorted([1]), 2), /at least 2 values, got 2 and 1/);
  assert.throws(require(sorted([1, NaN]), sorted([1])), /must be finite, got NaN/);
  assert.throws(require(sorted([1]), sorted([-Infinity, 1])), /must be finite, got -Infinity/);
  assert.doesNotThrow(require(sorted([1]), sorted([1])));
});
