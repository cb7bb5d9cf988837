import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  baumgartnerWeissSchindlerStatistic,
  baumgartnerWeissSchindlerTest,
} from './baumgartner-weiss-schindler.ts';
import {
  DISTRIBUTIONS,
  TIED,
  UNTIED,
  assertClose,
  assertKeepsLevel,
  sorted,
} from './fixtures/samples.ts';

function pValueOf(x: Float64Array, y: Float64Array): number {
  const result = baumgartnerWeissSchindlerTest(x, y);
  assert.ok(result.kind === 'tested', 'tested');
  return result.pValue;
}

test('B agrees with scipy, with and without ties', () => {
  // scipy 1.17.1, bws_test(x, y)
  assertClose(baumgartnerWeissSchindlerStatistic(...UNTIED).statistic, 2.072679197869624);
  assertClose(baumgartnerWeissSchindlerStatistic(...TIED).statistic, 2.017419106291932);
});

test('p is near the one of all permutations', () => {
  // scipy 1.17.1, bws_test: 0.0871 over all 19,448 permutations of 10 against 7 values
  assertClose(pValueOf(...UNTIED), 0.08710407239819004, 'p', 0.05);
  // Baumgartner, Weiss & Schindler (1998): the asymptotic critical values of B at 5 % and 1 % are 2.493 and 3.880
  assert.equal(baumgartnerWeissSchindlerStatistic(...UNTIED).fromTies, 0);
});

test('ties that add to B are refused', () => {
  const levels = (size: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => Math.floor((10 * i) / size));
  const result = baumgartnerWeissSchindlerTest(levels(100), levels(400));
  assert.ok(result.kind === 'not applicable');
  assert.match(result.reason, /too many equal values/);
});

test('a level is kept', () => {
  for (const draw of Object.values(DISTRIBUTIONS)) {
    assertKeepsLevel(pValueOf, draw, { n: 90, m: 60 });
  }
  assertKeepsLevel(pValueOf, (random) => Math.floor(random() * 2000), { n: 90, m: 60 });
});

test('it does not matter which sample is the reference, nor the unit', () => {
  const sample = fc
    .array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 15 })
    .map(sorted);
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const { statistic, fromTies } = baumgartnerWeissSchindlerStatistic(x, y);
      assert.ok(Number.isFinite(statistic) && fromTies >= -1e-12);
      assert.ok(Math.abs(baumgartnerWeissSchindlerStatistic(y, x).statistic - statistic) < 1e-10);
    }),
    { seed: 1 },
  );
});
