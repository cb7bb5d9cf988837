import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { utils, write, type BookType } from '@e965/xlsx';
import { createRandom } from '../../../core/random.ts';

/** A sound file, of which others are made. */
export interface SeedFile {
  readonly name: string;
  readonly content: Buffer;
}

const ROWS = 150;
/** Of parquet files, so that some have more than one page or group of rows. */
const PARQUET_ROWS = 3000;

/**
 * Small sound files of every format that is read, and of some that are not.
 * @param folder where the database puts those that it writes
 */
export async function makeSeeds(folder: string): Promise<readonly SeedFile[]> {
  const rows = makeRows();
  const texts = textSeeds(rows);
  const packed = texts
    .filter(({ name }) => /^(comma\.csv|lines\.jsonl|tab\.tsv)$/.test(name))
    .map(({ name, content }) => ({ name: `${name}.gz`, content: gzipSync(content) }));
  const books = (['xlsx', 'biff8', 'ods'] as const).map((type) => ({
    name: type === 'biff8' ? 'old.xls' : `${type}.xlsx`,
    content: workbook(rows, type),
  }));
  return [...texts, ...packed, ...books, ...(await databaseSeeds(folder))];
}

type Value = Row[keyof Row];

interface Row {
  readonly id: number;
  readonly price: number | null;
  readonly town: string;
  readonly at: string;
  readonly open: boolean;
  readonly note: string;
  readonly y: string;
}

function makeRows(): readonly Row[] {
  const random = createRandom(17);
  return Array.from({ length: ROWS }, (_, i) => ({
    id: i,
    price: random() < 0.05 ? null : Number((random() * 100).toFixed(2)),
    town: ['Bern', 'Köln', 'New York', 'Paris'][Math.floor(random() * 4)] ?? '',
    at: new Date(Date.UTC(2024, 0, 1 + (i % 300), i % 24)).toISOString(),
    open: random() < 0.5,
    note: `n${i} "quoted", ${'x'.repeat(i % 9)}`,
    y: random() < 0.5 ? 'yes' : 'no',
  }));
}

function textSeeds(rows: readonly Row[]): readonly SeedFile[] {
  const seed = (name: string, text: string): SeedFile => ({ name, content: Buffer.from(text) });
  const delimited = (delimiter: string, lineEnd = '\n'): string =>
    [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row) as Value[])]
      .map((values) => values.map(quoted).join(delimiter))
      .join(lineEnd);
  return [
    seed('comma.csv', delimited(',')),
    seed('windows.csv', delimited(';', '\r\n')),
    seed('tab.tsv', delimited('\t')),
    seed('bar.txt', delimited('|')),
    seed('list.json', JSON.stringify(rows)),
    seed('pretty.json', JSON.stringify(rows.slice(0, 40), null, 2)),
    seed('lines.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
    seed('dense.arff', arff(rows, denseRow)),
    seed(
      'sparse.arff',
      arff(rows, ({ id, y }) => `{0 ${id}, 4 ${y}}`),
    ),
  ];
}

function quoted(value: Value): string {
  const text = value === null ? '' : String(value);
  return /["\s,;|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function arff(rows: readonly Row[], line: (row: Row) => string): string {
  const head = [
    '@relation seeds',
    '@attribute id numeric',
    '@attribute price real',
    "@attribute town {Bern, Köln, 'New York', Paris}",
    '@attribute at date "yyyy-MM-dd HH:mm:ss"',
    '@attribute y {yes, no}',
    '@data',
  ];
  return [...head, ...rows.map(line)].join('\n');
}

const denseRow = ({ id, price, town, at, y }: Row): string =>
  `${id}, ${price ?? '?'}, '${town}', '${at.slice(0, 19).replace('T', ' ')}', ${y}`;

function workbook(rows: readonly Row[], bookType: BookType): Buffer {
  const sheet = utils.json_to_sheet(
    rows.map((row) => ({ ...row, at: new Date(row.at) })),
    { cellDates: true, UTC: true },
  );
  const book = utils.book_new();
  utils.book_append_sheet(book, sheet, 'rows');
  return write(book, { type: 'buffer', bookType, bookSST: true, compression: true }) as Buffer;
}

const DATABASE_SEEDS: Readonly<Record<string, string>> = {
  'snappy.parquet': 'FORMAT parquet, COMPRESSION snappy',
  'zstd.parquet': 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048',
  'plain.parquet': 'FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1',
  'delta.parquet': 'FORMAT parquet, COMPRESSION gzip, PARQUET_VERSION v2',
  'delta2.parquet':
    'FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE 2048',
  'comma.csv.zst': 'FORMAT csv, HEADER, COMPRESSION zstd',
  'lines.jsonl.zst': 'FORMAT json, COMPRESSION zstd',
};

async function databaseSeeds(folder: string): Promise<readonly SeedFile[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const seeds: SeedFile[] = [];
    for (const [name, form] of Object.entries(DATABASE_SEEDS)) {
      seeds.push({ name, content: await written(connection, path.join(folder, name), form) });
    }
    return seeds;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function written(connection: DuckDBConnection, file: string, form: string): Promise<Buffer> {
  const rows = file.endsWith('.parquet') ? PARQUET_ROWS : ROWS;
  await connection.run(
    `COPY (SELECT i AS id, (hash(i) % 10000 / 100)::DECIMAL(9, 2) AS price,
             ['Bern', 'Köln', 'Paris', NULL][1 + i % 4] AS town,
             make_timestamp_ms(1700000000000 + i * 3600000) AS at, i % 3 = 0 AS open,
             'n' || hash(i) % 997 AS note, hash(i)::DOUBLE AS ratio, CASE WHEN hash(i) % 2 = 0 THEN 'yes' ELSE 'no' END AS y
        FROM range(${rows}) t(i)) TO '${file}' (${form})`,
  );
  return readFile(file);
}
