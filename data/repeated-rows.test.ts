import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createRandom } from '../core/random.ts';
import type { Column } from '../core/table.ts';
import { openRowHashes } from './repeated-rows.ts';
import { summariseColumns } from './summarise-columns.ts';
import { withTableParquet, writeTableParquet } from './table-parquet.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'repeated-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const ROWS = 600_000;

/** Four columns of numbers, more than one scan reads, and a column of categories. */
function rowsOf(valueAt: (column: number, row: number) => number): readonly Column[] {
  const numbers = ['a', 'b', 'c', 'd'].map((name, j) => {
    const values = Float64Array.from({ length: ROWS }, (_, i) => valueAt(j, i));
    return { kind: 'numeric', name, values } as const;
  });
  const dictionary = ['x', 'y'];
  const codes = Int32Array.from({ length: ROWS }, (_, i) => i % 2);
  return [...numbers, { kind: 'categorical', name: 'level', dictionary, codes }];
}

async function repeatedRowsOf(columns: readonly Column[]): Promise<number | undefined> {
  const file = path.join(folder, 'table.parquet');
  await writeTableParquet({ rows: ROWS, columns }, file);
  return (await withTableParquet(file, summariseColumns)).repeatedRows;
}

test('rows that are all different repeat none, also where they agree in the columns read first', async () => {
  const random = createRandom(1);
  assert.equal(await repeatedRowsOf(rowsOf(() => random())), 0);
  assert.equal(await repeatedRowsOf(rowsOf((column, row) => (column < 3 ? row % 7 : row))), 0);
});

test('of hundreds of thousands of rows the only one that repeats another one is found', async () => {
  const random = createRandom(2);
  const columns = rowsOf(() => random());
  for (const column of columns) {
    if (column.kind === 'categorical') column.codes[ROWS - 2] = column.codes[17] ?? -1;
    else column.values[ROWS - 2] = column.values[17] ?? NaN;
  }
  assert.equal(await repeatedRowsOf(columns), 1);
});

test('missing values are equal to one another', async () => {
  assert.equal(await repeatedRowsOf(rowsOf(() => NaN)), ROWS - 2);
});

/** Hashes that are spread evenly. */
function hashesOf(count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const bits = (): number => Math.floor(random() * 2 ** 26);
  return Float64Array.from({ length: count }, () => bits() * 2 ** 26 + bits());
}

test('equal hashes are found however far apart they come, and none where there are none', () => {
  const different = openRowHashes([], ROWS);
  different.add(hashesOf(ROWS, 3));
  assert.equal(different.haveEqual(), false);
  const equal = openRowHashes([], ROWS);
  const hashes = hashesOf(ROWS - 1, 3);
  equal.add(hashes);
  equal.add(hashes.subarray(0, 1));
  assert.equal(equal.haveEqual(), true);
});

test('of very many rows those of one part stand for all', () => {
  const rows = 8_000_000;
  const hashes = openRowHashes([], rows);
  const beyond = 2 ** 51;
  hashes.add(Float64Array.of(1, beyond, beyond));
  assert.equal(hashes.haveEqual(), false);
  const within = openRowHashes([], rows);
  within.add(Float64Array.of(1, beyond, 1));
  assert.equal(within.haveEqual(), true);
});
