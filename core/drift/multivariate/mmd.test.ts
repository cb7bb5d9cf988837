import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { numpyRandom } from '../../stats/fixtures/numpy-random.ts';
import { numeric, normal, table, times } from '../fixtures/tables.ts';
import { encodeRows } from './encode-rows.ts';
import type { PointPair } from './encode-rows.ts';
import { COLUMNS, correlatedTable, mostAlarms } from './fixtures/correlated.ts';
import { gaussianKernel, medianDistance, mmdTest } from './mmd.ts';
import type { MmdOptions, MmdResult } from './mmd.ts';
import { kernelTest, pooledDistances } from './pairwise.ts';
import { randomFeaturesTest } from './random-features.ts';

const OPTIONS: MmdOptions = { seed: 1, permutations: 199 };

function tested(pair: PointPair, options: MmdOptions = OPTIONS): MmdResult {
  const result = mmdTest(pair, options);
  assert.ok(result.kind === 'tested', 'tested');
  return result;
}

function pairOf(seed: number, n: number, m: number, before: number, now: number): PointPair {
  const random = createRandom(seed);
  return encodeRows(correlatedTable(random, n, before), correlatedTable(random, m, now), COLUMNS, {
    maxRows: 20_000,
    seed,
  });
}

/** Numbers as points, without a change of unit. */
function points(reference: Float64Array, current: Float64Array): PointPair {
  return {
    reference: { data: reference, rows: reference.length, cols: 1 },
    current: { data: current, rows: current.length, cols: 1 },
    columns: ['x'],
    columnOfDimension: Int32Array.of(0),
  };
}

test('frouros’ values for normal samples of seed 31 are met', () => {
  // frouros 0.10, test_mmd.py, σ = 0.5: [mean, size] of either sample
  for (const [[meanOfX, n], [meanOfY, m], expected] of [
    [[0, 100], [0, 100], 0.00052755],
    [[0, 100], [0, 10], -0.03200193],
    [[0, 10], [0, 100], 0.07154671],
    [[2, 100], [0, 100], 0.43377622],
    [[2, 100], [0, 10], 0.23051378],
    [[2, 10], [0, 100], 0.62530767],
  ] as const) {
    const random = numpyRandom(31);
    const pair = points(random.normal(meanOfX, 1, n), random.normal(meanOfY, 1, m));
    const { statistic } = tested(pair, { ...OPTIONS, bandwidth: 0.5 });
    assert.ok(Math.abs(statistic - expected) < 2e-8, `${statistic} is not ${expected}`);
  }
});

test('two points each, worked by hand', () => {
  const pair = points(Float64Array.of(0, 1), Float64Array.of(2, 4));
  const k = (distance: number): number => Math.exp(-(distance ** 2) / 2);
  const expected = k(1) + k(2) - (k(2) + k(4) + k(1) + k(3)) / 2;
  const { statistic } = tested(pair, { ...OPTIONS, bandwidth: 1 });
  assert.ok(Math.abs(statistic - expected) < 1e-15);
});

test('the bandwidth is the median distance, of what differs where most points are equal', () => {
  assert.equal(medianDistance(points(Float64Array.of(0, 1), Float64Array.of(3)), 1), 2);
  assert.equal(medianDistance(points(Float64Array.of(0, 0, 0, 0, 0), Float64Array.of(4)), 1), 4);
  assert.equal(medianDistance(points(Float64Array.of(2, 2), Float64Array.of(2)), 1), 1);
});

test('no more than 5 % of files without change are below 0.05, exact and by random features', () => {
  const repetitions = 120;
  const alarms = { exact: 0, features: 0 };
  for (let seed = 0; seed < repetitions; seed++) {
    const pair = pairOf(seed, 90, 60, 0.5, 0.5);
    const bandwidth = medianDistance(pair, seed);
    const exact = kernelTest(
      pooledDistances(pair),
      gaussianKernel(bandwidth),
      99,
      createRandom(seed),
    );
    if (exact.pValue <= 0.05) alarms.exact++;
    if (randomFeaturesTest(pair, bandwidth, 99, seed).pValue <= 0.05) alarms.features++;
  }
  const bound = mostAlarms(repetitions);
  assert.ok(alarms.exact <= bound && alarms.features <= bound, JSON.stringify({ alarms, bound }));
});

test('a rotated correlation is found although no column changes, and so are its columns', () => {
  for (const [n, method] of [
    [250, 'exact'],
    [1500, 'random Fourier features'],
  ] as const) {
    const result = tested(pairOf(5, n, n, 0.8, -0.8));
    assert.equal(result.method, method);
    assert.equal(result.pValue, 1 / 200);
    const share = new Map(result.attribution.map(({ column, share }) => [column, share]));
    assert.ok(
      (share.get('a') ?? 0) > 0.3 && (share.get('b') ?? 0) > 0.3,
      JSON.stringify([...share]),
    );
  }
});

test('a shift is put down to the column that shifts', () => {
  const random = createRandom(2);
  const draw = (shift: number) =>
    table(
      ...['x', 'y', 'z'].map((name) =>
        numeric(
          name,
          times(300, () => normal(random) + (name === 'y' ? shift : 0)),
        ),
      ),
    );
  const { pValue, attribution } = tested(
    encodeRows(draw(0), draw(0.7), ['x', 'y', 'z'], { maxRows: 1000, seed: 1 }),
  );
  assert.equal(pValue, 1 / 200);
  assert.ok((attribution[1]?.share ?? 0) > 0.9, JSON.stringify(attribution));
});

test('random features agree with all pairs', () => {
  for (const [before, now] of [
    [0.8, -0.8],
    [0, 0.9],
    [0.5, 0.5],
  ] as const) {
    const pair = pairOf(3, 400, 500, before, now);
    const bandwidth = medianDistance(pair, 1);
    const exact = kernelTest(pooledDistances(pair), gaussianKernel(bandwidth), 1, createRandom(1));
    const estimates = times(20, (seed) => randomFeaturesTest(pair, bandwidth, 1, seed).statistic);
    const mean = estimates.reduce((sum, x) => sum + x, 0) / estimates.length;
    const spread = Math.sqrt(estimates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 19);
    // The mean of 20 is within four of its standard errors.
    const error = Math.abs(mean - exact.statistic);
    assert.ok(
      error < (4 * spread) / Math.sqrt(20),
      `${mean} ± ${spread} is not ${exact.statistic}`,
    );
  }
});

test('it does not matter which sample is the reference, nor, to the statistic, how rows are ordered', () => {
  const { reference, current, ...rest } = pairOf(4, 60, 40, 0.5, -0.5);
  const statistic = tested({ reference, current, ...rest }).statistic;
  const swapped = tested({ reference: current, current: reference, ...rest }).statistic;
  assert.ok(Math.abs(statistic - swapped) < 1e-12);
});

test('the same seed gives the same result', () => {
  const pair = pairOf(6, 700, 500, 0.5, 0.4);
  assert.deepEqual(tested(pair), tested(pair));
});

test('too few rows, or columns that do not vary, are no samples to compare', () => {
  const one = points(Float64Array.of(1), Float64Array.of(1, 2));
  assert.equal(mmdTest(one, OPTIONS).kind, 'not applicable');
  const empty = encodeRows(table(numeric('x', [1, 1])), table(numeric('x', [1, 1])), ['x'], {
    maxRows: 9,
    seed: 1,
  });
  assert.equal(mmdTest(empty, OPTIONS).kind, 'not applicable');
  assert.throws(() => gaussianKernel(0), /bandwidth must be above 0, got 0/);
});
