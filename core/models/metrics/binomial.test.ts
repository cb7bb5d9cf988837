import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { chiSquareSurvival, logGamma } from '../../stats/special-functions.ts';
import { binomial, resampleCountsInto } from './binomial.ts';

const DRAWS = 20_000;

/** Pearson's χ² of draws against the binomial probabilities, cells of fewer than 20 expected merged. */
function fitPValue(n: number, p: number, seed: number): number {
  const random = createRandom(seed);
  const counts = new Map<number, number>();
  for (let i = 0; i < DRAWS; i++) {
    const x = binomial(n, p, random);
    assert.ok(Number.isInteger(x) && x >= 0 && x <= n);
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  let statistic = 0;
  let cells = 0;
  let expected = 0;
  let observed = 0;
  for (let x = 0; x <= n; x++) {
    const log = logGamma(n + 1) - logGamma(x + 1) - logGamma(n - x + 1);
    expected += DRAWS * Math.exp(log + x * Math.log(p) + (n - x) * Math.log1p(-p));
    observed += counts.get(x) ?? 0;
    if (expected < 20 && x < n) continue;
    statistic += (observed - expected) ** 2 / Math.max(expected, 1);
    cells++;
    expected = 0;
    observed = 0;
  }
  return chiSquareSurvival(statistic, cells - 1);
}

test('draws have the binomial distribution, by inversion and by rejection, small p and large', () => {
  for (const [n, p] of [
    [7, 0.3],
    [1000, 0.004],
    [40, 0.45],
    [2000, 0.02],
    [500, 0.9],
    [3000, 0.5],
  ] as const) {
    const pValue = fitPValue(n, p, n);
    assert.ok(pValue > 0.001, `binomial(${n}, ${p}): p = ${pValue}`);
  }
});

test('certain and impossible trials need no chance', () => {
  const none = (): number => assert.fail('no draw is needed');
  assert.equal(binomial(9, 0, none), 0);
  assert.equal(binomial(9, 1, none), 9);
  assert.equal(binomial(0, 0.5, none), 0);
});

test('resampled counts keep their total, and their shares on average', () => {
  const random = createRandom(1);
  const counts = Float64Array.of(600, 0, 300, 100);
  const sums = new Float64Array(4);
  const out = new Float64Array(4);
  for (let r = 0; r < 2000; r++) {
    resampleCountsInto(counts, random, out);
    assert.equal(
      out.reduce((sum, x) => sum + x, 0),
      1000,
    );
    out.forEach((x, c) => (sums[c]! += x / 2000));
  }
  sums.forEach((mean, c) => assert.ok(Math.abs(mean - counts[c]!) < 2, `${mean} for ${counts[c]}`));
});
