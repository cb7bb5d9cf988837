import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { normal, numeric, table, times } from '../fixtures/tables.ts';
import { findOnset, ranksOf } from './onset.ts';
import { onsetInOrder, placeOf, rowOrder } from './row-onset.ts';

const noise = (random: Random, n: number): Float64Array =>
  Float64Array.from({ length: n }, () => normal(random));

test('rows in any order have an onset in one file of twenty at most', () => {
  const random = createRandom(3);
  const RUNS = 2000;
  let found = 0;
  for (let run = 0; run < RUNS; run++) {
    if ((findOnset(noise(random, 200))?.pValue ?? 1) <= 0.05) found++;
  }
  // 0.05 + 3 standard errors; in finite samples the test is conservative
  assert.ok(found / RUNS < 0.065, `${found / RUNS}`);
});

test('errors of 0 and 1 and heavy tails make no more onsets', () => {
  const random = createRandom(4);
  const RUNS = 1000;
  let found = 0;
  let foundByRank = 0;
  for (let run = 0; run < RUNS; run++) {
    const errors = Float64Array.from({ length: 300 }, () => Number(random() < 0.1));
    const heavy = noise(random, 300).map((x) => x / random());
    if ((findOnset(errors)?.pValue ?? 1) <= 0.05) found++;
    if ((findOnset(ranksOf(heavy))?.pValue ?? 1) <= 0.05) foundByRank++;
  }
  assert.ok(found / RUNS < 0.071, `${found / RUNS}`);
  assert.ok(foundByRank / RUNS < 0.071, `${foundByRank / RUNS}`);
});

test('a rise of half a deviation is found near its row', () => {
  const random = createRandom(5);
  const distances = times(100, () => {
    const values = noise(random, 600).map((x, i) => x + (i >= 400 ? 0.5 : 0));
    const onset = findOnset(values);
    assert.ok(onset !== null && onset.pValue < 0.01 && onset.after > onset.before);
    return Math.abs(onset.index - 400);
  }).sort((a, b) => a - b);
  assert.ok(distances[50]! < 15, `median distance ${distances[50]}`);
});

test('a rise that ends again is found at its beginning, and a fall is none', () => {
  const random = createRandom(6);
  const burst = noise(random, 900).map((x, i) => x + (i >= 300 && i < 600 ? 1 : 0));
  const onset = findOnset(burst);
  assert.ok(onset !== null && onset.pValue < 0.01 && Math.abs(onset.index - 300) < 30);
  const fallen = noise(random, 600).map((x, i) => x - (i >= 300 ? 1 : 0));
  assert.ok((findOnset(fallen)?.pValue ?? 1) > 0.05);
});

test('values that resemble their neighbours are not taken for a change', () => {
  const random = createRandom(7);
  const RUNS = 400;
  let found = 0;
  for (let run = 0; run < RUNS; run++) {
    let state = 0;
    const values = noise(random, 1000).map((x) => (state = 0.4 * state + x));
    if ((findOnset(values)?.pValue ?? 1) <= 0.05) found++;
  }
  assert.ok(found / RUNS < 0.1, `${found / RUNS}`);
});

test('an onset does not depend on the unit of the values, and its p-value is one', () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 30, maxLength: 80 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 9 }), fc.integer(), (x, scale, shift) => {
      const onset = findOnset(Float64Array.from(x));
      const other = findOnset(Float64Array.from(x, (value) => scale * value + shift));
      assert.equal(onset === null, other === null);
      if (onset === null || other === null) return;
      assert.ok(onset.pValue >= 0 && onset.pValue <= 1);
      assert.ok(onset.index > 0 && onset.index < x.length);
      assert.ok(Math.abs(onset.pValue - other.pValue) < 1e-6);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('few values and equal ones have no onset', () => {
  assert.equal(findOnset(new Float64Array(29).map((_, i) => i)), null);
  assert.equal(findOnset(new Float64Array(100).fill(3)), null);
});

test('tied values share the mean of their ranks', () => {
  assert.deepEqual([...ranksOf(Float64Array.of(5, 1, 5, 3))], [3.5, 1, 3.5, 2]);
});

test('with a time column rows follow each other in time, and the row is that of the file', () => {
  const data = table(numeric('at', [300, NaN, 100, 200]), numeric('x', [1, 2, 3, 4]));
  const order = rowOrder(data, Int32Array.of(0, 1, 2, 3), 'at');
  assert.deepEqual([...order.rows], [1, 2, 3, 0]);
  assert.deepEqual(placeOf(order, 2), { row: 4, time: 200, rowsBefore: 2 });
  assert.deepEqual(placeOf(order, 0), { row: 2, time: null, rowsBefore: 0 });
  const plain = rowOrder(data, Int32Array.of(0, 2));
  assert.deepEqual(placeOf(plain, 1), { row: 3, time: null, rowsBefore: 1 });
  assert.equal(onsetInOrder(Float64Array.of(1, 2), plain), null);
});
