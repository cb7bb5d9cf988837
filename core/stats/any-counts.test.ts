/** What every statistic of counts promises for whatever counts there are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { BHATTACHARYYA_LIMIT, bhattacharyyaDistance } from './bhattacharyya.ts';
import { chiSquareHomogeneity } from './chi-square.ts';
import { cramersV } from './cramers-v.ts';
import { fisherExact } from './fisher.ts';
import { gTest } from './g-test.ts';
import { hellingerDistance } from './hellinger.ts';
import { histogramIntersection } from './histogram-intersection.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import { largestShareChange } from './largest-share-change.ts';
import { missingnessTest } from './missingness.ts';
import { populationStabilityIndex } from './psi.ts';
import { totalVariation } from './total-variation.ts';
import { twoProportionsTest } from './two-proportions.ts';

type Counts = readonly number[];
type Statistic = (x: Counts, y: Counts) => number;

const total = (counts: Counts): number => counts.reduce((sum, count) => sum + count, 0);
const first = (counts: Counts) => ({ count: counts[0] ?? 0, total: total(counts) });
const orOne = (result: { readonly kind: string; readonly pValue?: number }): number =>
  result.pValue ?? 1;

/** p-values; a test that is not applicable is no evidence. */
const TESTS: Readonly<Record<string, Statistic>> = {
  'χ²': (x, y) => chiSquareHomogeneity(x, y, createRandom(1)).pValue,
  G: (x, y) => orOne(gTest(x, y)),
  'Z of proportions': (x, y) => orOne(twoProportionsTest(first(x), first(y))),
  missingness: (x, y) => missingnessTest(first(x), first(y)).pValue,
};

/** With the greatest value that each can have. */
const MEASURES: Readonly<Record<string, readonly [Statistic, most: number]>> = {
  'Cramér’s V': [cramersV, 1],
  Hellinger: [hellingerDistance, 1],
  Bhattacharyya: [bhattacharyyaDistance, BHATTACHARYYA_LIMIT],
  'Jensen–Shannon': [jensenShannonDistance, 1],
  'total variation': [totalVariation, 1],
  'L∞': [largestShareChange, 1],
  PSI: [populationStabilityIndex, Infinity],
};

/** Few and many, up to the counts of files of a billion rows. */
const count = fc.oneof(
  fc.nat(3),
  fc.nat(60),
  fc.constantFrom(0, 1, 5),
  fc.integer({ min: 0, max: 1e5 }),
);
const huge = fc.integer({ min: 0, max: 1e9 });
const tableOf = (one: fc.Arbitrary<number>) =>
  fc
    .array(fc.tuple(one, one), { minLength: 1, maxLength: 12 })
    .map((pairs): readonly [Counts, Counts] => [pairs.map(([a]) => a), pairs.map(([, b]) => b)])
    .filter(([x, y]) => total(x) > 0 && total(y) > 0);
const pairs = fc.oneof(
  tableOf(count),
  // Of counts so large no sparse table is drawn, which would hold every value.
  tableOf(huge).filter(([x, y]) => Math.min(...x, ...y) > 10),
);

for (const [name, pValueOf] of Object.entries(TESTS)) {
  test(`${name}: p is in [0, 1], the same both ways, and 1 for equal samples`, () => {
    fc.assert(
      fc.property(pairs, ([x, y]) => {
        const pValue = pValueOf(x, y);
        assert.ok(pValue >= 0 && pValue <= 1, String(pValue));
        const sparse = pValue > 0 && chiSquareHomogeneity(x, y, createRandom(1)).method;
        // A Monte-Carlo p is drawn anew for the swapped table.
        const within = sparse === 'χ² Monte Carlo' ? 0.2 : 1e-9;
        assert.ok(Math.abs(pValueOf(y, x) - pValue) <= within);
        assert.ok(pValueOf(x, x) > 0.99);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
}

for (const [name, [measure, most]] of Object.entries(MEASURES)) {
  test(`${name}: finite, within its range, symmetric, 0 for equal samples, whatever the order of levels`, () => {
    fc.assert(
      fc.property(pairs, ([x, y]) => {
        const value = measure(x, y);
        assert.ok(value >= 0 && value <= most && Number.isFinite(value), String(value));
        assert.ok(Math.abs(measure(y, x) - value) <= 1e-9 * Math.max(1, value));
        assert.ok(Math.abs(measure(x.toReversed(), y.toReversed()) - value) <= 1e-9);
        assert.equal(measure(x, x), 0);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
}

test('the histogram intersection is in [0, 1] and 1 for equal samples, the divergence finite and not negative', () => {
  fc.assert(
    fc.property(pairs, ([x, y]) => {
      const common = histogramIntersection(x, y);
      assert.ok(common >= 0 && common <= 1);
      assert.equal(histogramIntersection(x, x), 1);
      const divergence = kullbackLeibler(x, y);
      assert.ok(divergence >= 0 && Number.isFinite(divergence));
      assert.equal(kullbackLeibler(x, x), 0);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('Fisher: p is in [0, 1], the same both ways, and 1 for equal samples', () => {
  const share = fc
    .integer({ min: 1, max: 100_000 })
    .chain((all) => fc.record({ count: fc.nat(all), total: fc.constant(all) }));
  fc.assert(
    fc.property(share, share, (x, y) => {
      const pValue = fisherExact(x, y);
      assert.ok(pValue >= 0 && pValue <= 1, String(pValue));
      assert.ok(Math.abs(fisherExact(y, x) - pValue) <= 1e-9);
      assert.ok(fisherExact(x, x) > 0.999_999);
    }),
    { seed: 1, numRuns: 100 },
  );
});
