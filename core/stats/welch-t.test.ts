import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TIED, UNTIED, assertClose, assertKeepsLevel, normal, sorted } from './fixtures/samples.ts';
import { welchTTest } from './welch-t.ts';

function tested(x: Float64Array, y: Float64Array) {
  const result = welchTTest(x, y);
  assert.ok(result.kind === 'tested', 'tested');
  return result;
}

test('values agree with scipy', () => {
  // scipy 1.17.1, ttest_ind(x, y, equal_var=False)
  const result = tested(...UNTIED);
  assertClose(result.statistic, -2.149026510829257);
  assertClose(result.degreesOfFreedom, 12.348303299448217);
  assertClose(result.pValue, 0.05211499956551458);
  assertClose(result.difference, 3.67 - 43.3 / 7);
  assertClose(tested(...TIED).degreesOfFreedom, 20.812339782303482);
});

test('a large mean beside small differences costs no digits', () => {
  const [x, y] = UNTIED;
  const far = tested(
    x.map((value) => value + 1e8),
    y.map((value) => value + 1e8),
  );
  assertClose(far.statistic, -2.149026510829257, 't', 1e-7);
});

test('what is exact in the values stays exact: a mean of 2³⁰ beside differences of 2⁻²² costs nothing', () => {
  const [x, y] = UNTIED.map((values) => values.map((value) => Math.round(value * 64) / 2 ** 22));
  const near = tested(x!, y!);
  const far = tested(
    x!.map((value) => value + 2 ** 30),
    y!.map((value) => value + 2 ** 30),
  );
  assertClose(far.statistic, near.statistic, 't', 1e-12);
});

test('huge and tiny values neither overflow nor vanish', () => {
  const [x, y] = UNTIED;
  for (const scale of [1e-300, 1e300]) {
    const { statistic, pValue } = tested(
      x.map((v) => v * scale),
      y.map((v) => v * scale),
    );
    assertClose(statistic, -2.149026510829257, `t at ${scale}`);
    assertClose(pValue, 0.05211499956551458, `p at ${scale}`);
  }
});

test('samples that do not vary are not compared by chance', () => {
  const result = welchTTest(sorted([2, 2, 2]), sorted([3, 3]));
  assert.deepEqual(result, { kind: 'not applicable', reason: 'neither sample varies', n: 3, m: 2 });
  assert.equal(tested(sorted([2, 2, 2]), sorted([1, 3])).pValue, 1);
});

test('a level is kept for unequal variances', () => {
  let turn = 0;
  // Every other draw is for the second sample of the pair: n = m = 40 with deviations 1 and 5.
  const draw = (random: () => number): number =>
    normal(random) * (Math.floor(turn++ / 40) % 2 === 0 ? 1 : 5);
  assertKeepsLevel((x, y) => tested(x, y).pValue, draw, { n: 40, m: 40 });
});

test('p is in [0, 1] for any finite values, and the same for swapped samples', () => {
  const sample = fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 12 })
    .map(sorted);
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const result = welchTTest(x, y);
      if (result.kind !== 'tested') return;
      assert.ok(result.pValue >= 0 && result.pValue <= 1, String(result.pValue));
      const swapped = tested(y, x);
      assert.ok(Math.abs(swapped.pValue - result.pValue) <= 1e-9);
    }),
    { seed: 1 },
  );
});

test('fewer than 2 values are refused', () => {
  assert.throws(() => welchTTest(sorted([1]), sorted([1, 2])), /at least 2 values, got 1 and 2/);
});
