import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Column, Table } from '../core/table.ts';
import { readDataset, type ReadOptions } from './read-dataset.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'load-delimited-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const READING: ReadOptions = {
  format: 'auto',
  csv: { encoding: 'utf-8', quote: '"', missing: ['', 'NA', '-999'] },
};

/** Long enough to be looked ahead in: 1.5 MB. */
const ROWS = 60_000;
const PLAIN = Array.from({ length: ROWS }, (_, i) => `${i % 977}.25,level ${i % 3},${i}`);

async function read(name: string, rows: readonly string[]): Promise<Table> {
  const file = path.join(folder, `${name}.csv`);
  await writeFile(file, `x_1,y,z_2\n${rows.join('\n')}\n`);
  return readDataset(file, READING);
}

function withLast(x: string): readonly string[] {
  return [...PLAIN, `${x},level 1,7`];
}

function numbersOf(column: Column | undefined): Float64Array {
  assert.ok(column?.kind === 'numeric', column?.kind);
  return column.values;
}

const FORMS: readonly (readonly [text: string, value: number])[] = [
  [' 1.5 ', 1.5],
  ['"2.5"', 2.5],
  ['1e3', 1000],
  ['inf', NaN],
  ['nan', NaN],
  ['1e400', NaN],
  ['NA', NaN],
  [' NA ', NaN],
  ['', NaN],
  ['""', NaN],
  ['-999', NaN],
  ['0.1', 0.1],
  ['1234567890123456', 1234567890123456],
];

test('in a long file numbers are what they are in a short one, however written', async () => {
  const table = await read(
    'forms',
    FORMS.reduce<readonly string[]>((rows, [text]) => [...rows, `${text},level 1,7`], PLAIN),
  );
  const values = numbersOf(table.columns[0]).subarray(ROWS);
  assert.deepEqual(
    Array.from(values),
    FORMS.map(([, value]) => value),
  );
  const short = await read(
    'short',
    FORMS.map(([text]) => `${text},level 1,7`),
  );
  assert.deepEqual(numbersOf(short.columns[0]), values);
});

test('a column that is numbers for long and then is not is read as text, or refused as a mistake', async () => {
  for (const odd of ['1_000', 'many']) {
    await assert.rejects(read('mistake', withLast(odd)), {
      name: 'InvalidDatasetError',
      message: new RegExp(`row 60001, column 'x_1': '${odd}' is not a number`),
    });
  }
  const codes = Array.from({ length: 4 }, (_, i) => `A${i},level 1,7`);
  const [x, , z] = (await read('codes', [...PLAIN, ...codes])).columns;
  assert.equal(x?.kind, 'categorical');
  assert.equal(numbersOf(z).length, ROWS + 4);
});

test('texts in front of a long column of numbers are a mistake up to one in twenty, whatever follows', async () => {
  const withTexts = (n: number): readonly string[] =>
    PLAIN.map((row, i) => (i < n ? row.replace(/^[^,]*/, 'unknown') : row));
  await assert.rejects(
    read('in-front', withTexts(ROWS / 20)),
    /row 1, column 'x_1': 'unknown' is not a number, as 57000 of the column's 60000 values are/,
  );
  const [x] = (await read('categories', withTexts(ROWS / 20 + 1))).columns;
  assert.equal(x?.kind, 'categorical');
});

test('the kind of a long column whose first rows are missing is told by the rows that follow', async () => {
  const tail = (value: (i: number) => string): readonly string[] =>
    PLAIN.map((row, i) => row.replace(/^[^,]*/, i < ROWS / 2 ? 'NA' : value(i)));
  const dates = tail((i) => `2024-01-${String(1 + (i % 28)).padStart(2, '0')}`);
  assert.equal((await read('late-dates', dates)).columns[0]?.kind, 'time');
  assert.equal((await read('late-numbers', tail(String))).columns[0]?.kind, 'numeric');
});

test('underscores in texts and in the header leave numbers be', async () => {
  const rows = PLAIN.map((row) => row.replace('level ', 'level_'));
  const [x, y] = (await read('underscores', rows)).columns;
  assert.equal(numbersOf(x)[1], 1.25);
  assert.ok(y?.kind === 'categorical');
  assert.deepEqual(y.dictionary, ['level_0', 'level_1', 'level_2']);
  await assert.rejects(
    read('both', [...rows, '2_000,level_1,7']),
    /column 'x_1': '2_000' is not a number/,
  );
});

test('a row with too few fields is named by its line, in a long file too', async () => {
  await assert.rejects(read('ragged', [...PLAIN, '1,level 1']), /line 60002 has 2 fields/);
});
