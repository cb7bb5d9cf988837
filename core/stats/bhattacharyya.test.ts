import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BHATTACHARYYA_LIMIT, bhattacharyyaDistance } from './bhattacharyya.ts';
import { assertClose } from './fixtures/samples.ts';

test('it is the negative logarithm of the coefficient', () => {
  // Σ √(p q) = √½
  assertClose(bhattacharyyaDistance([1, 1], [2, 0]), Math.LN2 / 2);
});

test('equal samples are at 0; samples with nothing in common at a finite limit', () => {
  assert.equal(bhattacharyyaDistance([3, 5], [6, 10]), 0);
  assert.equal(bhattacharyyaDistance([3, 0], [0, 10]), BHATTACHARYYA_LIMIT);
});

test('samples that cannot be compared are refused', () => {
  assert.throws(() => bhattacharyyaDistance([1], [1, 2]), /same levels, got 1 and 2/);
});
