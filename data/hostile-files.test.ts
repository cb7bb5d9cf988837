import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { utils, write } from '@e965/xlsx';
import type { Table } from '../core/table.ts';
import { pipelineSchema } from '../pipelines/schema.ts';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import { asInvalidDataset } from './duckdb-error.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { crc32Of, storedZip, unpackedEntry, zipEntries } from './zip-entries.ts';
import { readDataset, summariseDataset, type ReadOptions } from './read-dataset.ts';

const { files } = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'y' });
const OPTIONS: ReadOptions = { format: 'auto', csv: files.csv };

let folder: string;
before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'calmops-hostile-'))));
after(() => rm(folder, { recursive: true, force: true }));

async function drop(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

const read = async (name: string, content: string | Uint8Array): Promise<Table> =>
  readDataset(await drop(name, content), OPTIONS);

/** Refused by reading and by summarising, with words that name no path of ours and have a bearable length. */
async function refused(
  name: string,
  content: string | Uint8Array,
  message: RegExp,
): Promise<InvalidDatasetError> {
  const file = await drop(name, content);
  const [error] = await Promise.all(
    [readDataset, summariseDataset].map(async (use) => {
      const error = await use(file, OPTIONS).then(
        () => assert.fail(`${name} was read`),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof InvalidDatasetError, `${name}: ${String(error)}`);
      assert.match(error.message, message, name);
      assert.ok(error.message.length <= 1000, `${name}: ${error.message.length} characters`);
      assert.doesNotMatch(error.message, /calmops-read|SELECT|read_csv|\n/, name);
      return error;
    }),
  );
  return error!;
}

describe('JSON made to harm', () => {
  it('is refused at any depth and in any place, in words that name line and key', async () => {
    const nested = /line 1: 'a' holds nested values/;
    await refused('objects.json', `[${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}]`, nested);
    await refused('open.json', '{"a":'.repeat(100_000), nested);
    await refused('lists.json', `[{"a":${'['.repeat(500_000)}`, nested);
    await refused('list.jsonl', '['.repeat(500_000), /line 1: '\[+…?' is no object/);
    await refused(
      'late.jsonl',
      `${'{"a":1}\n'.repeat(50_000)}{"a":${'['.repeat(500_000)}`,
      /line 50001: 'a' holds nested values/,
    );
    await refused('late.json', `[${'{"a":1},'.repeat(50_000)}[[[[`, /'\[\[\[\[' is no object/);
  });

  it('with many keys is read in bounded time, up to 10,000 columns', async () => {
    const rows = Array.from({ length: 20 }, (_, i) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 100 }, (_, j) => [`k${i}_${j}`, j]))),
    );
    const table = await read('grow.jsonl', rows.join('\n'));
    assert.equal(table.columns.length, 2000);
    const { columns } = await read('missing.jsonl', '{"a":1}\n{"b":"x"}\n{"a":2,"b":"y"}\n');
    assert.deepEqual(columns[0]?.kind === 'numeric' && [...columns[0].values], [1, NaN, 2]);
    const keys = Array.from({ length: 10_001 }, (_, j) => `"k${j}":1`);
    await refused('keys.jsonl', `{${keys.join(',')}}`, /10001 columns, at most 10000/);
  });

  it('with NUL, half of a surrogate pair, endless keys or endless objects is refused', async () => {
    await refused(
      'key.json',
      '[{"a\\u0000b": 1}]',
      /line 1: a text or key holds the character NUL/,
    );
    await refused('value.jsonl', '{"a": 1}\n{"a": "\\u0000"}', /line 2: .* NUL/);
    await refused('half.json', '[{"a": "\\ud800"}]', /half of a surrogate pair/);
    await refused('name.json', `[{"${'n'.repeat(3_000_000)}": 1}]`, /larger than 2000000 bytes/);
    await refused('name.jsonl', `{"${'n'.repeat(500_000)}": 1}`, /a key has 500000 characters/);
    await refused('cell.jsonl', `{"a": "${'x'.repeat(10_000_000)}"}`, /larger than 2000000 bytes/);
  });

  it('is read with every form that JSON has', async () => {
    const table = await read(
      'forms.json',
      '[{"\\u0061": "q\\"\\\\\\n\\u00e9\\ud83d\\ude00,", "n": -1.5e+3}, {"a": " x ", "n": null}, {}, {"n": NaN},]',
    );
    const [a, n] = table.columns;
    assert.ok(a?.kind === 'categorical' && n?.kind === 'numeric');
    assert.equal(a.name, 'a');
    assert.deepEqual([...a.dictionary], ['q"\\\né😀,', 'x']);
    assert.deepEqual([...n.values], [-1500, NaN, NaN]);
  });
});

describe('delimited text made to harm', () => {
  it('of 10,000 columns of text is read', async () => {
    const line = (form: (j: number) => string): string =>
      Array.from({ length: 10_000 }, (_, j) => form(j)).join();
    const rows = Array.from({ length: 20 }, (_, i) => line((j) => `t${(i * j) % 7}`));
    const table = await read('wide.csv', [line((j) => `x${j}`), ...rows].join('\n'));
    assert.equal(table.columns.length, 10_000);
    const last = table.columns.at(-1);
    assert.ok(last?.kind === 'categorical');
    assert.equal(last.name, 'x9999');
    assert.deepEqual(
      Array.from(last.codes, (code) => last.dictionary[code]),
      Array.from({ length: 20 }, (_, i) => `t${(i * 9999) % 7}`),
    );
    await refused('wide2.csv', `${line((j) => `x${j}`)}\n1,2\n`, /line 2 has 2 fields, .* 10000/);
  });

  it('says what is wrong with endless lines and blank megabytes', async () => {
    await refused(
      'cell.csv',
      `a,b\n1,${'x'.repeat(10_000_000)}\n`,
      /line 2 has more than 2097152 characters/,
    );
    await refused(
      'quoted.csv',
      `a,b\n1,"${'x\n'.repeat(1_500_000)}"\n`,
      /a row of more than 2097152/,
    );
    await refused('blank.csv', '\n'.repeat(2_000_000), /first 1048576 bytes are blank/);
  });
});

describe('ARFF made to harm', () => {
  it('is refused in a message of bearable length', async () => {
    const long = 'v'.repeat(100_000);
    const head = '@relation r\n@attribute ';
    await refused('name.arff', `${head}${long} x\n@data\n`, /line 2: attribute 'v+…' has the type/);
    await refused('long.arff', `${head}${long} numeric\n@data\n1\n`, /a name of 100000 characters/);
    await refused('line.arff', `${head}${'v'.repeat(3_000_000)}`, /line 2 has more than 2097152/);
    const values = Array.from({ length: 50 }, (_, k) => `${k}${long}`);
    const nominal = `${head}a {${values.join(',')}}\n@data\nzzz\n`;
    await refused('values.arff', nominal.replaceAll('v'.repeat(90_000), ''), /'zzz' in column 'a'/);
  });

  it('with a field twice in the form of a date is refused', async () => {
    await refused(
      'date.arff',
      '@relation r\n@attribute a date "yyyy-MM-dd yyyy"\n@data\n2020-01-01\n',
      /the date format 'yyyy-MM-dd yyyy' has the field 'yyyy' twice/,
    );
  });
});

describe('parquet made to harm', () => {
  async function parquet(name: string, query: string): Promise<string> {
    const file = path.join(folder, name);
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    return file;
  }

  it('holds no NUL in its texts', async () => {
    const file = await parquet('nul.parquet', "SELECT 'a' || chr(0) || 'b' AS town, 1 AS n");
    await assert.rejects(readDataset(file, OPTIONS), /'town' holds the character NUL/);
  });

  it('of 1,100 columns is read and summarised', async () => {
    const columns = Array.from({ length: 1100 }, (_, j) => `i * ${j} AS x${j}`);
    const file = await parquet('wide.parquet', `SELECT ${columns.join(', ')} FROM range(3) t(i)`);
    const table = await readDataset(file, OPTIONS);
    assert.deepEqual(
      table.columns[1099]?.kind === 'numeric' && [...table.columns[1099].values],
      [0, 1099, 2198],
    );
    assert.equal((await summariseDataset(file, OPTIONS)).columns.length, 1100);
  });
});

describe('workbooks made to harm', () => {
  function workbookOf(cell: string): Buffer {
    const book = utils.book_new();
    utils.book_append_sheet(book, utils.aoa_to_sheet([['a'], [1]]), 'first');
    const whole = write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
    const parts = zipEntries(whole, 1 << 20).map((entry) => {
      const text = unpackedEntry(entry).toString('utf8').replaceAll('A2', cell);
      const row = /\d+$/.exec(cell)?.[0] ?? '';
      const packed = Buffer.from(text.replace('<row r="2">', `<row r="${row}">`));
      return { name: entry.name, packed, crc32: crc32Of(packed) };
    });
    return storedZip(parts);
  }

  it('have no cell where no sheet has one', async () => {
    await refused('row.xlsx', workbookOf('A1299215994'), /row 1299215994; the last row/);
    await refused('column.xlsx', workbookOf('ZZZ2'), /columns, at most 10000 are read/);
    await refused('far.xlsx', workbookOf('ZZZZZZZ2'), /column ZZZZZZZ; the last column .* XFD/);
  });

  it('are read without what is no data, such as names or a link of all cells', async () => {
    const sheet = utils.aoa_to_sheet([['a'], [1], [2]]);
    const all = { s: { r: 0, c: 0 }, e: { r: 1_048_575, c: 16_383 } };
    sheet['!merges'] = [all];
    const book = utils.book_new();
    utils.book_append_sheet(book, sheet, 'first');
    const whole = write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
    const parts = zipEntries(whole, 1 << 20).map((entry) => {
      const links = '<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>';
      const text = unpackedEntry(entry).toString('utf8');
      const packed = Buffer.from(
        text
          .replace('</worksheet>', `${links}</worksheet>`)
          .replace('</workbook>', '<definedNames><definedName name="</workbook>'),
      );
      return { name: entry.name, packed, crc32: crc32Of(packed) };
    });
    const table = await read('links.xlsx', storedZip(parts));
    assert.deepEqual([table.columns.length, table.rows], [1, 2]);
  });

  it('are bounded by the text of their cells, however few bytes they take', async () => {
    const sheet = utils.aoa_to_sheet([
      ['a'],
      ...Array.from({ length: 2000 }, () => ['x'.repeat(1000)]),
    ]);
    const book = utils.book_new();
    utils.book_append_sheet(book, sheet, 'first');
    const options = { type: 'buffer', bookType: 'xlsx', bookSST: true, compression: true } as const;
    const file = await drop('shared.xlsx', write(book, options) as Buffer);
    await assert.rejects(
      readDataset(file, { ...OPTIONS, limits: { maxBytes: 1 << 20 } }),
      /the cells of the workbook hold more than 1048576 bytes/,
    );
  });
});

describe('packed files made to harm', () => {
  /** A zstd frame of one block, which is one byte repeated, with the byte that describes its window. */
  const frame = (window: number): Buffer =>
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, window, (2 << 3) | 3, 0, 0, 0x31]);

  it('are not unpacked beyond a line that is too long', async () => {
    const file = await drop('line.csv.gz', gzipSync(Buffer.alloc(64 << 20, 'x')));
    await assert.rejects(
      readDataset(file, { ...OPTIONS, limits: { maxBytes: 16 << 20 } }),
      /line 1 has more than 2097152 characters/,
    );
  });

  it('ask for no larger window in any of their frames, wherever these begin', async () => {
    const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const large = /a window of 1920 MiB, at most 128 MiB are given/;
    await refused('first.csv.zst', frame(0xa7), large);
    await refused('later.csv.zst', Buffer.concat([frame(0x58), frame(0xa7)]), large);
    await refused('skipped.csv.zst', Buffer.concat([skipped, frame(0xa7)]), large);
    const table = await read(
      'sound.csv.zst',
      Buffer.concat([
        ...[frame(0x58), skipped],
        Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, (3 << 3) | 1, 0, 0]),
        Buffer.from('\n2\n'),
      ]),
    );
    assert.deepEqual(
      table.columns.map(({ name }) => name),
      ['11'],
    );
  });
});

describe('what a database says while it reads a file', () => {
  it('of the file makes it invalid, of the disk or the machine stays what it is', () => {
    for (const message of [
      'Invalid Input Error: Failed to read file "/tmp/calmops-read-x/dataset": ZSTD Decompression failure',
      'Invalid Error: Out of buffer',
      'IO Error: Prefetch registered for bytes outside file: /tmp/calmops-read-x/dataset, attempted range: [6, 7)',
      'Out of Memory Error: failed to allocate data of size 32.0 KiB (1023.9 MiB/1.0 GiB used)',
      'INTERNAL Error: Attempted to access index 3 within vector of size 2\nStack Trace:\n/lib/x.so',
      'Parser Error: unterminated quoted identifier at or near "SELECT"\nLINE 1: SELECT "a',
    ]) {
      const error = asInvalidDataset(new Error(message));
      assert.ok(error instanceof InvalidDatasetError, message);
      assert.doesNotMatch(error.message, /calmops|SELECT|\/lib|\n/);
    }
    for (const message of [
      'IO Error: Could not write to file "/tmp/x": No space left on device',
      'IO Error: Cannot open file "/tmp/x": Too many open files',
      'IO Error: Could not read from file "/tmp/x": Input/output error',
      'IO Error: Failed to create directory "/tmp/x/spill": No such file or directory',
      'IO Error: Failed to create directory "/tmp/x/spill": path exists but is not a directory!',
      'IO Error: Failed to create directory "/tmp/x/spill"!',
      "Out of Memory Error: failed to offload data block of size 256.0 KiB (8.0 GiB/8.0 GiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
    ]) {
      const error = asInvalidDataset(new Error(message));
      assert.ok(error instanceof InfrastructureError, message);
      assert.doesNotMatch(error.message, /\/tmp|spill|IO Error/);
    }
    const quoted = asInvalidDataset(
      new Error('Conversion Error: Could not convert string "No space left on device" to INT32'),
    );
    assert.ok(quoted instanceof InvalidDatasetError);
    for (const message of [
      'INTERRUPT Error: Interrupted!',
      'FATAL Error: Failed: database has been invalidated because of a previous fatal error.',
      'ENOSPC: no space left on device, write',
    ]) {
      const error = new Error(message);
      assert.equal(asInvalidDataset(error), error, message);
    }
  });
});
