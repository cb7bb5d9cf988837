import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { chiSquareHomogeneity } from './chi-square.ts';

function assertClose(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.abs(expected),
    `${actual} is not ${expected} to 1e-9`,
  );
}

const unused = (): number => assert.fail('no random numbers are needed');

test('well-filled tables agree with scipy', () => {
  // scipy 1.17.1, chi2_contingency([reference, current], correction=False)
  const even = chiSquareHomogeneity([50, 30, 20], [30, 30, 40], unused);
  assertClose(even.statistic, 11.666666666666668);
  assertClose(even.pValue, 0.0029282996948181853);
  assert.equal(even.degreesOfFreedom, 2);
  const uneven = chiSquareHomogeneity([120, 85, 10, 35], [400, 260, 60, 130], unused);
  assertClose(uneven.statistic, 3.809186550874528);
  assertClose(uneven.pValue, 0.2828193875422109);
  assert.equal(uneven.method, 'χ² homogeneity');
});

test('rare levels are compared as one, levels that never occur not at all', () => {
  const withRare = chiSquareHomogeneity([50, 40, 0, 3, 0, 4], [30, 55, 0, 5, 4, 0], unused);
  const byHand = chiSquareHomogeneity([50, 40, 7], [30, 55, 9], unused);
  assert.equal(withRare.method, 'χ² homogeneity');
  assert.equal(withRare.degreesOfFreedom, 2);
  assertClose(withRare.pValue, byHand.pValue);
});

test('if the rare levels are rare even together, the rarest other one joins them', () => {
  const { degreesOfFreedom, pValue } = chiSquareHomogeneity([60, 20, 1], [50, 30, 0], unused);
  assert.equal(degreesOfFreedom, 1);
  assertClose(pValue, chiSquareHomogeneity([60, 21], [50, 30], unused).pValue);
});

test('one frequent level beside rare ones is tested exactly', () => {
  const { method, pValue } = chiSquareHomogeneity([1000, 0, 0], [940, 35, 25], unused);
  assert.equal(method, 'χ² homogeneity');
  assert.ok(pValue < 1e-13);
  const few = chiSquareHomogeneity([29, 1, 0], [23, 3, 4], unused);
  assert.equal(few.method, 'Fisher’s exact');
  assertClose(few.pValue, 0.05231484385878206);
});

test('a table of rare levels only gets the p-value of all tables with its margins', () => {
  // Enumerated: the exact probability of χ² ≥ 5.2666… given the margins.
  const exact = 0.1935309272770573;
  const shares = Array.from({ length: 20 }, (_, seed) =>
    chiSquareHomogeneity([1, 3, 4, 2], [4, 1, 1, 4], createRandom(seed)),
  );
  const mean = shares.reduce((sum, { pValue }) => sum + pValue, 0) / shares.length;
  assertClose(shares[0]?.statistic ?? NaN, 5.266666666666667);
  assert.equal(shares[0]?.method, 'χ² Monte Carlo');
  assert.ok(Math.abs(mean - exact) < 0.02, `${mean} is not near ${exact}`);
});

test('samples without a level in common are found by drawing, too', () => {
  const first = Array.from({ length: 20 }, (_, k) => (k < 10 ? 3 : 0));
  const { pValue, method } = chiSquareHomogeneity(first, first.toReversed(), createRandom(1));
  assert.equal(method, 'χ² Monte Carlo');
  assert.equal(pValue, 1 / 10_000);
});

test('few values beside a billion are tested by drawing, in no more room', () => {
  const reference = Array.from({ length: 40 }, (_, k) => (k < 20 ? 30_000_000 : 20_000_000));
  const like = Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? 1 : 0));
  const unlike = Array.from({ length: 40 }, (_, k) => (k < 4 ? 5 : 0));
  const calm = chiSquareHomogeneity(reference, like, createRandom(2));
  assert.equal(calm.method, 'χ² Monte Carlo');
  assert.ok(calm.pValue > 0.2, String(calm.pValue));
  assert.ok(chiSquareHomogeneity(reference, unlike, createRandom(2)).pValue < 0.01);
});

test('both ways of drawing give the same p-values, but for chance', () => {
  // The same shares: of ninety thousand values the pool is drawn from, of nine million positions are.
  const current = [3, 0, 4, 0, 2, 1, 0, 0, 0];
  const pValueOf = (each: number): number => {
    const reference = new Array<number>(9).fill(each);
    const found = Array.from(
      { length: 20 },
      (_, seed) => chiSquareHomogeneity(reference, current, createRandom(seed)).pValue,
    );
    return found.reduce((sum, p) => sum + p, 0) / found.length;
  };
  const [few, many] = [pValueOf(10_000), pValueOf(1_000_000)];
  assert.ok(Math.abs(few - many) < 0.1 * few, `${few} and ${many}`);
});

test('equal samples, and samples of one level, are no evidence', () => {
  assert.deepEqual(chiSquareHomogeneity([40, 0], [7, 0], unused).pValue, 1);
  const same = chiSquareHomogeneity([40, 20], [40, 20], unused);
  assert.equal(same.statistic, 0);
  assert.equal(same.pValue, 1);
});

const table = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 })), {
    minLength: 1,
    maxLength: 8,
  })
  .filter((levels) => levels.some(([a]) => a > 0) && levels.some(([, b]) => b > 0));

test('it does not matter which sample is the reference, nor how levels are ordered', () => {
  fc.assert(
    fc.property(table, (levels) => {
      const a = levels.map(([count]) => count);
      const b = levels.map(([, count]) => count);
      const { pValue, statistic, method } = chiSquareHomogeneity(a, b, createRandom(1));
      assert.ok(pValue > 0 && pValue <= 1 && statistic >= 0);
      const swapped = chiSquareHomogeneity(b, a, createRandom(1));
      assert.ok(Math.abs(swapped.statistic - statistic) < 1e-9);
      assert.equal(swapped.method, method);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('p-values of samples without change are uniform enough: at most 5 % are below 0.05', () => {
  const random = createRandom(7);
  const draw = (size: number, weights: readonly number[]): number[] => {
    const counts = weights.map(() => 0);
    for (let i = 0; i < size; i++) {
      let u = random();
      const level = weights.findIndex((weight) => (u -= weight) < 0);
      const k = level < 0 ? weights.length - 1 : level;
      counts[k] = (counts[k] ?? 0) + 1;
    }
    return counts;
  };
  const settings = [
    { sizes: [500, 500], weights: [0.9, 0.099, 0.001] },
    { sizes: [40, 60], weights: [0.4, 0.3, 0.1, 0.1, 0.05, 0.05] },
    { sizes: [300, 40], weights: Array.from({ length: 40 }, () => 1 / 40) },
    { sizes: [50, 50], weights: [0.97, 0.03] },
  ] as const;
  const repetitions = 600;
  for (const { sizes, weights } of settings) {
    let alarms = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const [n, m] = sizes;
      const { pValue } = chiSquareHomogeneity(draw(n, weights), draw(m, weights), random);
      if (pValue <= 0.05) alarms++;
    }
    // 0.05 plus three standard errors
    assert.ok(alarms <= repetitions * 0.077, `${weights.length} levels: ${alarms} alarms`);
  }
});

test('samples that cannot be compared are refused', () => {
  assert.throws(() => chiSquareHomogeneity([1, 2], [1], unused), /same levels, got 2 and 1/);
  assert.throws(
    () => chiSquareHomogeneity([0, 0], [1, 0], unused),
    /at least 1 value, got 0 and 1/,
  );
});
