import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { categorical, numeric, table, times } from '../fixtures/tables.ts';
import { DEFAULT_MAX_ROWS, encodeRows } from './encode-rows.ts';
import { COLUMNS, correlatedTable } from './fixtures/correlated.ts';

const OPTIONS = { maxRows: DEFAULT_MAX_ROWS, seed: 1 };

/** Values of one dimension in ascending order: rows come in random order. */
function dimension(
  points: { data: Float64Array; rows: number; cols: number },
  j: number,
): number[] {
  return times(points.rows, (i) => points.data[i * points.cols + j] ?? NaN).sort((x, y) => x - y);
}

test('numbers are in units of the reference’s deviation from its mean', () => {
  const pair = encodeRows(
    table(numeric('x', [1, 3, 5])),
    table(numeric('x', [3, 3 + Math.sqrt(8 / 3)])),
    ['x'],
    OPTIONS,
  );
  assert.deepEqual(pair.columns, ['x']);
  [-1, 0, 1].forEach((sign, i) => {
    assert.ok(Math.abs((dimension(pair.reference, 0)[i] ?? NaN) - sign * Math.sqrt(1.5)) < 1e-12);
  });
  assert.ok(Math.abs((dimension(pair.current, 0)[1] ?? NaN) - 1) < 1e-12);
});

test('missing numbers are at the mean, and flagged', () => {
  const pair = encodeRows(
    table(numeric('x', [1, 3])),
    table(numeric('x', [NaN, 1])),
    ['x'],
    OPTIONS,
  );
  assert.deepEqual([...pair.columnOfDimension], [0, 0]);
  assert.deepEqual(dimension(pair.current, 0).map(Math.round), [-1, 0]);
  // The reference has no missing value: the height is that of the least spread.
  assert.deepEqual(dimension(pair.current, 1), [0, 1 / Math.sqrt(0.05)]);
  assert.deepEqual(dimension(pair.reference, 1), [0, 0]);
});

test('each column weighs the same: two rows of the reference are at a squared distance of about 2 in it', () => {
  const pair = encodeRows(
    correlatedTable(createRandom(1), 2000, 0),
    correlatedTable(createRandom(2), 10, 0),
    COLUMNS,
    OPTIONS,
  );
  const { data, rows, cols } = pair.reference;
  const squares = new Float64Array(COLUMNS.length);
  for (let i = 1; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const square = ((data[i * cols + j] ?? NaN) - (data[(i - 1) * cols + j] ?? NaN)) ** 2;
      const column = pair.columnOfDimension[j] ?? NaN;
      squares[column] = (squares[column] ?? NaN) + square / (rows - 1);
    }
  }
  pair.columns.forEach((name, column) => {
    // A column with gaps has its flag besides.
    const expected = name === 'gaps' ? 3 : 2;
    assert.ok(Math.abs((squares[column] ?? NaN) - expected) < 0.35, `${name}: ${squares[column]}`);
  });
});

test('categories are told apart by name, whatever their codes', () => {
  const pair = encodeRows(
    table(categorical('k', ['b', 'b', 'c'])),
    table(categorical('k', ['a', 'b', null])),
    ['k'],
    OPTIONS,
  );
  // b, then a, c and missing, in order of frequency and name
  assert.equal(pair.reference.cols, 4);
  const height = 1 / Math.sqrt(1 - 5 / 9);
  for (const points of [pair.reference, pair.current]) {
    for (let i = 0; i < 3; i++) {
      const row = points.data.subarray(i * 4, i * 4 + 4);
      assert.ok(Math.abs(row.reduce((sum, x) => sum + x, 0) - height) < 1e-12);
    }
  }
  assert.deepEqual(dimension(pair.reference, 0).filter((x) => x > 0).length, 2);
  assert.deepEqual(dimension(pair.current, 0).filter((x) => x > 0).length, 1);
});

test('many categories share a last dimension', () => {
  const names = times(60, (i) => `level ${i}`);
  const pair = encodeRows(
    table(categorical('k', names)),
    table(categorical('k', names)),
    ['k'],
    OPTIONS,
  );
  assert.equal(pair.reference.cols, 21);
});

test('constant columns get no dimension, unless the constant changes', () => {
  const before = table(numeric('x', [5, 5]), numeric('y', [1, 1]), categorical('k', ['a', 'a']));
  const now = table(numeric('x', [5, 5]), numeric('y', [2, 2]), categorical('k', ['a', 'a']));
  const pair = encodeRows(before, now, ['x', 'y', 'k'], OPTIONS);
  assert.deepEqual(pair.columns, ['y']);
  assert.deepEqual(dimension(pair.reference, 0), [-1, -1]);
  assert.deepEqual(dimension(pair.current, 0), [1, 1]);
  assert.deepEqual(encodeRows(before, before, ['x', 'k'], OPTIONS).columns, []);
});

test('points are finite, from the largest numbers too', () => {
  const pair = encodeRows(
    table(numeric('x', [-1e308, 1e308, NaN, 0])),
    table(numeric('x', [1e308, NaN, -5e-324])),
    ['x'],
    OPTIONS,
  );
  const outlier = encodeRows(
    table(numeric('x', [0, 1])),
    table(numeric('x', [1e300])),
    ['x'],
    OPTIONS,
  );
  assert.ok([...pair.reference.data, ...pair.current.data].every(Number.isFinite));
  assert.deepEqual([...outlier.current.data], [20]);
});

test('long tables are drawn from, by seed', () => {
  const long = correlatedTable(createRandom(3), 500, 0);
  const draw = (seed: number): Float64Array =>
    encodeRows(long, long, COLUMNS, { maxRows: 40, seed }).reference.data;
  assert.equal(draw(1).length, 40 * 8);
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
});

test('columns that do not fit are refused by name', () => {
  const numbers = table(numeric('x', [1]));
  const words = table(categorical('x', ['a']));
  assert.throws(
    () => encodeRows(numbers, words, ['x'], OPTIONS),
    /'x' is numeric and then categorical/,
  );
  assert.throws(() => encodeRows(numbers, numbers, ['z'], OPTIONS), /no column 'z'/);
  assert.throws(() => encodeRows(numbers, table(), ['x'], OPTIONS), /need rows, got 1 and 0/);
});
