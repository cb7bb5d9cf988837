import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../random.ts';
import { designEffectOf, INDEPENDENT, withLearnedSpread } from './design-effect.ts';
import { detectDrift } from '../drift/detect.ts';
import { numeric, normal, OPTIONS, table, times } from '../drift/fixtures/tables.ts';
import { dependenceOfNumbers } from './row-dependence.ts';

/** Normal numbers, each of which correlates with the one before by ρ. */
function autocorrelated(random: Random, rows: number, rho: number): number[] {
  let last = normal(random);
  return times(rows, () => (last = rho * last + Math.sqrt(1 - rho * rho) * normal(random)));
}

const heightsOf = (values: readonly number[]): ReturnType<typeof dependenceOfNumbers>['height'] => {
  const column = Float64Array.from(values);
  return dependenceOfNumbers(column, column.toSorted()).height;
};

test('independent rows count as they are', () => {
  const random = createRandom(1);
  const found = times(200, () => designEffectOf([heightsOf(autocorrelated(random, 500, 0))], 500));
  const dependent = found.filter(({ reach }) => reach !== 'independent');
  assert.ok(dependent.length <= 4, `${dependent.length} of 200`);
});

test('of rows with an autocorrelation of .5 about 2.9 count as one, by their ranks', () => {
  // Ranks of normal values with correlation r correlate by 6/π · asin(r/2): 1 + 2 Σ over all lags is 2.92.
  const random = createRandom(2);
  const found = times(50, () =>
    designEffectOf([heightsOf(autocorrelated(random, 5000, 0.5))], 1000),
  );
  const mean = found.reduce((sum, { phi }) => sum + phi / found.length, 0);
  assert.ok(Math.abs(mean - 2.92) < 0.15, String(mean));
  assert.ok(found.filter(({ reach }) => reach === 'learned').length >= 49);
});

test('a season as long as the reference is beyond what it can tell, and what varies faster is not', () => {
  const random = createRandom(3);
  const year = autocorrelated(random, 365, 0.5).map(
    (x, day) => x + 3 * Math.sin((2 * Math.PI * day) / 365),
  );
  const { phi, reach } = designEffectOf([heightsOf(year)], 365);
  assert.equal(reach, 'beyond');
  assert.ok(phi < 10, String(phi));
});

test('files no longer than an eighth of it are judged by chunks of their size', () => {
  const random = createRandom(4);
  const year = autocorrelated(random, 365, 0).map(
    (x, day) => x + 3 * Math.sin((2 * Math.PI * day) / 365),
  );
  const { phi, reach } = designEffectOf([heightsOf(year)], 30);
  assert.equal(reach, 'learned');
  // A month of a year is worth hardly more than one day of any season.
  assert.ok(phi > 15 && phi <= 32, String(phi));
});

test('a daily cycle is no dependence from day to day', () => {
  const random = createRandom(5);
  const hours = times(24 * 200, (hour) => 3 * Math.sin((2 * Math.PI * hour) / 24) + normal(random));
  const { phi } = designEffectOf([heightsOf(hours)], 24 * 100);
  assert.ok(phi < 1.5, String(phi));
});

test('rows in sorted order are judged as independent, with the reason', () => {
  const random = createRandom(6);
  const sorted = times(500, () => normal(random)).sort((a, b) => a - b);
  assert.deepEqual(designEffectOf([heightsOf(sorted)], 500), { ...INDEPENDENT, reach: 'beyond' });
});

test('p-values are those of Student’s t where φ was learned', () => {
  const close = (p: number, expected: number): void => {
    assert.ok(Math.abs(p - expected) < 1e-4, String(p));
  };
  // 2.228 is the 5 % point of t with 10 degrees of freedom; of a normal it has p = 0.02588.
  close(withLearnedSpread(0.02588, { freedom: 10 }), 0.05);
  assert.equal(withLearnedSpread(0.03, INDEPENDENT), 0.03);
  assert.equal(withLearnedSpread(1, { freedom: 5 }), 1);
  assert.ok(withLearnedSpread(0, { freedom: 5 }) < 1e-5);
});

test('where neighbouring rows are alike no more files alarm than promised, and drift is found', () => {
  const random = createRandom(7);
  const files = 150;
  const alarms = (shift: number, rows: 'learned' | 'independent'): number =>
    times(files, () => {
      const draw = (by: number): number[] => autocorrelated(random, 500, 0.6).map((x) => x + by);
      const [before, now] = [table(numeric('x', draw(0))), table(numeric('x', draw(shift)))];
      return detectDrift(before, now, { ...OPTIONS, rows }).material.length;
    }).reduce((sum, count) => sum + count, 0);
  assert.ok(alarms(0, 'learned') <= 0.05 * files);
  assert.ok(alarms(0, 'independent') > 0.1 * files);
  assert.ok(alarms(0.6, 'learned') > 0.9 * files);
});

test('a column whose rows are worth too few is not tested, and says how many they are worth', () => {
  const random = createRandom(8);
  const draw = (): number[] => autocorrelated(random, 2000, 0.9);
  const report = detectDrift(
    table(numeric('x', draw())),
    table(numeric('x', draw().slice(0, 150))),
    OPTIONS,
  );
  const [column] = report.columns;
  assert.ok(column?.outcome.kind === 'insufficient');
  const { n, effective, required } = column.outcome;
  assert.deepEqual([n, required], [150, 30]);
  assert.ok(effective !== undefined && effective < 30, String(effective));
  assert.equal(column.dependence?.reach, 'learned');
});
