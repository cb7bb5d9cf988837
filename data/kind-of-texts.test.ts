import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { utils, write } from '@e965/xlsx';
import { pipelineSchema } from '../pipelines/schema.ts';
import type { ReadTable } from './column-source.ts';
import { withDatabase, sqlString } from './duckdb.ts';
import { readDataset, type ReadOptions } from './read-dataset.ts';

const yaml = { name: 'any', files: { folder: 'in' }, target: 'y' };
const { csv: CSV } = pipelineSchema.parse(yaml).files;

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kind-of-texts-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function read(
  name: string,
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
): Promise<ReadTable> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return readDataset(file, { format: 'auto', csv: CSV, ...options });
}

type Value = string | number | null;

/** Numbers and times as they are, categories as their text, missing as null. */
function valuesOf(table: ReadTable, name: string): readonly Value[] {
  const column = table.columns.find((each) => each.name === name);
  assert.ok(column !== undefined, name);
  return column.kind === 'categorical'
    ? Array.from(column.codes, (code) => column.dictionary[code] ?? null)
    : Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** One column of texts in each format, beside one of letters. */
const FORMATS: Readonly<Record<string, (texts: readonly string[]) => Promise<ReadTable>>> = {
  csv: (texts) => read('t.csv', `k,x\n${texts.map((text) => `a,${quoted(text)}`).join('\n')}\n`),
  tsv: (texts) => read('t.tsv', `k\tx\n${texts.map((text) => `a\t${quoted(text)}`).join('\n')}\n`),
  jsonl: (texts) =>
    read('t.jsonl', texts.map((text) => JSON.stringify({ k: 'a', x: text })).join('\n')),
  xlsx: (texts) => {
    const sheet = utils.aoa_to_sheet([['k', 'x'], ...texts.map((text) => ['a', text])]);
    const workbook = utils.book_new();
    utils.book_append_sheet(workbook, sheet, 'data');
    return read('t.xlsx', write(workbook, { type: 'buffer', bookType: 'xlsx' }) as Uint8Array);
  },
  parquet: async (texts) => {
    const rows = texts.map((text) => `('a', ${sqlString(text)})`).join(', ');
    return parquet(`SELECT * FROM (VALUES ${rows}) AS t(k, x)`);
  },
};

async function parquet(query: string, options: Partial<ReadOptions> = {}): Promise<ReadTable> {
  const file = path.join(folder, 't.parquet');
  await withDatabase({ folder }, (connection) =>
    connection.run(`COPY (${query}) TO ${sqlString(file)} (FORMAT parquet)`),
  );
  return readDataset(file, { format: 'auto', csv: CSV, ...options });
}

/** What the texts of a column are, whatever the format of the file. */
const MEANINGS: readonly (readonly [
  what: string,
  texts: readonly string[],
  values: readonly Value[],
])[] = [
  ['plain numbers', ['1', '-2.5', '+3', '.5', '5.', '1e3'], [1, -2.5, 3, 0.5, 5, 1000]],
  ['codes with zeros in front', ['0012', '12', '012', '7'], ['0012', '12', '012', '7']],
  [
    'whole numbers that doubles do not tell apart',
    ['9007199254740992', '9007199254740993', '5'],
    ['9007199254740992', '9007199254740993', '5'],
  ],
  ['telephone numbers', ['+34911223344', '34911223344'], ['+34911223344', '34911223344']],
  ['part numbers like dates', ['5010-01-12', '2040-11-12'], ['5010-01-12', '2040-11-12']],
  ['an open end among dates', ['2024-01-02', '9999-12-31'], [1704153600000, 253402214400000]],
  [
    'versions',
    ['1.1', '1.10', '1.1', '1.10', '2.0', '2.0'],
    ['1.1', '1.10', '1.1', '1.10', '2.0', '2.0'],
  ],
  ['words in hexadecimal', ['0x1A', '5d', '12'], ['0x1A', '5d', '12']],
  ['decimal commas', ['2390,31', '1,5', '995'], [2390.31, 1.5, 995]],
  ['commas of thousands', ['2,390.31', '1,841.25', '995'], [2390.31, 1841.25, 995]],
  ['dots of thousands', ['2.390,31', '1.841', '995'], [2390.31, 1841, 995]],
  ['dots of millions', ['1.234.567', '2.390'], [1234567, 2390]],
  ['spaces of thousands', ['2\u00a0390.31', '1\u202f841', '1 000 000'], [2390.31, 1841, 1000000]],
  ['apostrophes of thousands', ["2'390.31", '1\u2019841'], [2390.31, 1841]],
  ['percentages', ['95.6%', '5 %', '-0.1%'], [0.956, 0.05, -0.001]],
  ['currencies before and behind', ['€ 12.50', '€3', '-€4.25'], [12.5, 3, -4.25]],
  ['codes of currencies', ['12.50 EUR', '3.25 EUR'], [12.5, 3.25]],
  ['a minus of typesetters', ['\u221212.50', '3.5'], [-12.5, 3.5]],
  ['a minus behind, and brackets', ['12.50-', '(3.25)', '7'], [-12.5, -3.25, 7]],
  ['booleans in any spelling', ['True', 'FALSE', 'true'], ['true', 'false', 'true']],
  ['white space around', [' a\t', '\u00a0a', 'a', 'b\ufeff'], ['a', 'a', 'a', 'b']],
  ['accents in two forms', ['Gru\u0308n', 'Gr\u00fcn'], ['Grün', 'Grün']],
  [
    'nothing, in the spellings of programs',
    ['1', 'NULL', 'N/A', '\\N', 'None', 'nan', '#N/A', '#DIV/0!'],
    [1, null, null, null, null, null, null, null],
  ],
  ['nothing among numbers', ['1', '-', '.', 'none', 'n.a.'], [1, null, null, null, null]],
  [
    'the same among words',
    ['x', '-', '.', 'none', 'NULL', 'nan'],
    ['x', '-', '.', 'none', null, null],
  ],
];

describe('the values of a column of texts, in every format', () => {
  for (const [what, texts, values] of MEANINGS) {
    it(`are, for ${what}, what they were written for`, async () => {
      for (const [format, readTexts] of Object.entries(FORMATS)) {
        assert.deepEqual(valuesOf(await readTexts(texts), 'x'), values, format);
      }
    });
  }
});

describe('what is not certain', () => {
  const threes = 'a;b\n1;2.390\n2;995\n3;1.841\n';
  const withSigns = (signs: Partial<typeof CSV>): Partial<ReadOptions> => ({
    csv: { ...CSV, ...signs },
  });

  it('is asked for, and read as the setting says: numbers with three digits behind every dot', async () => {
    await assert.rejects(
      read('threes.csv', threes),
      /row 1, column 'b': '2\.390' may be 2390 or 2\.390, .* set files\.csv\.decimal/,
    );
    const comma = await read('threes.csv', threes, withSigns({ decimal: ',' }));
    assert.deepEqual(valuesOf(comma, 'b'), [2390, 995, 1841]);
    const dot = await read('threes.csv', threes, withSigns({ decimal: '.' }));
    assert.deepEqual(valuesOf(dot, 'b'), [2.39, 995, 1.841]);
    const thousands = await read('threes.csv', threes, withSigns({ thousands: '.' }));
    assert.deepEqual(valuesOf(thousands, 'b'), [2390, 995, 1841]);
  });

  it('is told by the other columns, where these are certain', async () => {
    const comma = await read('told.csv', 'a;b\n1,5;2.390\n2,25;995\n');
    assert.deepEqual(
      [valuesOf(comma, 'a'), valuesOf(comma, 'b')],
      [
        [1.5, 2.25],
        [2390, 995],
      ],
    );
    const dot = await read('told.csv', 'a;b\n1.5;2.390\n2.25;995\n');
    assert.deepEqual(
      [valuesOf(dot, 'a'), valuesOf(dot, 'b')],
      [
        [1.5, 2.25],
        [2.39, 995],
      ],
    );
    const ungrouped = await read('told.csv', 'a;b\nx;2.390\ny;1995\n');
    assert.deepEqual(valuesOf(ungrouped, 'b'), [2.39, 1995]);
  });

  it('is no question where the format has numbers of its own', async () => {
    const numbers = await read('n.jsonl', '{"a":2.390}\n{"a":1.841}\n');
    assert.deepEqual(valuesOf(numbers, 'a'), [2.39, 1.841]);
  });

  it('is text, and told, for amounts in several currencies and for numbers among many words', async () => {
    const mixed = await read('mixed.csv', 'a;b\n€5;1\n$6;2\n');
    assert.deepEqual(valuesOf(mixed, 'a'), ['€5', '$6']);
    assert.match(mixed.notes.join(), /column 'a' is text: its amounts are in 2 currencies/);
    const rows = Array.from({ length: 30 }, (_, i) => (i % 5 === 0 ? `A${i}` : `${i}`));
    const words = await read('words.csv', `a,b\n${rows.map((text) => `${text},1`).join('\n')}\n`);
    assert.match(
      words.notes.join(),
      /'a' is text: 24 of its 30 values look like numbers.*'A0'.*columns\.a\.kind: numeric/,
    );
  });
});

describe('what pipeline.yaml declares', () => {
  it('holds: text as it is written, numbers without what is none', async () => {
    const content = 'id,code,n\n7.0,12,1\n8.0,13,x\n9.0,0012,3\n';
    const columns = {
      id: { kind: 'text' },
      code: { kind: 'numeric' },
      n: { kind: 'numeric' },
    } as const;
    const table = await read('declared.csv', content, { columns });
    assert.deepEqual(valuesOf(table, 'id'), ['7.0', '8.0', '9.0']);
    assert.deepEqual(valuesOf(table, 'code'), [12, 13, 12]);
    assert.deepEqual(valuesOf(table, 'n'), [1, null, 3]);
    assert.match(
      table.notes.join(),
      /1 of the 3 values of column 'n' is not a number .* 'x' \(row 2\)/,
    );
  });

  it('is refused where it cannot hold', async () => {
    await assert.rejects(
      read('not.csv', 'a,b\nx,1\ny,2\n', { columns: { a: { kind: 'numeric' } } }),
      /column 'a' is declared numeric in pipeline\.yaml \(columns\), and 2 of its 2 values are not a number: row 1 has 'x'/,
    );
    await assert.rejects(
      parquet("SELECT TIMESTAMP '2024-01-01' AS a, 1 AS b", {
        columns: { a: { kind: 'numeric' } },
      }),
      /column 'a' is declared numeric/,
    );
  });

  it('gives way to nothing: a column that the champion knows is read as it knows it', async () => {
    const known = { code: 'categorical', n: 'numeric' } as const;
    const table = await read('known.csv', 'code,n\n7.0,0012\n8,12\n', { known });
    assert.deepEqual(
      [valuesOf(table, 'code'), valuesOf(table, 'n')],
      [
        ['7.0', '8'],
        [12, 12],
      ],
    );
  });
});

describe('columns of parquet with types of their own', () => {
  it('are text to the digit where doubles would not hold them', async () => {
    const table = await parquet(
      "SELECT * FROM (VALUES (1790000000000000001::BIGINT, 18446744073709551615::UBIGINT, 5::BIGINT, '12345678901234567890'::DECIMAL(20,0)), (2, 3, 6, 4)) AS t(a, b, c, d)",
    );
    assert.deepEqual(valuesOf(table, 'a'), ['1790000000000000001', '2']);
    assert.deepEqual(valuesOf(table, 'b'), ['18446744073709551615', '3']);
    assert.deepEqual(valuesOf(table, 'c'), [5, 6]);
    assert.deepEqual(valuesOf(table, 'd'), ['12345678901234567890', '4']);
    assert.match(table.notes.join(), /column 'a' is text: it holds whole numbers of more digits/);
  });

  it('are written as a text file writes them, where text is wanted', async () => {
    const columns = { a: { kind: 'text' } } as const;
    const table = await parquet('SELECT * FROM (VALUES (7.0::DOUBLE), (1.5)) AS t(a)', { columns });
    assert.deepEqual(valuesOf(table, 'a'), ['7', '1.5']);
  });
});

it('numbers of JSON keep their digits', async () => {
  const table = await read('ids.jsonl', '{"id":1790000000000000001}\n{"id":1790000000000000002}\n');
  assert.deepEqual(valuesOf(table, 'id'), ['1790000000000000001', '1790000000000000002']);
});

describe('rows that are none', () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i},${i}.5,x`).join('\n');

  it('are left out and counted: lines of delimiters and blanks, and repeated headers', async () => {
    const table = await read(
      'none.csv',
      `id,amount,k\n${rows}\n,,\n , ,\u00a0\n\ufeffid,amount,k\n99,1.5,y\n`,
    );
    assert.equal(table.rows, 21);
    assert.deepEqual(valuesOf(table, 'id').at(-1), 99);
    assert.deepEqual(table.notes, [
      '2 rows without any value were left out',
      '1 row that repeats the header was left out',
    ]);
  });

  it('are left out of long files too', async () => {
    const long = Array.from({ length: 60_000 }, (_, i) => `${i},${i}.25,level ${i % 3}`).join('\n');
    const table = await read('long.csv', `id,amount,k\n${long}\n,,\n,,\n7,1.25,x\n`);
    assert.equal(table.rows, 60_001);
    assert.equal(valuesOf(table, 'id').at(-1), 7);
    assert.deepEqual(table.notes, ['2 rows without any value were left out']);
  });

  it('are refused with what to do: totals and units', async () => {
    await assert.rejects(
      read('total.csv', `id,amount,k,l\n${rows.replaceAll(/$/gm, ',l')}\nTotal,210.5,,\n`),
      /row 21 looks like a total: 'Total' in column 'id'.*remove the row/,
    );
    await assert.rejects(
      read('units.csv', `id,amount,k\n,EUR,\n${rows.replaceAll(/^\d+,/gm, 'o,')}\n`),
      /row 1 looks like units .* 'amount' holds numbers, and 'EUR' in row 1; remove the row/,
    );
  });

  it('are no columns either: a table that begins further to the right has no column before it', async () => {
    const table = await read('right.csv', ',a,b\n,1,x\n,2,y\n');
    assert.deepEqual(
      table.columns.map(({ name }) => name),
      ['a', 'b'],
    );
    const sheet = utils.aoa_to_sheet([[], [null, 'a', 'b'], [null, 1, 'x'], [null, 2, 'y']]);
    const workbook = utils.book_new();
    utils.book_append_sheet(workbook, sheet, 'data');
    const bytes = write(workbook, { type: 'buffer', bookType: 'xlsx' }) as Uint8Array;
    const ofSheet = await read('right.xlsx', bytes);
    assert.deepEqual(
      ofSheet.columns.map(({ name }) => name),
      ['a', 'b'],
    );
  });
});

it('what was taken for missing is told by its spelling, with how often and where', async () => {
  const table = await read('country.csv', 'country,n\nNA,1\nDE,NULL\nNA,3\n');
  assert.deepEqual(table.notes, [
    "'NA' was taken for missing 2 times, in 'country'",
    "'NULL' was taken for missing once, in 'n'",
  ]);
});

it('decimals of parquet that are wider than what is read are refused with column and type', async () => {
  const file = new URL('./fixtures/decimal-50-2.parquet', import.meta.url).pathname;
  await assert.rejects(
    readDataset(file, { format: 'auto', csv: CSV }),
    /column 'amount' is of type DECIMAL\(50, 2\); decimals of at most 38 digits are read/,
  );
});
