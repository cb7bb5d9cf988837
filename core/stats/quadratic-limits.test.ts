import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClose } from './fixtures/samples.ts';
import { andersonDarlingSurvival, cramerVonMisesSurvival } from './quadratic-limits.ts';

test('the limit of Cramér–von Mises agrees with its other series, from nearly 1 down', () => {
  // scipy 1.17.1, 1 − _cdf_cvm_inf(x): the series of Anderson & Darling (1952), equation 1.3
  assertClose(cramerVonMisesSurvival(0.0031), 1);
  assertClose(cramerVonMisesSurvival(0.01), 0.9999941355671901);
  assertClose(cramerVonMisesSurvival(0.02), 0.9969993856983981);
  assertClose(cramerVonMisesSurvival(0.05), 0.876280931041351);
  assertClose(cramerVonMisesSurvival(0.1), 0.5848734384067971);
  assertClose(cramerVonMisesSurvival(0.46136), 0.05000038313265287);
});

test('the limit of Anderson–Darling has the published critical values', () => {
  // Stephens (1974), JASA 69:730–737, table 1A, case 0
  for (const [x, p] of [
    [1.933, 0.1],
    [2.492, 0.05],
    [3.07, 0.025],
    [3.857, 0.01],
  ] as const) {
    assertClose(andersonDarlingSurvival(x), p, `P(A² > ${x})`, 0.03);
  }
  // Baumgartner, Weiss & Schindler (1998), section 2
  assertClose(andersonDarlingSurvival(2.493), 0.05, 'P(B > 2.493)', 0.002);
  assertClose(andersonDarlingSurvival(3.88), 0.01, 'P(B > 3.880)', 0.005);
  // Marsaglia & Marsaglia (2004), J. Stat. Softw. 9(2): ADinf(1) = 0.64283, ADinf(2) = 0.90816
  assert.ok(Math.abs(1 - andersonDarlingSurvival(1) - 0.6427) < 2e-4);
  assert.ok(Math.abs(1 - andersonDarlingSurvival(2) - 0.9082) < 2e-4);
});

test('far out, only the largest term of each sum counts', () => {
  // P(Σ λ_j χ²₁ > x) ~ Π_{j>1} (1 − λ_j/λ_1)^{−1/2} · P(λ_1 χ²₁ > x); the product is √3 for λ_i = 1/(i(i+1))
  // and √2 for λ_j = 1/(jπ)². P(χ²₁ > 120) = 6.3e-28, P(χ²₁ > 12π²) = 1.4e-27.
  const chiSquareTail = (z: number): number =>
    Math.sqrt(2 / (Math.PI * z)) * Math.exp(-z / 2) * (1 - 1 / z + 3 / z ** 2 - 15 / z ** 3);
  assertClose(andersonDarlingSurvival(60), Math.sqrt(3) * chiSquareTail(120), 'A²', 0.02);
  assertClose(cramerVonMisesSurvival(12), Math.SQRT2 * chiSquareTail(12 * Math.PI ** 2), 'W', 0.02);
  assert.equal(andersonDarlingSurvival(1e6), 0);
  assert.equal(cramerVonMisesSurvival(Infinity), 0);
});

test('both fall from 1 to 0 and never leave [0, 1]', () => {
  for (const survival of [andersonDarlingSurvival, cramerVonMisesSurvival]) {
    assert.equal(survival(-1), 1);
    let before = 1;
    for (let x = 0; x < 40; x += 0.013) {
      const now = survival(x);
      assert.ok(now >= 0 && now <= before + 1e-14, `${now} at ${x} after ${before}`);
      before = now;
    }
    assert.throws(() => survival(NaN), /not a number/);
  }
});
