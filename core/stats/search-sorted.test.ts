import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countBelow, countUpTo } from './search-sorted.ts';

const few = fc.integer({ min: -4, max: 4 });

test('as many are found below a number, and up to it, as by looking at each', () => {
  fc.assert(
    fc.property(fc.array(few), few, fc.constantFrom(-0.5, 0, 0.5), (values, whole, part) => {
      const sorted = Float64Array.from(values).sort();
      const x = whole + part;
      const below = sorted.filter((value) => value < x).length;
      const upTo = sorted.filter((value) => value <= x).length;
      assert.equal(countBelow(sorted, x), below);
      assert.equal(countUpTo(sorted, x), upTo);
      for (let known = 0; known <= upTo; known++) assert.equal(countUpTo(sorted, x, known), upTo);
    }),
  );
});

test('none is below −∞ or NaN, all are up to ∞', () => {
  const sorted = Float64Array.of(-Infinity, 0, 1, Infinity);
  assert.equal(countBelow(sorted, -Infinity), 0);
  assert.equal(countBelow(sorted, NaN), 0);
  assert.equal(countUpTo(sorted, Infinity), 4);
});
