import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cramerVonMisesPValue,
  cramerVonMisesStatistic,
  cramerVonMisesTest,
} from './cramer-von-mises.ts';
import {
  DISTRIBUTIONS,
  TIED,
  UNTIED,
  assertClose,
  assertKeepsLevel,
  sorted,
} from './fixtures/samples.ts';

function pValueOf(x: Float64Array, y: Float64Array): number {
  const result = cramerVonMisesTest(x, y);
  assert.ok(result.kind === 'tested', 'tested');
  return result.pValue;
}

// Expected values: scipy 1.17.1, cramervonmises_2samp.
test('small untied samples get the exact p-value', () => {
  assertClose(cramerVonMisesStatistic(...UNTIED), 0.41848739495798304);
  assertClose(pValueOf(...UNTIED), 0.06849033319621554);
  const x = Float64Array.from({ length: 12 }, (_, i) => i);
  const y = Float64Array.from({ length: 11 }, (_, i) => i + 2.5);
  assertClose(pValueOf(x, y), 0.3678841013610162);
});

test('ties and the limit agree with scipy', () => {
  assertClose(cramerVonMisesStatistic(...TIED), 0.3774703557312251);
  assertClose(cramerVonMisesPValue(0.3774703557312251, 12, 11), 0.0840692535752583);
  assertClose(cramerVonMisesPValue(0.41848739495798304, 10, 7), 0.06484020205328211);
});

test('of a few equal values p comes from the limit', () => {
  const x = sorted([1, 2, 3, 4, 5, 6, 7, 8, 8.5, 9]);
  const y = sorted([1, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.7, 9.5, 10]);
  assertClose(pValueOf(x, y), cramerVonMisesPValue(cramerVonMisesStatistic(x, y), 10, 10));
});

test('heavy ties are refused: of 0 and 1 in samples of unequal size T says nothing', () => {
  const coins = (heads: number, tails: number): Float64Array =>
    sorted([...new Array<number>(tails).fill(0), ...new Array<number>(heads).fill(1)]);
  const result = cramerVonMisesTest(coins(500, 500), coins(100, 100));
  assert.ok(result.kind === 'not applicable');
  assert.match(result.reason, /too many equal values/);
  // The shares are the same, and yet T is far out.
  assert.ok(
    cramerVonMisesPValue(cramerVonMisesStatistic(coins(500, 500), coins(100, 100)), 1000, 200) <
      1e-9,
  );
});

test('a level is kept for continuous values, and for ties that are not refused', () => {
  for (const draw of Object.values(DISTRIBUTIONS)) {
    assertKeepsLevel(pValueOf, draw, { n: 60, m: 90 });
  }
  assertKeepsLevel(pValueOf, (random) => Math.floor(random() * 60), { n: 90, m: 60 });
});

test('a small p-value keeps its digits', () => {
  const x = Float64Array.from({ length: 500 }, (_, i) => i);
  const p = pValueOf(
    x,
    x.map((value) => value + 250.5),
  );
  // T is about 41, and the tail falls as e^(−π²T/2).
  assert.ok(p > 1e-95 && p < 1e-85, String(p));
});

const sample = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 15 })
  .map(sorted);

test('it does not matter which sample is the reference, nor in which unit values come', () => {
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const statistic = cramerVonMisesStatistic(x, y);
      assert.ok(Math.abs(cramerVonMisesStatistic(y, x) - statistic) < 1e-10);
      const result = cramerVonMisesTest(x, y);
      assert.deepEqual(
        cramerVonMisesTest(
          x.map((v) => 7 * v + 1),
          y.map((v) => 7 * v + 1),
        ),
        result,
      );
      if (result.kind === 'tested') assert.ok(result.pValue >= 0 && result.pValue <= 1);
    }),
    { seed: 1 },
  );
});

test('fewer than 2 values are refused', () => {
  assert.throws(
    () => cramerVonMisesTest(sorted([1]), sorted([1, 2])),
    /at least 2 values, got 1 and 2/,
  );
});
