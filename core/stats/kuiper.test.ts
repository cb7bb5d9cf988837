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

test('p of few values is the share of all orders that are as extreme', () => {
  for (const [n, m] of [
    [1, 4],
    [5, 5],
    [4, 6],
    [7, 5],
  ] as const) {
    const found = choicesOf(n + m, n).map((first) => {
      const second = Array.from({ length: n + m }, (_, i) => i).filter((i) => !first.includes(i));
      return kuiperTest(sorted(first), sorted(second));
    });
    for (const { statistic, pValue } of found) {
      const extreme = found.filter((other) => other.statistic >= statistic - 1e-12).length;
      assertClose(pValue, extreme / found.length, `p of ${statistic} at ${n} and ${m}`, 1e-12);
    }
  }
});

/** All ways to choose `count` of the numbers 0 … size − 1, each ascending. */
function choicesOf(size: number, count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  if (size < count) return [];
  const withLast = choicesOf(size - 1, count - 1).map((choice) => [...choice, size - 1]);
  return [...choicesOf(size - 1, count), ...withLast];
}

test('equal samples, and samples of one value, are no evidence', () => {
  assert.equal(kuiperTest(sorted([2, 2, 2]), sorted([2, 2])).pValue, 1);
  assert.equal(kuiperTest(sorted([1, 2, 3]), sorted([1, 2, 3])).pValue, 1);
});

test('exact and asymptotic p-values meet', () => {
  const spread = (size: number, shift: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => i / size + shift);
  for (const shift of [0.2, 0.25, 0.3]) {
    const exact = kuiperTest(spread(101, shift), spread(99, 0.001));
    const asymptotic = kuiperTest(spread(104, shift), spread(99, 0.001));
    assertClose(exact.pValue, asymptotic.pValue, `p at ${shift}`, 0.35);
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
