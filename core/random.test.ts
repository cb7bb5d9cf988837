import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, createRedraw, deriveSeed } from './random.ts';

const take = (seed: number, count: number): readonly number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, random);
};

test('a seed gives the numbers it always gave', () => {
  assert.deepEqual(take(42, 3), [0.6011037519201636, 0.44829055899754167, 0.8524657934904099]);
  assert.deepEqual(take(42, 100), take(42, 100));
});

test('numbers are uniform in [0, 1): every hundredth is met about equally often', () => {
  const bins = new Float64Array(100);
  const count = 200_000;
  for (const u of take(7, count)) {
    assert.ok(u >= 0 && u < 1);
    const bin = Math.floor(u * 100);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const expected = count / 100;
  const chiSquare = bins.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
  // χ² with 99 degrees of freedom: 0.001 below 60, 0.001 above 149
  assert.ok(chiSquare > 60 && chiSquare < 149, `χ² = ${chiSquare}`);
});

test('draws with replacement come of the same numbers, one draw after the other', () => {
  const random = createRandom(9);
  const redraw = createRedraw(9);
  for (const n of [7, 1000, 1]) {
    const expected = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const place = Math.floor(random() * n);
      expected[place] = (expected[place] ?? 0) + 1;
    }
    const times = new Int32Array(n);
    redraw(times);
    assert.deepEqual(times, expected);
  }
});

test('only the lowest 32 bits of a seed count, the sign among them', () => {
  assert.deepEqual(take(2 ** 32 + 5, 3), take(5, 3));
  assert.deepEqual(take(-1, 3), take(2 ** 32 - 1, 3));
  assert.notDeepEqual(take(-1, 3), take(1, 3));
});

test('streams of one seed, and one stream of many seeds, have seeds of their own', () => {
  const seeds = new Set<number>();
  for (let seed = 0; seed < 100; seed++) {
    for (let stream = 0; stream < 100; stream++) seeds.add(deriveSeed(seed, stream));
  }
  assert.equal(seeds.size, 10_000);
  for (const seed of seeds) assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32);
});

test('numbers of neighbouring streams are not related', () => {
  const count = 20_000;
  const [a, b] = [take(deriveSeed(1, 0), count), take(deriveSeed(1, 1), count)];
  const covariance = a.reduce((sum, x, i) => sum + (x - 0.5) * ((b[i] ?? NaN) - 0.5), 0) / count;
  const correlation = covariance * 12;
  assert.ok(Math.abs(correlation) < 4 / Math.sqrt(count), `correlation ${correlation}`);
});
