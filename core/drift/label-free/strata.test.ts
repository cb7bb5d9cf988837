import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { errorRatio, stratify } from './strata.ts';

test('held-out rows are in ten strata of as many rows, by what was expected of them', () => {
  const random = createRandom(1);
  const expected = Float64Array.from({ length: 1000 }, () => random());
  const strata = stratify(
    expected,
    expected.map((loss) => loss * random()),
  );
  assert.equal(strata.length, 10);
  assert.ok(strata.every(({ rows }) => rows === 100));
  assert.ok(strata.every(({ from }, h) => h === 0 || from > strata[h - 1]!.from));
  assert.ok(strata[9]!.variance > 10 * strata[0]!.variance);
});

test('rows of equal expectation are in one stratum, all of them where nothing tells them apart', () => {
  const losses = Float64Array.from({ length: 200 }, (_, i) => i % 3);
  const [whole, ...others] = stratify(new Float64Array(200).fill(0.4), losses);
  assert.deepEqual([whole, others], [{ from: 0.4, rows: 200, variance: 1 }, []]);
  const tied = stratify(
    Float64Array.from({ length: 200 }, (_, i) => (i < 150 ? 0.1 : 0.5)),
    losses,
  );
  assert.deepEqual(
    tied.map(({ from, rows }) => [from, rows]),
    [
      [0.1, 150],
      [0.5, 50],
    ],
  );
});

test('without strata the error is that of the held-out mean and that of the new one', () => {
  const strata = [{ from: 0.4, rows: 200, variance: 1 }];
  assert.ok(Math.abs(errorRatio(strata, new Float64Array(50)) - (1 + 200 / 50)) < 1e-12);
});

test('rows from a stratum of few rows, whose losses vary more, are the less known', () => {
  const strata = [
    { from: 0.1, rows: 150, variance: 0.5 },
    { from: 0.6, rows: 50, variance: 2 },
  ];
  // All 80 rows are of the second: 200 · 2 · (1 ÷ 50 + 1 ÷ 80).
  assert.ok(Math.abs(errorRatio(strata, new Float64Array(80).fill(0.7)) - 13) < 1e-12);
  // 60 of the first, one of them below all held-out rows, and 20 of the second.
  const mixed = Float64Array.from({ length: 80 }, (_, i) => (i === 0 ? 0 : i < 60 ? 0.2 : 0.6));
  const first = 0.5 * (0.75 ** 2 / 150 + 0.75 / 80);
  const second = 2 * (0.25 ** 2 / 50 + 0.25 / 80);
  assert.ok(Math.abs(errorRatio(strata, mixed) - 200 * (first + second)) < 1e-12);
});

test('a stratum of rows that were all right is not sure, and strata of losses that do not vary are all alike', () => {
  const expected = Float64Array.from({ length: 100 }, (_, i) => i / 100);
  const right = stratify(expected, new Float64Array(100));
  assert.ok(right.every(({ variance }) => variance > 0));
  const equal = stratify(expected, new Float64Array(100).fill(0.25));
  assert.ok(equal.every(({ variance }) => variance === 1));
});
