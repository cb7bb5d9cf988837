import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { binOf, MAX_BINS, MISSING_BIN, numericBorders } from './bins.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test('a few distinct values have a bin each, and values between them go with the nearer one', () => {
  const borders = numericBorders(Float64Array.of(3, 1, NaN, 1, 2, 10));
  assert.deepEqual(borders, Float64Array.of(1.5, 2.5, 6.5));
  assert.deepEqual(
    [0, 1, 1.5, 1.6, 2, 6.4, 7, 99].map((value) => binOf(value, borders)),
    [0, 0, 0, 1, 1, 2, 3, 3],
  );
  assert.equal(binOf(NaN, borders), MISSING_BIN);
});

test('different values of a small sample are never in one bin, even neighbouring numbers', () => {
  const neighbours = [0, 5e-324, 1, 1 + Number.EPSILON, 1e308, 1.7e308, -1.7e308];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(finite, fc.constantFrom(...neighbours)), { maxLength: 100 }),
      (values) => {
        const borders = numericBorders(Float64Array.from(values));
        const distinct = [...new Set(values.map((value) => value + 0))].sort((a, b) => a - b);
        const bins = distinct.map((value) => binOf(value, borders));
        assert.deepEqual(bins, [...bins.keys()]);
      },
    ),
  );
});

test('many values are shared out evenly, a heavy one takes a bin of its own', () => {
  const random = createRandom(1);
  const values = Float64Array.from({ length: 20_000 }, (_, i) =>
    i % 2 === 0 ? 0 : random() - 0.5,
  );
  const borders = numericBorders(values.slice());
  assert.ok(borders.length <= MAX_BINS - 1 && borders.length > 200, `${borders.length} borders`);
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = binOf(value, borders);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const [heaviest, second] = [...counts.values()].sort((a, b) => b - a);
  assert.ok(heaviest! >= 10_000 && heaviest! < 10_200, `${heaviest} in the heaviest bin`);
  assert.ok(second! < 200, `${second} in the next`);
});

test('a column without any value has no borders', () => {
  assert.equal(numericBorders(Float64Array.of(NaN, NaN)).length, 0);
  assert.equal(numericBorders(new Float64Array(0)).length, 0);
});
