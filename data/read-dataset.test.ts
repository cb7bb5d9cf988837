import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { utils, write } from '@e965/xlsx';
import { columnOf } from '../core/table.ts';
import type { Table } from '../core/table.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { readDataset } from './read-dataset.ts';
import type { ReadOptions } from './read-dataset.ts';
import { writeTableParquet } from './table-parquet.ts';

const OPTIONS: ReadOptions = {
  format: 'auto',
  csv: { quote: '"', encoding: 'utf-8', missing: ['', 'NA', 'NaN', 'null', '?'] },
};

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'read-dataset-test-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function drop(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

async function read(
  name: string,
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
): Promise<Table> {
  return readDataset(await drop(name, content), { ...OPTIONS, ...options });
}

/** Numbers and times as they are, categories as their text, missing as null. */
function valuesOf(table: Table, name: string): readonly (string | number | null)[] {
  const column = columnOf(table, name);
  return column.kind === 'categorical'
    ? Array.from(column.codes, (code) => column.dictionary[code] ?? null)
    : Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
}

const kindsOf = (table: Table): readonly string[] => table.columns.map(({ kind }) => kind);
const namesOf = (table: Table): readonly string[] => table.columns.map(({ name }) => name);

async function refused(reading: Promise<Table>, ...patterns: readonly RegExp[]): Promise<void> {
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof InvalidDatasetError, String(error));
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  });
}

describe('values become columns', () => {
  it('numbers, texts, booleans, dates and missing values each have their kind', async () => {
    const table = await read(
      'kinds.csv',
      'n,s,b,d,t\n1,x,true,2024-01-02,2024-01-02T03:04:05+01:00\n-2.5e3,NA,false,,2024-01-02 00:00:00\n?,a b,true,2024-02-29,null\n',
    );
    assert.deepEqual(kindsOf(table), ['numeric', 'categorical', 'categorical', 'time', 'time']);
    assert.deepEqual(valuesOf(table, 'n'), [1, -2500, null]);
    assert.deepEqual(valuesOf(table, 's'), ['x', null, 'a b']);
    assert.deepEqual(valuesOf(table, 'b'), ['true', 'false', 'true']);
    assert.deepEqual(valuesOf(table, 'd'), [Date.UTC(2024, 0, 2), null, Date.UTC(2024, 1, 29)]);
    assert.deepEqual(valuesOf(table, 't'), [
      Date.UTC(2024, 0, 2, 2, 4, 5),
      Date.UTC(2024, 0, 2),
      null,
    ]);
  });

  it('a dictionary is in ascending code-unit order, whatever the order of the rows', async () => {
    const table = await read('order.csv', 's\nb\n\u{1f600}\n\uff5e\nB\na\n');
    const column = columnOf(table, 's');
    assert.ok(column.kind === 'categorical');
    assert.deepEqual(column.dictionary, ['B', 'a', 'b', '\u{1f600}', '\uff5e']);
  });

  it('infinities and nan are missing', async () => {
    assert.deepEqual(valuesOf(await read('inf.csv', 'x\n1\ninf\n-Infinity\nnan\n'), 'x'), [
      1,
      null,
      null,
      null,
    ]);
  });

  it('spaces around values and missing tokens do not count', async () => {
    const table = await read('spaces.csv', 'a, b\n1, x\n2, ?\n');
    assert.deepEqual(namesOf(table), ['a', 'b']);
    assert.deepEqual(valuesOf(table, 'b'), ['x', null]);
  });

  it('codes that DuckDB would read as numbers or dates stay texts', async () => {
    const table = await read('codes.csv', 'a,b\n2024_01,3-2-1\n2024_02,epoch\n');
    assert.deepEqual(kindsOf(table), ['categorical', 'categorical']);
  });

  it('the pipeline says which tokens are missing', async () => {
    const csv = { ...OPTIONS.csv, missing: ['-99'] };
    const table = await read('tokens.csv', 'a,b\n1,x\n-99,\n', { csv });
    assert.deepEqual(valuesOf(table, 'a'), [1, null]);
    assert.deepEqual(valuesOf(table, 'b'), ['x', '']);
  });

  it('a text late in a column of numbers is missing, and told with its row and the share', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => (i === 43_210 ? 'x,oops' : `x,${i}`));
    const file = await drop('late.csv', `k,price\n${rows.join('\n')}\n`);
    const table = await readDataset(file, OPTIONS);
    assert.equal(valuesOf(table, 'price')[43_210], null);
    assert.equal(valuesOf(table, 'price')[43_211], 43_211);
    assert.deepEqual(table.notes, [
      "1 of the 50000 values of column 'price' is not a number and counts as missing: 'oops' (row 43211)",
    ]);
  });

  it('one text late in a column of dates is a mistake as well', async () => {
    const rows = Array.from({ length: 40 }, () => '2024-01-01').concat('yesterday');
    await refused(read('dates.csv', `d\n${rows.join('\n')}\n`), /row 41, column 'd': 'yesterday'/);
  });

  it('a column of numbers and many other codes is categorical', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => (i % 10 === 0 ? `A${i}` : `${i}`));
    assert.deepEqual(kindsOf(await read('mixed.csv', `k\n${rows.join('\n')}\n`)), ['categorical']);
  });

  it('a column without any value is categorical with no categories', async () => {
    const column = columnOf(await read('none.csv', 'a,b\n1,\n2,NA\n'), 'b');
    assert.ok(column.kind === 'categorical');
    assert.deepEqual(column.dictionary, []);
  });
});

describe('delimited text', () => {
  it('finds commas, semicolons, tabs, bars, and in txt spaces', async () => {
    for (const [name, delimiter] of [
      ['c.csv', ','],
      ['s.csv', ';'],
      ['t.tsv', '\t'],
      ['b.txt', '|'],
      ['w.txt', ' '],
    ] as const) {
      const table = await read(name, `a,b,c\n1,2,x\n3,4,y\n`.replaceAll(',', delimiter));
      assert.deepEqual(namesOf(table), ['a', 'b', 'c'], name);
      assert.deepEqual(valuesOf(table, 'b'), [2, 4], name);
    }
  });

  it('keeps delimiters, line breaks and doubled quotes inside quotes', async () => {
    const table = await read('quotes.csv', '"a","b,\nc"\n"x, y","say ""hi""\nthere"\nz,w\n');
    assert.deepEqual(namesOf(table), ['a', 'b,\nc']);
    assert.deepEqual(valuesOf(table, 'a'), ['x, y', 'z']);
    assert.deepEqual(valuesOf(table, 'b,\nc'), ['say "hi"\nthere', 'w']);
  });

  it('reads every kind of line end, mixed or not, with and without the last one', async () => {
    for (const text of ['a,b\r\n1,2\r\n3,4\r\n', 'a,b\r1,2\r3,4', 'a,b\n1,2\r\n3,4\r']) {
      assert.deepEqual(valuesOf(await read('ends.csv', text), 'b'), [2, 4], JSON.stringify(text));
    }
  });

  it('ignores a byte order mark and blank lines before the header', async () => {
    assert.deepEqual(namesOf(await read('bom.csv', '\uFEFF\n\na,b\n1,2\n')), ['a', 'b']);
  });

  it('reads latin-1 and utf-16 when told to', async () => {
    const latin = Buffer.from('naïve,b\ncafé,1\n', 'latin1');
    const wide = Buffer.from('\uFEFFnaïve,b\ncafé,1\n', 'utf16le');
    for (const [encoding, bytes] of [
      ['latin-1', latin],
      ['utf-16', wide],
      ['utf-16', Buffer.from(wide).swap16()],
    ] as const) {
      const table = await read('encoded.csv', bytes, { csv: { ...OPTIONS.csv, encoding } });
      assert.deepEqual(valuesOf(table, 'naïve'), ['café'], encoding);
    }
  });

  it('takes column names in any script, and calls an unnamed first column index', async () => {
    const table = await read('names.csv', ',größe,温度,a\n0,1,2,3\n');
    assert.deepEqual(namesOf(table), ['index', 'größe', '温度', 'a']);
  });

  it('hostile column names are only names', async () => {
    const names = [
      '"; DROP TABLE data; --',
      "'); ATTACH 'x' AS y; --",
      '$1',
      '\u0007\u001b[31m',
      'c0',
    ];
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    const table = await read('hostile.csv', `${header}\n1,2,3,4,5\n`);
    assert.deepEqual(namesOf(table), names);
    assert.deepEqual(
      table.columns.map(({ name }) => valuesOf(table, name)[0]),
      [1, 2, 3, 4, 5],
    );
  });

  it('5,000 columns are read', async () => {
    const row = (form: (j: number) => string): string =>
      Array.from({ length: 5000 }, (_, j) => form(j)).join();
    const table = await read(
      'wide.csv',
      `${row((j) => `x${j}`)}\n${row(String)}\n${row((j) => (j % 2 === 0 ? 's' : '7'))}\n`,
    );
    assert.equal(table.columns.length, 5000);
    assert.deepEqual(valuesOf(table, 'x4999'), [4999, 7]);
    assert.deepEqual(valuesOf(table, 'x4998'), ['4998', 's']);
  });

  it('keeps the order of rows over many chunks', async () => {
    const n = 300_000;
    const rows = Array.from({ length: n }, (_, i) => `${i},s${i % 7}`);
    const table = await read('long.csv', `i,s\n${rows.join('\n')}\n`);
    const column = columnOf(table, 'i');
    assert.ok(column.kind === 'numeric');
    assert.ok(column.values.every((value, i) => value === i));
    assert.equal(valuesOf(table, 's')[n - 1], `s${(n - 1) % 7}`);
  });

  it('refuses a row with more or fewer fields, naming the line', async () => {
    await refused(read('more.csv', 'a,b\n1,2\n1,2,3\n'), /line 3 has 3 fields, the header has 2/);
    await refused(read('fewer.csv', 'a,b\n1,2\n1\n'), /line 3 has 1 fields?, the header has 2/);
  });

  it('refuses a quote that is not closed', async () => {
    await refused(read('open.csv', 'a,b\n1,"2\n3,4\n'), /line 2 has a quote that is not closed/);
    await refused(read('openhead.csv', 'a,"b\n1,2\n3,4\n'), /header does not end .* quote/);
  });

  it('refuses equal, empty and endless column names', async () => {
    await refused(read('dup.csv', 'a,b,a\n1,2,3\n'), /columns 1 and 3 are both called 'a'/);
    await refused(read('empty.csv', 'a,,c\n1,2,3\n'), /column 2 has no name/);
    await refused(
      read('endless.csv', `a,${'x'.repeat(5000)}\n1,2\n`),
      /column 2 has a name of 5000/,
    );
  });

  it('names that differ in case only are different columns', async () => {
    assert.deepEqual(valuesOf(await read('case.csv', 'a,A\n1,2\n'), 'A'), [2]);
  });
});

describe('files that hold no data', () => {
  it('refuses an empty file and one with a header only', async () => {
    await refused(read('zero.csv', ''), /the file is empty/);
    await refused(read('blank.csv', '\n\n'), /the file is empty/);
    await refused(read('head.csv', 'a,b,c\n'), /3 columns and no rows/);
  });

  it('refuses bytes that are not text, naming the line', async () => {
    const latin = Buffer.from('a,b\n1,x\n2,café\n', 'latin1');
    await refused(read('latin.csv', latin), /line 3 holds byte 0xe9, which is not UTF-8/);
    const junk = createHash('sha512').update('junk').digest();
    await refused(read('junk.csv', junk), /not UTF-8|NUL byte/);
    await refused(read('nul.csv', 'a,b\n1,\0\n'), /line 2 holds a NUL byte/);
  });

  it('refuses a folder, a missing file and an unknown extension', async () => {
    await mkdir(path.join(folder, 'folder.csv'));
    await refused(readDataset(path.join(folder, 'folder.csv'), OPTIONS), /found a folder/);
    await refused(readDataset(path.join(folder, 'gone.csv'), OPTIONS), /the file is gone/);
    await refused(read('data.xml', '<a/>'), /the extension '\.xml'; expected one of \.csv, /);
  });

  it(
    'refuses a file without read permission',
    { skip: process.getuid?.() === 0 && 'root reads everything' },
    async () => {
      const file = await drop('secret.csv', 'a\n1\n');
      await chmod(file, 0o000);
      await assert.rejects(readDataset(file, OPTIONS), /permission is denied/);
    },
  );

  it('follows a symbolic link only where that is allowed', async () => {
    const link = path.join(folder, 'link.csv');
    await symlink(await drop('linked.csv', 'a\n1\n'), link);
    await refused(readDataset(link, OPTIONS), /a symbolic link, and these are not followed/);
    const followed = await readDataset(link, { ...OPTIONS, followSymlinks: true });
    assert.deepEqual(valuesOf(followed, 'a'), [1]);
  });
});

describe('what was read is what was announced', () => {
  const text = 'a,b\n1,2\n';
  const expected = { sha256: createHash('sha256').update(text).digest('hex'), bytes: text.length };

  it('reads a file that is as expected', async () => {
    assert.equal((await read('same.csv', text, { expected })).rows, 1);
  });

  it('refuses a file that has grown or changed', async () => {
    const file = await drop('grown.csv', text);
    await appendFile(file, '3,4\n');
    await refused(
      readDataset(file, { ...OPTIONS, expected }),
      /changed after it was seen: it had 8 bytes .* now has 12/,
    );
    await refused(read('other.csv', 'a,b\n1,9\n', { expected }), /changed after it was seen/);
  });

  it('says of a file that is still being written that it changed, not that it is damaged', async () => {
    const whole = gzipSync(text);
    const announced = {
      sha256: createHash('sha256').update(whole).digest('hex'),
      bytes: whole.length,
    };
    await refused(
      read('half.csv.gz', whole.subarray(0, 12), { expected: announced }),
      /changed after it was seen/,
    );
  });

  it('leaves nothing behind, whether it reads the file or refuses it', async () => {
    const scratchFolder = path.join(folder, 'scratch');
    await mkdir(scratchFolder);
    await read('tidy.csv', text, { scratchFolder });
    await refused(read('untidy.csv', 'a\n', { scratchFolder }));
    assert.deepEqual(await readdir(scratchFolder), []);
  });
});

describe('packed files', () => {
  it('reads gzip and zstd', async () => {
    assert.deepEqual(valuesOf(await read('p.csv.gz', gzipSync('a,b\n1,2\n3,4\n')), 'b'), [2, 4]);
    const packed = Buffer.concat([
      zstdFrame(Buffer.from('a,b\n1,2\n')),
      zstdFrame(Buffer.from('3,4\n')),
    ]);
    assert.deepEqual(valuesOf(await read('P.CSV.ZST', packed), 'b'), [2, 4]);
  });

  it('refuses a packed file that is cut or is not what its name says', async () => {
    const cut = gzipSync('a,b\n1,2\n'.repeat(1000)).subarray(0, 40);
    await refused(read('cut.csv.gz', cut), /gzip file is damaged or cut short/);
    await refused(read('not.csv.gz', 'a,b\n1,2\n'), /gzip file is damaged/);
    await refused(
      read('cut.csv.zst', zstdFrame(Buffer.from('a\n1\n')).subarray(0, 9)),
      /zstd file is damaged/,
    );
    await refused(read('not.csv.zst', 'a,b\n1,2\n'), /zstd file is damaged/);
  });

  it('stops unpacking at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20, '1\n'));
    await refused(
      read('bomb.csv.gz', bomb, { limits: { maxBytes: 1 << 20 } }),
      /more than 1048576 bytes/,
    );
    const block = Buffer.from([0x02, 0, 0x10, 0x31]);
    const zstdBomb = Buffer.concat([zstdHeader(), ...Array.from({ length: 600 }, () => block)]);
    await refused(
      read('bomb.csv.zst', zstdBomb, { limits: { maxBytes: 1 << 20 } }),
      /more than 1048576 bytes/,
    );
  });
});

/** Single-segment-free header: magic, a window of 1 MiB, no checksum. */
function zstdHeader(): Buffer {
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]);
}

/** A frame of one raw block. */
function zstdFrame(content: Buffer): Buffer {
  const head = (content.length << 3) | 1;
  return Buffer.concat([
    zstdHeader(),
    Buffer.from([head & 255, (head >> 8) & 255, head >> 16]),
    content,
  ]);
}

describe('limits', () => {
  it('refuses more rows, columns or values than are allowed', async () => {
    const text = 'a,b,c\n1,2,3\n4,5,6\n';
    await refused(read('rows.csv', text, { limits: { maxRows: 1 } }), /2 rows, at most 1/);
    await refused(read('cols.csv', text, { limits: { maxColumns: 2 } }), /3 columns, at most 2/);
    await refused(
      read('vals.csv', text, { limits: { maxValues: 5 } }),
      /2 rows of 3 columns, at most 5/,
    );
  });
});

describe('json', () => {
  it('reads an array of objects and one object a line alike', async () => {
    const objects = [
      '{"a": 1, "s": "x", "t": "2024-01-01", "b": true}',
      '{"a": 2.5, "s": "NA", "new": null}',
    ];
    for (const [name, text] of [
      ['o.json', `[${objects.join(',')}]`],
      ['o.jsonl', objects.join('\n')],
      ['o.ndjson', `${objects.join('\r\n')}\r\n`],
    ] as const) {
      const table = await read(name, text);
      assert.deepEqual(namesOf(table), ['a', 's', 't', 'b', 'new'], name);
      assert.deepEqual(valuesOf(table, 'a'), [1, 2.5], name);
      assert.deepEqual(valuesOf(table, 's'), ['x', null], name);
      assert.deepEqual(valuesOf(table, 't'), [Date.UTC(2024, 0, 1), null], name);
      assert.deepEqual(valuesOf(table, 'b'), ['true', null], name);
    }
  });

  it('takes hostile keys as names', async () => {
    const key = `a"; DROP TABLE data; --'`;
    const table = await read('keys.json', JSON.stringify([{ [key]: 1, 'b.c': 2 }]));
    assert.deepEqual(namesOf(table), [key, 'b.c']);
    assert.deepEqual(valuesOf(table, key), [1]);
  });

  it('refuses nested values, broken JSON, no objects, and keys that differ in case only', async () => {
    await refused(read('nest.json', '[{"a": {"b": 1}}]'), /'a' holds nested values/);
    await refused(read('list.json', '[{"a": [1]}]'), /'a' holds nested values/);
    await refused(read('cut.json', '[{"a": 1}, {"a": '), /cut short/);
    await refused(read('cut.jsonl', '{"a": 1}\n{"a": 2'), /cut short/);
    await refused(read('bad.jsonl', '{"a": 1}\n{"a": x}\n'), /Malformed JSON .*line 2/);
    await refused(read('none.json', '[]'), /no object/);
    await refused(read('zero.json', ''), /no object/);
    await refused(read('numbers.json', '[1, 2]'), /no object/);
    await refused(read('twice.jsonl', '{"a": 1, "a": 2}'), /duplicate key/);
    await refused(read('case.json', '[{"a": 1}, {"A": 2}]'), /upper and lower case only/);
  });
});

describe('parquet', () => {
  it('is read by its types, and refused when it is cut', async () => {
    const file = path.join(folder, 'typed.parquet');
    await writeTableParquet(
      {
        rows: 2,
        columns: [
          { kind: 'numeric', name: 'a', values: Float64Array.of(1.5, NaN) },
          { kind: 'categorical', name: 'NA', codes: Int32Array.of(0, -1), dictionary: ['x'] },
          { kind: 'time', name: 't', values: Float64Array.of(NaN, 1000) },
        ],
      },
      file,
    );
    const table = await readDataset(file, OPTIONS);
    assert.deepEqual(kindsOf(table), ['numeric', 'categorical', 'time']);
    assert.deepEqual(valuesOf(table, 'a'), [1.5, null]);
    assert.deepEqual(valuesOf(table, 'NA'), ['x', null]);
    assert.deepEqual(valuesOf(table, 't'), [null, 1000]);
    await refused(
      read('cut.parquet', 'PAR1 and nothing more'),
      /parquet file is damaged or cut short/,
    );
  });
});

describe('arff', () => {
  it('reads numbers, nominal values, texts and dates, dense and sparse', async () => {
    const table = await read(
      'a.arff',
      `% weather\n@relation 'w x'\n@attribute temp REAL\n@attribute 'sky "now' {clear, 'part cloudy'}\n@attribute note string\n@attribute day date "dd/MM/yyyy"\n@data\n1.5, 'part cloudy', 'it\\'s, fine', 29/02/2024\n?, clear, ?, ?\n{0 3}\n`,
    );
    assert.deepEqual(valuesOf(table, 'temp'), [1.5, null, 3]);
    assert.deepEqual(valuesOf(table, 'sky "now'), ['part cloudy', 'clear', 'clear']);
    assert.deepEqual(valuesOf(table, 'note'), ["it's, fine", null, null]);
    assert.deepEqual(valuesOf(table, 'day'), [Date.UTC(2024, 1, 29), null, null]);
  });

  it('names the line of what is wrong', async () => {
    const head = '@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n';
    await refused(
      read('v.arff', `${head}1,x\n2,z\n`),
      /line 6: 'z' in column 'b' is not one of its declared values: x, y/,
    );
    await refused(read('n.arff', `${head}one,x\n`), /line 5: 'one' in column 'a' is not a number/);
    await refused(read('f.arff', `${head}1\n`), /line 5: 1 values; expected 2/);
    await refused(read('q.arff', `${head}1,'x\n`), /line 5: a quote is not closed/);
    await refused(read('d.arff', '@relation r\n@attribute a numeric\n'), /no @data line/);
    await refused(
      read('t.arff', '@attribute a relational\n@data\n'),
      /line 1: attribute 'a' has the type 'relational'/,
    );
  });
});

describe('workbooks', () => {
  function workbook(
    rows: readonly (readonly unknown[])[],
    bookType: 'xlsx' | 'xlsb' | 'ods' | 'biff8' = 'xlsx',
  ): Buffer {
    const sheet = utils.aoa_to_sheet(
      rows.map((row) => [...row]),
      { cellDates: true, UTC: true },
    );
    const book = utils.book_new();
    utils.book_append_sheet(book, sheet, 'first');
    return write(book, { type: 'buffer', bookType, compression: true }) as Buffer;
  }

  it('reads the first sheet, dates as dates', async () => {
    const rows = [
      ['n', 's', 'd'],
      [1, 'a "b", c', new Date(Date.UTC(2024, 0, 2, 3, 4, 5))],
      [],
      [2.5, 'x\ny', null],
    ];
    const table = await read('w.xlsx', workbook(rows));
    assert.deepEqual(valuesOf(table, 'n'), [1, 2.5]);
    assert.deepEqual(valuesOf(table, 's'), ['a "b", c', 'x\ny']);
    assert.deepEqual(valuesOf(table, 'd'), [Date.UTC(2024, 0, 2, 3, 4, 5), null]);
  });

  it('refuses workbooks of other formats, whatever they are called, with the remedy', async () => {
    const rows = [['a'], [1]];
    await refused(read('w.xls', workbook(rows, 'biff8')), /\(\.xls\).*save it as .*\.xlsx/);
    await refused(read('old.xlsx', workbook(rows, 'biff8')), /\(\.xls\).*save it as .*\.xlsx/);
    for (const type of ['ods', 'xlsb'] as const) {
      await refused(
        read(`${type}.xlsx`, workbook(rows, type)),
        /no Excel workbook: .*save it as .*\.xlsx/,
      );
    }
  });

  it('refuses an archive whose directory and headers tell different things', async () => {
    const book = workbook([['a'], [1]]);
    const end = book.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
    const directory = book.readUInt32LE(end + 16);
    const local = book.readUInt32LE(directory + 42);
    const changed = (at: number, value: number): Buffer => {
      const copy = Buffer.from(book);
      copy.writeUInt16LE(value, at);
      return copy;
    };
    await refused(read('count.xlsx', changed(end + 10, 0)), /two counts of entries differ/);
    await refused(read('fewer.xlsx', changed(end + 8, 1)), /two counts of entries differ/);
    await refused(read('method.xlsx', changed(directory + 10, 0)), /two ways that differ/);
    await refused(read('local.xlsx', changed(local + 8, 0)), /two ways that differ/);
    await refused(read('size.xlsx', changed(directory + 24, 1)), /two ways that differ/);
    await refused(read('name.xlsx', changed(directory + 46, 0x4141)), /two ways that differ/);
    await refused(read('crc.xlsx', changed(local + 14, 1)), /two ways that differ/);
    await refused(read('behind.xlsx', Buffer.concat([book, book])), /damaged/);
  });

  it('refuses a workbook of which a bit was turned, rather than reading another number', async () => {
    const book = workbook([['a'], ...Array.from({ length: 200 }, (_, i) => [i])]);
    const name = Buffer.from('xl/worksheets/sheet1.xml');
    const data = book.indexOf(name) + name.length + 40;
    book.writeUInt8(book.readUInt8(data) ^ 1, data);
    await refused(read('bit.xlsx', book), /is not what the archive states|cannot be unpacked/);
  });

  it('refuses what is no workbook, is cut, or is empty', async () => {
    await refused(read('csv.xlsx', 'a,b\n1,2\n'), /not an Excel workbook/);
    await refused(
      read('cut.xlsx', workbook([['a'], [1]]).subarray(0, 2000)),
      /damaged or cut short/,
    );
    await refused(read('none.xlsx', workbook([])), /first sheet is empty/);
  });

  it('stops unpacking at the limit', async () => {
    const bomb = workbook([['a'], ...Array.from({ length: 60_000 }, () => [1])]);
    assert.ok(bomb.length < 1 << 20, `${bomb.length} bytes packed`);
    await refused(read('bomb.xlsx', bomb, { limits: { maxBytes: 1 << 20 } }), /1048576 bytes/);
  });
});
