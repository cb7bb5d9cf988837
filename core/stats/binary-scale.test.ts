import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { binaryScale } from './binary-scale.ts';

test('it is the power of two at or below a size, and 1 for nothing', () => {
  assert.deepEqual([0, 1, 1.99, 2, 1e9, 0.3].map(binaryScale), [1, 1, 1, 2, 2 ** 29, 0.25]);
  assert.equal(binaryScale(Number.MAX_VALUE), 2 ** 1023);
  assert.equal(binaryScale(Number.MIN_VALUE), Number.MIN_VALUE);
  assert.equal(binaryScale(8 - 2 ** -50), 4);
});

test('no digit is lost by dividing', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const scale = binaryScale(Math.abs(x));
      assert.equal((x / scale) * scale, x);
      assert.ok(x === 0 || (Math.abs(x / scale) >= 1 && Math.abs(x / scale) < 2));
    }),
    { seed: 1 },
  );
});
