import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { eppsSingletonTest } from './epps-singleton.ts';
import {
  DISTRIBUTIONS,
  TIED,
  UNTIED,
  assertClose,
  assertKeepsLevel,
  sorted,
} from './fixtures/samples.ts';

function tested(x: Float64Array, y: Float64Array) {
  const result = eppsSingletonTest(x, y);
  assert.ok(result.kind === 'tested', 'tested');
  return result;
}

test('values agree with scipy, with and without ties', () => {
  // scipy 1.17.1, epps_singleton_2samp(x, y)
  const untied = tested(...UNTIED);
  assertClose(untied.statistic, 3.0065161402672893);
  assertClose(untied.pValue, 0.5567355325793664);
  assert.equal(untied.degreesOfFreedom, 4);
  const tied = tested(...TIED);
  assertClose(tied.statistic, 3.040591407930141);
  assertClose(tied.pValue, 0.5510556556546512);
});

test('a level is kept for few values too', () => {
  assertKeepsLevel(
    (x, y) => tested(x, y).pValue,
    (random) => random(),
    { n: 14, m: 10 },
  );
});

test('two different values leave one dimension to compare', () => {
  const coins = (tails: number, heads: number): Float64Array =>
    sorted([...new Array<number>(tails).fill(0), ...new Array<number>(heads).fill(1)]);
  const { degreesOfFreedom, pValue } = tested(coins(60, 40), coins(40, 60));
  assert.equal(degreesOfFreedom, 1);
  // A proportion is all there is to compare: z² = 8 up to the pooling of the variance.
  assert.ok(pValue > 0.002 && pValue < 0.006, String(pValue));
});

test('a few different values leave as many dimensions less one, however many rows there are', () => {
  const random = createRandom(6);
  for (const levels of [2, 3, 4, 5, 6]) {
    const draw = (size: number): Float64Array =>
      sorted(Array.from({ length: size }, () => 1.7 * Math.floor(levels * random())));
    for (const size of [1000, 100_000]) {
      const { degreesOfFreedom } = tested(draw(size), draw(size));
      assert.equal(degreesOfFreedom, Math.min(4, levels - 1), `${levels} values, ${size} rows`);
    }
  }
});

test('where half of all values are equal there is no unit to measure in', () => {
  const result = eppsSingletonTest(sorted([0, 0, 0, 0, 0, 0, 1]), sorted([0, 0, 0, 0, 0, 0, 9]));
  assert.ok(result.kind === 'not applicable');
  assert.match(result.reason, /half of all values are equal/);
});

test('a level is kept, with ties too', () => {
  const pValueOf = (x: Float64Array, y: Float64Array): number => tested(x, y).pValue;
  for (const draw of Object.values(DISTRIBUTIONS)) {
    assertKeepsLevel(pValueOf, draw, { n: 150, m: 120 });
  }
  assertKeepsLevel(pValueOf, (random) => Math.floor(random() * 6), { n: 200, m: 150 });
});

test('any finite values give a p in [0, 1]', () => {
  const sample = fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 7, maxLength: 14 })
    .map(sorted);
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const result = eppsSingletonTest(x, y);
      if (result.kind === 'tested') assert.ok(result.pValue >= 0 && result.pValue <= 1);
    }),
    { seed: 1 },
  );
});

test('sizes at which it would raise false alarms are refused', () => {
  const values = (size: number): Float64Array => Float64Array.from({ length: size }, (_, i) => i);
  for (const [n, m] of [
    [1000, 100],
    [10, 1000],
    [6, 6],
    [24, 10],
    [40, 40],
  ] as const) {
    const result = eppsSingletonTest(values(n), values(m));
    assert.ok(result.kind === 'not applicable');
    assert.match(result.reason, new RegExp(`false alarms for ${n} against ${m} values`));
  }
  assert.throws(() => eppsSingletonTest(values(0), values(9)), /at least 1 value, got 0 and 9/);
});
