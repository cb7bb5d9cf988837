import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { andersonDarlingStatistic, andersonDarlingTest } from './anderson-darling.ts';
import {
  DISTRIBUTIONS,
  TIED,
  UNTIED,
  assertClose,
  assertKeepsLevel,
  normal,
  sorted,
} from './fixtures/samples.ts';

function pValueOf(x: Float64Array, y: Float64Array): number {
  const result = andersonDarlingTest(x, y);
  assert.ok(result.kind === 'tested', 'tested');
  return result.pValue;
}

test('the statistic agrees with scipy, with and without ties', () => {
  // scipy 1.17.1, anderson_ksamp([x, y], variant='midrank')
  assertClose(andersonDarlingStatistic(...UNTIED), 1.781826952909856);
  assertClose(andersonDarlingStatistic(...TIED), 1.6527922517021234);
});

test('p is near the one that scipy interpolates from a table, and not clipped to it', () => {
  assertClose(pValueOf(...UNTIED), 0.059816227982521626, 'p', 0.05);
  const x = Float64Array.from({ length: 300 }, (_, i) => i);
  assert.ok(
    pValueOf(
      x,
      x.map((value) => value + 150.5),
    ) < 1e-20,
  );
  assert.ok(
    pValueOf(
      x,
      x.map((value) => value + 0.5),
    ) > 0.999,
  );
});

test('p is the share of orders of the pooled sample that are as extreme', () => {
  const random = createRandom(3);
  const x = sorted(Array.from({ length: 25 }, () => normal(random)));
  const y = sorted(Array.from({ length: 15 }, () => normal(random) + 0.7));
  const observed = andersonDarlingStatistic(x, y);
  const pooled = [...x, ...y];
  let extreme = 0;
  const permutations = 4000;
  for (let r = 0; r < permutations; r++) {
    for (let i = 0; i < 25; i++) {
      const j = i + Math.floor(random() * (40 - i));
      [pooled[i], pooled[j]] = [pooled[j] ?? NaN, pooled[i] ?? NaN];
    }
    if (andersonDarlingStatistic(sorted(pooled.slice(0, 25)), sorted(pooled.slice(25))) >= observed)
      extreme++;
  }
  assertClose(pValueOf(x, y), extreme / permutations, 'p', 0.15);
});

test('heavy ties are refused', () => {
  const result = andersonDarlingTest(sorted([0, 0, 1, 1, 2, 2]), sorted([0, 1, 1, 2]));
  assert.ok(result.kind === 'not applicable');
  assert.match(result.reason, /too many equal values/);
  assert.equal(andersonDarlingTest(sorted([1, 1]), sorted([1, 1])).kind, 'not applicable');
});

test('a level is kept', () => {
  for (const draw of Object.values(DISTRIBUTIONS)) {
    assertKeepsLevel(pValueOf, draw, { n: 60, m: 90 });
  }
  assertKeepsLevel(pValueOf, (random) => Math.floor(random() * 60), { n: 100, m: 80 });
});

test('it does not matter which sample is the reference', () => {
  const sample = fc
    .array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 15 })
    .map(sorted);
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const statistic = andersonDarlingStatistic(x, y);
      assert.ok(Number.isFinite(statistic));
      assert.ok(Math.abs(andersonDarlingStatistic(y, x) - statistic) < 1e-10);
    }),
    { seed: 1 },
  );
});

test('fewer than 2 values are refused', () => {
  assert.throws(() => andersonDarlingTest(sorted([1]), sorted([1, 2])), /at least 2 values/);
});
