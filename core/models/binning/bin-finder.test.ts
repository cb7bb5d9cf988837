import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { binsInto, createBinFinder } from './bin-finder.ts';
import { binOf } from './bins.ts';

const finite = fc.double({ noDefaultInfinity: true, noNaN: true });
const extremes = fc.constantFrom(0, -0, 5e-324, 1, 1 + Number.EPSILON, 1.7e308, -1.7e308);
const number = fc.oneof(finite, extremes, fc.integer({ min: -50, max: 50 }));

test('a value is found in the bin that the number of borders below it says, however borders lie', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(number, { maxLength: 254, comparator: (a, b) => a === b }),
      fc.array(fc.oneof(number, fc.constant(NaN)), { maxLength: 50 }),
      fc.constantFrom(1, 100_000),
      (unordered, asked, count) => {
        const borders = Float64Array.from(unordered).sort();
        const neighbours = [...borders].flatMap((b) => [b, b - Math.abs(b) * 1e-16, b + 1e-9]);
        const values = Float64Array.from([...asked, ...neighbours]);
        const out = new Uint8Array(values.length + 1);
        binsInto(values, createBinFinder(borders, count), out, 1);
        values.forEach((value, i) => assert.equal(out[i + 1], binOf(value, borders)));
      },
    ),
  );
});
