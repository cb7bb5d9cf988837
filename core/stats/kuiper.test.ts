import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  DISTRIBUTIONS,
  UNTIED,
  assertClose,
  assertKeepsLevel,
  sorted,
} from './fixtures/samples.ts';
import { kuiperTest } from './kuiper.ts';

test('V adds the largest distance on either side', () => {
  const { statistic } = kuiperTest(sorted([1, 2, 9, 10]), sorted([4, 5, 6, 7]));
  // F_ref is ½ ahead at 2, and F_cur ½ ahead at 7.
  assert.equal(statistic, 1);
  assertClose(kuiperTest(...UNTIED).statistic, 39 / 70);
});

test('p-values meet Stephens’ table of critical values', () => {
  // Stephens (1970), table 1: P(V (√N + 0.155 + 0.24/√N) > z) = 0.1, 0.05, 0.01 at z = 1.620, 1.747, 2.001
  const size = 20_000;
  const root = Math.sqrt(size / 2);
  const factor = root + 0.155 + 0.24 / root;
  const x = Float64Array.from({ length: size }, (_, i) => i);
  for (const [z, p] of [
    [1.62, 0.1],
    [1.747, 0.05],
    [2.001, 0.01],
  ] as const) {
    const steps = Math.round((z / factor) * size);
    const shifted = x.map((value) => value + steps - 0.5);
    assertClose(kuiperTest(x, shifted).pValue, p, `p at ${z}`, 0.03);
  }
});

test('both series of p meet', () => {
  const x = Float64Array.from({ length: 4000 }, (_, i) => i);
  let before = 1;
  for (let steps = 20; steps < 200; steps++) {
    const { pValue } = kuiperTest(
      x,
      x.map((value) => value + steps + 0.5),
    );
    assert.ok(pValue <= before && before - pValue < 0.04, `${pValue} after ${before}`);
    before = pValue;
  }
});

test('a circle may be cut open anywhere', () => {
  const sample = fc.array(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: 1, max: 23 }), (x, y, turn) => {
      const turned = (hours: readonly number[]): Float64Array =>
        sorted(hours.map((hour) => (hour + turn) % 24));
      const { statistic, pValue } = kuiperTest(sorted(x), sorted(y));
      assert.ok(Math.abs(kuiperTest(turned(x), turned(y)).statistic - statistic) < 1e-12);
      assert.ok(Math.abs(kuiperTest(sorted(y), sorted(x)).statistic - statistic) < 1e-12);
      assert.ok(pValue >= 0 && pValue <= 1);
    }),
    { seed: 1 },
  );
});

test('no more than 5 % of files without change are below 0.05', () => {
  const pValueOf = (x: Float64Array, y: Float64Array): number => kuiperTest(x, y).pValue;
  for (const draw of Object.values(DISTRIBUTIONS)) {
    assertKeepsLevel(pValueOf, draw, { n: 80, m: 50 });
  }
  assertKeepsLevel(pValueOf, (random) => Math.floor(random() * 6), { n: 200, m: 60 });
});

test('an empty sample is refused', () => {
  assert.throws(() => kuiperTest(new Float64Array(0), sorted([1])), /at least 1 value/);
});
