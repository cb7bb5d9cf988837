import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClassRanking } from '../metrics/rank-metrics.ts';
import { classRankings } from '../metrics/rank-metrics.ts';
import { createRandom } from '../../random.ts';
import { delong } from './delong.ts';
import {
  mcnemarMidP,
  pairedDifferenceInterval,
  pairedDifferencePValue,
} from './paired-proportions.ts';

// binom.sf(won − 1, m, ½) − ½ binom.pmf(won, m, ½) by SciPy; the first two are half of Fagerland's 0.039.
test("McNemar's mid-p is that of the binomial distribution", () => {
  for (const [won, lost, expected] of [
    [7, 1, 0.019531250000000007],
    [1, 7, 0.98046875],
    [0, 0, 0.5],
    [30, 18, 0.04271656657869728],
    [260, 200, 0.0025714931512113076],
  ] as const) {
    const p = mcnemarMidP({ won, lost, rows: 1000 });
    assert.ok(Math.abs(p / expected - 1) < 1e-10, `${won}, ${lost}: ${p}`);
  }
});

// Roots of the score statistic with its restricted likelihood maximised numerically by SciPy. The first is the
// airway data of Fagerland, Lydersen & Laake (2014), Stat. Med. 33:2850–2875: 0.026 to 0.517.
test("the interval of a paired difference is Tango's, and agrees with its test", () => {
  for (const [won, lost, rows, low, high] of [
    [7, 1, 21, 0.026003031647066393, 0.5172322755199249],
    [30, 18, 400, -0.004088115167970168, 0.06547474612923876],
    [40, 55, 1000, -0.03458990366638489, 0.004177546524612646],
  ] as const) {
    const interval = pairedDifferenceInterval({ won, lost, rows }, 0.95);
    assert.ok(Math.abs(interval.low - low) < 1e-7, `${interval.low} is not ${low}`);
    assert.ok(Math.abs(interval.high - high) < 1e-7, `${interval.high} is not ${high}`);
    const p = pairedDifferencePValue({ won, lost, rows }, interval.low);
    assert.ok(Math.abs(p - 0.025) < 1e-9);
  }
  const p = pairedDifferencePValue({ won: 30, lost: 18, rows: 400 }, -0.02);
  assert.ok(Math.abs(p / 0.0024648868730202805 - 1) < 1e-6, String(p));
});

test('models that never differ have an interval that shrinks with the rows, not none', () => {
  const few = pairedDifferenceInterval({ won: 0, lost: 0, rows: 50 }, 0.95);
  const many = pairedDifferenceInterval({ won: 0, lost: 0, rows: 5000 }, 0.95);
  assert.ok(few.low < -0.05 && few.high > 0.05);
  assert.ok(many.low > -0.001 && many.high < 0.001);
});

const ranking = (truth: readonly number[], scores: readonly number[]): ClassRanking =>
  classRankings({
    kind: 'classification',
    rows: truth.length,
    classes: 2,
    truth: Int32Array.from(truth),
    labels: Int32Array.from(scores, (p) => Number(p > 0.5)),
    probabilities: Float64Array.from(scores.flatMap((p) => [1 - p, p])),
  })[0]!;

test("DeLong's deviation is that of his covariance matrix, ties and all", () => {
  const truth = [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1];
  const first = ranking(truth, [0.9, 0.3, 0.6, 0.6, 0.4, 0.6, 0.2, 0.1, 0.8, 0.5, 0.2, 0.7]);
  const second = ranking(truth, [0.8, 0.2, 0.9, 0.4, 0.5, 0.4, 0.6, 0.1, 0.7, 0.3, 0.6, 0.9]);
  const { value, deviation } = delong(first, second);
  // numpy: sqrt(L @ (S10/m + S01/n) @ L) of the m × n indicators
  assert.ok(Math.abs(value - 0.06944444444444442) < 1e-12);
  assert.ok(Math.abs(deviation - 0.14724842534109522) < 1e-12);
});

test('DeLong takes a hundred thousand rows', () => {
  const random = createRandom(1);
  const truth = Array.from({ length: 100_000 }, () => Number(random() < 0.3));
  const scores = (): number[] => truth.map((y) => Math.min(0.99, Math.max(0.01, random() + y / 5)));
  const { deviation } = delong(ranking(truth, scores()), ranking(truth, scores()));
  assert.ok(deviation > 0 && deviation < 0.005);
});
