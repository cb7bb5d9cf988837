import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MISSING_BIN } from './bins.ts';
import { categoryBins } from './categories.ts';

const repeat = (codes: readonly number[], times: number): number[] =>
  Array.from({ length: times }, () => codes).flat();

test('categories are ordered by their mean outcome, an unknown one is among the average', () => {
  const codes = Int32Array.from(repeat([0, 1, 2, -1], 50));
  const values = Float64Array.from(repeat([10, -10, 0, 0], 50));
  const bins = categoryBins(codes, 3, { kind: 'regression', values });
  assert.deepEqual(bins, Uint8Array.of(2, 0, 1, 1));
});

test('a category seen once does not outrank one that is well known', () => {
  const codes = Int32Array.from([...repeat([0, 1], 100), 2]);
  const values = Float64Array.from([...repeat([5, -5], 100), 9]);
  const bins = categoryBins(codes, 3, { kind: 'regression', values });
  assert.deepEqual(bins.subarray(0, 3), Uint8Array.of(2, 0, 1));
});

test('for two classes the order is that of a class share, in one direction or the other', () => {
  const codes = Int32Array.from(repeat([0, 0, 1, 1, 2, 2], 50));
  const labels = Int32Array.from(repeat([1, 1, 0, 0, 0, 1], 50));
  const bins = categoryBins(codes, 3, { kind: 'classification', labels, classes: 2 });
  assert.equal(bins[2], 1, 'the mixed category is in the middle');
  assert.notEqual(bins[0], bins[1]);
});

test('categories of like class shares are neighbours, for any number of classes', () => {
  const codes = Int32Array.from(repeat([0, 1, 2, 3], 100));
  const labels = Int32Array.from(repeat([0, 2, 0, 2], 100).map((k, i) => (i % 10 === 0 ? 1 : k)));
  const bins = categoryBins(codes, 4, { kind: 'classification', labels, classes: 3 });
  assert.equal(Math.abs(bins[0]! - bins[2]!), 1);
  assert.equal(Math.abs(bins[1]! - bins[3]!), 1);
});

test('more categories than bins share them, in the order of their outcome', () => {
  const codes = Int32Array.from({ length: 1000 }, (_, i) => i);
  const values = Float64Array.from({ length: 1000 }, (_, i) => i);
  const bins = categoryBins(codes, 1000, { kind: 'regression', values });
  assert.ok(
    bins.every((bin, code) => bin < MISSING_BIN && (code === 1000 || bin >= (bins[code - 1] ?? 0))),
  );
});

test('a dictionary without categories sends unknown ones to the missing', () => {
  const bins = categoryBins(Int32Array.of(-1), 0, {
    kind: 'regression',
    values: Float64Array.of(1),
  });
  assert.deepEqual(bins, Uint8Array.of(MISSING_BIN));
});
