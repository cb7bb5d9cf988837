import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Column } from '../core/table.ts';
import type { ReadTable } from './column-source.ts';
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

async function read(name: string, rows: readonly string[]): Promise<ReadTable> {
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

test('what is no number, after many rows of numbers, is missing and told, and makes no text of these', async () => {
  for (const odd of ['1_000', 'many', '1e400']) {
    const { columns, notes } = await read('mistake', withLast(odd));
    assert.ok(Number.isNaN(numbersOf(columns[0])[ROWS]));
    assert.deepEqual(notes, [
      `1 of the 60001 values of column 'x_1' is not a number and counts as missing: '${odd}' (row 60001)`,
    ]);
  }
});

const LATE_CODES: readonly (readonly [text: string, why: RegExp])[] = [
  ['0012', /'0012' begins with a zero/],
  [' 0012', /'0012' begins with a zero/],
  ['"007"', /'007' begins with a zero/],
  ['-012', /'-012' begins with a zero/],
  ['9007199254740993', /'9007199254740993' has more digits/],
  ['+34600123456', /'\+34600123456' is written like a telephone number/],
];

test('a code after many rows of numbers makes texts of all of them, to the digit', async () => {
  for (const [code, why] of LATE_CODES) {
    const rows = [...PLAIN, `1.5,level 1,${code}`];
    const { columns, notes } = await read('codes', rows);
    const [x, , z] = columns;
    assert.equal(numbersOf(x)[ROWS], 1.5);
    assert.ok(z?.kind === 'categorical', code);
    assert.equal(z.dictionary[z.codes[ROWS] ?? -1], code.replaceAll(/[ "]/g, ''));
    assert.match(notes.join(), why);
  }
});

test('what looks like a code within texts leaves the numbers of a long file be', async () => {
  const dated = PLAIN.map((row, i) => row.replace('level 1', `2024-01-0${1 + (i % 9)} 05:06:07`));
  const coded = PLAIN.map((row) => row.replace('level', '007'));
  for (const rows of [dated, coded])
    assert.equal(numbersOf((await read('within', rows)).columns[0])[1], 1.25);
});

test('a dot of thousands in a late row of whole numbers is refused, as in a short file', async () => {
  const whole = Array.from({ length: 150_000 }, (_, i) => `${i % 977},level ${i % 3},${i % 900}`);
  await assert.rejects(
    read('dots', [...whole, '2.390,level 1,7']),
    /row 150001, column 'x_1': '2\.390' may be 2390 or 2\.390/,
  );
});

test('texts in front of a long column of numbers are mistakes up to one in twenty, whatever follows', async () => {
  const withTexts = (n: number): readonly string[] =>
    PLAIN.map((row, i) => (i < n ? row.replace(/^[^,]*/, 'unknown') : row));
  const few = await read('in-front', withTexts(ROWS / 20));
  assert.equal(numbersOf(few.columns[0])[ROWS - 1], ((ROWS - 1) % 977) + 0.25);
  assert.match(few.notes.join(), /3000 of the 60000 values .* 'unknown' \(row 1\)/);
  const many = await read('categories', withTexts(ROWS / 20 + 1));
  assert.equal(many.columns[0]?.kind, 'categorical');
  assert.match(
    many.notes.join(),
    /column 'x_1' is text: 56999 of its 60000 values look like numbers/,
  );
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
  const { columns, notes } = await read('both', [...rows, '2_000,level_1,7']);
  assert.ok(Number.isNaN(numbersOf(columns[0])[ROWS]));
  assert.match(notes.join(), /'2_000' \(row 60001\)/);
});

test('a row with too few fields is named by its line, in a long file too', async () => {
  await assert.rejects(read('ragged', [...PLAIN, '1,level 1']), /line 60002 has 2 fields/);
});
