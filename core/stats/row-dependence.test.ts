import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import { mergeCurves, dependenceOfCells, dependenceOfNumbers } from './row-dependence.ts';
import { normal, times } from '../drift/fixtures/tables.ts';

const dependenceOf = (values: readonly number[]): ReturnType<typeof dependenceOfNumbers> => {
  const column = Float64Array.from(values);
  return dependenceOfNumbers(column, column.filter((x) => !Number.isNaN(x)).sort());
};

test('chunks of equal size are compared with all others, by hand', () => {
  // 17 rows: chunks of 4, 4, 4 and 5, as the short last one goes with the one before.
  const values = [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0];
  const [chunks, ...longer] = dependenceOf(values).side;
  assert.deepEqual(longer, []);
  assert.equal(chunks?.rows, 4);
  // Shares above the median 1, 0, 1, 0: Pearson's χ² of the 2 × 4 table is 17, on 3 degrees of freedom.
  assert.ok(Math.abs(chunks.others - 17 / 3) < 1e-12, String(chunks.others));
  // Neighbours differ by 1 each time: Σ 1/(p(1 − p)(1/nᵢ + 1/nⱼ)) ÷ 3.
  const variance = (8 / 17) * (9 / 17);
  const neighbours = (2 / (variance * (1 / 4 + 1 / 4)) + 1 / (variance * (1 / 4 + 1 / 5))) / 3;
  assert.ok(Math.abs(chunks.neighbours - neighbours) < 1e-12);
});

test('chunks of independent rows differ as chance says, at every length', () => {
  const random = createRandom(1);
  const samples = times(200, () => dependenceOf(times(403, () => normal(random))));
  for (const score of ['height', 'side', 'distance'] as const) {
    samples[0]?.[score].forEach(({ freedom }, j) => {
      const mean = (value: 'others' | 'neighbours'): number =>
        samples.reduce((sum, own) => sum + (own[score][j]?.[value] ?? NaN) / samples.length, 0);
      const error = Math.sqrt(2 / freedom / samples.length);
      assert.ok(Math.abs(mean('others') - 1) < 4 * error, `${score} ${j}: ${mean('others')}`);
      assert.ok(Math.abs(mean('neighbours') - 1) < 6 * error, `${score} ${j}`);
    });
  }
});

test('rows that repeat are seen in numbers, in categories and in what is missing', () => {
  const random = createRandom(2);
  const entities = times(200, () => normal(random));
  const values = times(1000, (i) => entities[Math.floor(i / 5)] ?? NaN);
  const numbers = dependenceOf(values.map((x) => (x > 1 ? NaN : x)));
  const cells = dependenceOfCells(Int32Array.from(values, (x) => (x > 1 ? -1 : x > 0 ? 1 : 0)));
  for (const curve of [
    numbers.height,
    numbers.side,
    numbers.missing,
    cells.shares,
    cells.missing,
  ]) {
    const longest = curve.find(({ rows }) => rows === 32);
    assert.ok(
      longest !== undefined && longest.others > 3 && longest.others < 8,
      JSON.stringify(curve),
    );
  }
});

test('nothing is learned from what does not vary, nor from a few rows', () => {
  assert.deepEqual(dependenceOf(times(100, () => 3)).height, []);
  assert.deepEqual(dependenceOf(times(100, () => NaN)).missing, []);
  assert.deepEqual(dependenceOf(times(15, (i) => i)).height, []);
  assert.deepEqual(dependenceOfCells(new Int32Array(100)).shares, []);
});

test('what two runs of rows show is pooled, with the degrees of freedom of both', () => {
  const random = createRandom(3);
  const [a, b] = [100, 50].map((rows) => dependenceOf(times(rows, () => normal(random))).height);
  assert.ok(a !== undefined && b !== undefined);
  const merged = mergeCurves(a, b);
  assert.equal(merged.length, a.length);
  assert.deepEqual(merged.at(-1), a.at(-1));
  const [first, x, y] = [merged[0], a[0], b[0]];
  assert.ok(first !== undefined && x !== undefined && y !== undefined);
  assert.equal(first.freedom, x.freedom + y.freedom);
  const pooled = (x.freedom * x.others + y.freedom * y.others) / first.freedom;
  assert.ok(Math.abs(first.others - pooled) < 1e-12);
  assert.deepEqual(mergeCurves(b, a), merged);
});
