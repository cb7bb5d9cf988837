import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeInOrder } from './in-order.ts';
import { mergeSamples, RETAINED, sampleOf, type SortedSample } from './sorted-sample.ts';

const ROUNDING = 1e-12;
/** Ties, outliers and both signs. */
const values = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e9, max: 1e9, noNaN: true })),
  { minLength: 1, maxLength: 60 },
);
const sorted = (numbers: readonly number[]): Float64Array => Float64Array.from(numbers).sort();

/** sup |F̂ − F| over all x. */
function errorOf({ values: kept }: SortedSample, all: Float64Array): number {
  const below = (numbers: Float64Array, x: number): number =>
    numbers.filter((value) => value <= x).length / numbers.length;
  return [...all, ...kept].reduce(
    (worst, x) => Math.max(worst, Math.abs(below(kept, x) - below(all, x))),
    0,
  );
}

test('a sample is exact up to its limit, and within its stated error beyond', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 80 }), (numbers, retained) => {
      const all = sorted(numbers);
      const sample = sampleOf(all, retained);
      assert.equal(sample.count, all.length);
      assert.ok(sample.values.length <= retained);
      assert.ok(errorOf(sample, all) <= sample.rankError + ROUNDING);
      if (all.length <= retained) assert.deepEqual(sample.values, all);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('samples merged in any order stay within their stated error', () => {
  const parts = fc.array(values, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 40 }), (lists, retained) => {
      const all = sorted(lists.flat());
      const merge = (a: SortedSample, b: SortedSample): SortedSample =>
        mergeSamples(a, b, retained);
      for (const order of [lists, lists.toReversed()]) {
        const samples = order.map((numbers) => sampleOf(sorted(numbers), retained));
        const tree = mergeInOrder(merge);
        for (const sample of samples) tree.add(sample);
        for (const merged of [tree.total(), samples.reduce(merge)]) {
          assert.ok(merged !== null);
          assert.equal(merged.count, all.length);
          assert.ok(errorOf(merged, all) <= merged.rankError + ROUNDING);
          assert.deepEqual(merged.values, merged.values.toSorted());
          if (all.length <= retained) assert.deepEqual(merged.values, all);
        }
      }
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('ten million values in blocks keep an error below one in twenty thousand', () => {
  const block = sampleOf(Float64Array.from({ length: 4 * RETAINED }, (_, i) => i));
  const tree = mergeInOrder<SortedSample>(mergeSamples);
  for (let k = 0; k < 25; k++) tree.add(block);
  const total = tree.total();
  assert.ok(total !== null && total.count === 1e7);
  assert.ok(total.rankError < 1 / 20_000, String(total.rankError));
});
