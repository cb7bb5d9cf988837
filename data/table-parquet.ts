import path from 'node:path';
import { DuckDBDataChunk, DOUBLE, VARCHAR } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import { z } from 'zod';
import type { CategoricalColumn, Column, Table } from '../core/table.ts';
import type { UseSource } from './column-source.ts';
import { columnAlias, sqlName, sqlPath, sqlString, threadsFor, withDatabase } from './duckdb.ts';
import { fetchTable } from './fetch-table.ts';
import type { ColumnQuery } from './fetch-table.ts';
import { scanOf } from './read-parquet.ts';

/**
 * What a parquet file cannot say by itself, in its key-value metadata: exact names (two may differ only in
 * case), kinds, and dictionaries that are not simply the values that occur, ascending.
 */
const METADATA_KEY = 'calmops';
const metadataSchema = z.strictObject({
  version: z.literal(1),
  rows: z.int().min(0),
  columns: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('numeric'), name: z.string() }),
      z.strictObject({
        kind: z.literal('time'),
        name: z.string(),
        stored: z.enum(['timestamp', 'double']),
      }),
      z.strictObject({
        kind: z.literal('categorical'),
        name: z.string(),
        dictionary: z.array(z.string()).nullable(),
      }),
    ]),
  ),
});
type Metadata = z.output<typeof metadataSchema>;

/** What is to be told of how the table was read, beside the above, which earlier versions read too. */
const NOTES_KEY = 'calmops-notes';
const notesSchema = z.array(z.string());

/** Milliseconds beyond this do not fit DuckDB's microsecond timestamps. */
const MAX_TIMESTAMP_MS = 9e15;

/** Half of a character outside the basic plane: it has no form in UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** DuckDB's vectors hold this many rows. */
const CHUNK_ROWS = bindings.vector_size();

/**
 * Writes a table as parquet: numbers as DOUBLE, times as TIMESTAMP, categories as their text, missing as
 * NULL, so that any tool can read it, and `readTableParquet` gives back the very same table.
 * @param file absolute path; what is there is replaced
 * @param notes sentences that are kept with it
 * @throws RangeError if the table has no column, or a dictionary has text that is not valid Unicode
 */
export async function writeTableParquet(
  table: Table,
  file: string,
  notes: readonly string[] = [],
): Promise<void> {
  requireWritable(table);
  const threads = threadsFor(table.rows * table.columns.length * Float64Array.BYTES_PER_ELEMENT);
  await withDatabase({ folder: path.dirname(file), threads }, async (connection) => {
    await appendTable(connection, table);
    const metadata = metadataOf(table);
    const labels = fileLabels(table.columns);
    const selected = metadata.columns.map(
      (column, j) => `${storedForm(column, j)} AS ${sqlName(labels[j] ?? columnAlias(j))}`,
    );
    await connection.run(
      `COPY (SELECT ${selected.join(', ')} FROM data) TO ${sqlString(file)} (
        FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false,
        KV_METADATA { ${METADATA_KEY}: ${sqlString(JSON.stringify(metadata))}, ${sqlName(NOTES_KEY)}: ${sqlString(JSON.stringify(notes))} }
      )`,
    );
  });
}

/**
 * Opens a file that `writeTableParquet` wrote, to read single columns of it.
 * @throws Error if the file was not written by it or is damaged
 */
export function withTableParquet<T>(file: string, use: UseSource<T>): Promise<T> {
  return withDatabase({ folder: path.dirname(file) }, async (connection) => {
    const { rows, columns } = await readMetadata(connection, file);
    const scan = scanOf(file, columns.length);
    return use(connection, { ...scan, rows, columns: columns.map(columnQuery) });
  });
}

/**
 * Reads a table that `writeTableParquet` wrote.
 * @throws Error if the file was not written by it or is damaged
 */
export async function readTableParquet(file: string): Promise<Table> {
  return withDatabase({ folder: path.dirname(file) }, async (connection) => {
    const metadata = await readMetadata(connection, file);
    const { from } = scanOf(file, metadata.columns.length);
    const columns = metadata.columns.map(columnQuery);
    const table = await fetchTable(connection, from, { rows: metadata.rows, columns });
    return { ...table, columns: table.columns.map((column, j) => restored(column, metadata, j)) };
  });
}

/** The notes that `writeTableParquet` wrote with a table; none for a table that an earlier version wrote. */
export async function readNotes(file: string): Promise<readonly string[]> {
  return withDatabase({ folder: path.dirname(file) }, async (connection) => {
    const text = await readKey(connection, file, NOTES_KEY);
    return text === null ? [] : notesSchema.parse(JSON.parse(text));
  });
}

// --- Writing ---

function requireWritable({ columns }: Table): void {
  if (columns.length === 0) throw new RangeError('a table without columns has no parquet form');
  for (const column of columns) {
    const texts =
      column.kind === 'categorical' ? [column.name, ...column.dictionary] : [column.name];
    const broken = texts.find((text) => LONE_SURROGATE.test(text));
    if (broken === undefined) continue;
    throw new RangeError(`column '${column.name}': ${JSON.stringify(broken)} is not valid Unicode`);
  }
}

/** Fills a table `data` with the columns: DOUBLE with NaN for missing, or VARCHAR. */
async function appendTable(connection: DuckDBConnection, { rows, columns }: Table): Promise<void> {
  const types = columns.map((column) => (column.kind === 'categorical' ? VARCHAR : DOUBLE));
  const declared = types.map((type, j) => `${columnAlias(j)} ${type.toString()}`);
  await connection.run(`CREATE TEMP TABLE data (${declared.join(', ')})`);
  const appender = await connection.createAppender('data');
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const chunk = DuckDBDataChunk.create(types, Math.min(CHUNK_ROWS, rows - start));
    columns.forEach((column, j) => {
      if (column.kind === 'categorical') copyTexts(chunk, j, { column, start });
      else copyNumbers(chunk, j, column.values.subarray(start, start + chunk.rowCount));
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

// Both write into the vector's memory: value by value through the chunk's own methods is ten times slower.

function copyNumbers(chunk: DuckDBDataChunk, j: number, values: Float64Array): void {
  const own = values.buffer instanceof ArrayBuffer ? values : new Float64Array(values);
  const vector = bindings.data_chunk_get_vector(chunk.chunk, j);
  bindings.copy_data_to_vector(
    vector,
    0,
    own.buffer as ArrayBuffer,
    own.byteOffset,
    own.byteLength,
  );
}

function copyTexts(
  chunk: DuckDBDataChunk,
  j: number,
  { column, start }: { readonly column: CategoricalColumn; readonly start: number },
): void {
  const vector = bindings.data_chunk_get_vector(chunk.chunk, j);
  const validity = new Uint8Array(CHUNK_ROWS / 8).fill(0xff);
  for (let i = 0; i < chunk.rowCount; i++) {
    const value = column.dictionary[column.codes[start + i] ?? -1];
    if (value === undefined) validity[i >> 3] = (validity[i >> 3] ?? 0) & ~(1 << (i & 7));
    else bindings.vector_assign_string_element(vector, i, value);
  }
  bindings.vector_ensure_validity_writable(vector);
  bindings.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, validity.byteLength);
}

function metadataOf({ rows, columns }: Table): Metadata {
  return {
    version: 1,
    rows,
    columns: columns.map((column) => {
      const { kind, name } = column;
      if (kind === 'numeric') return { kind, name };
      if (kind === 'time') {
        return { kind, name, stored: fitsTimestamp(column.values) ? 'timestamp' : 'double' };
      }
      return { kind, name, dictionary: isCanonical(column) ? null : [...column.dictionary] };
    }),
  };
}

function fitsTimestamp(values: Float64Array): boolean {
  return values.every(
    (ms) => Number.isNaN(ms) || (Number.isInteger(ms) && Math.abs(ms) <= MAX_TIMESTAMP_MS),
  );
}

/** Is the dictionary what reading the values would give: each occurs, and they ascend? */
function isCanonical({ codes, dictionary }: CategoricalColumn): boolean {
  const used = new Uint8Array(dictionary.length);
  for (const code of codes) if (code >= 0) used[code] = 1;
  return dictionary.every(
    (value, k) => used[k] === 1 && (k === 0 || (dictionary[k - 1] ?? '') < value),
  );
}

/** SQL of column j as the file holds it. */
function storedForm(column: Metadata['columns'][number], j: number): string {
  const alias = columnAlias(j);
  if (column.kind === 'categorical') return alias;
  const value = `CASE WHEN isnan(${alias}) THEN NULL ELSE ${alias} END`;
  return column.kind === 'time' && column.stored === 'timestamp'
    ? `make_timestamp_ms(CAST(${value} AS BIGINT))`
    : value;
}

/** The names, where DuckDB, which ignores case, takes them as they are; the others with a number. */
function fileLabels(columns: readonly Column[]): readonly string[] {
  const taken = new Set<string>();
  return columns.map(({ name }, j) => {
    let label = name === '' ? columnAlias(j) : name;
    while (taken.has(label.toLowerCase())) label = `${label}_${j}`;
    taken.add(label.toLowerCase());
    return label;
  });
}

// --- Reading ---

async function readMetadata(connection: DuckDBConnection, file: string): Promise<Metadata> {
  const text = await readKey(connection, file, METADATA_KEY);
  if (text === null) {
    throw new Error(
      `${file} is not a table in the store's form: it has no '${METADATA_KEY}' metadata`,
    );
  }
  return metadataSchema.parse(JSON.parse(text));
}

async function readKey(
  connection: DuckDBConnection,
  file: string,
  key: string,
): Promise<string | null> {
  const reader = await connection.runAndReadAll(
    `SELECT decode(value) FROM parquet_kv_metadata(${sqlPath(file)}) WHERE decode(key) = ${sqlString(key)}`,
  );
  const text = reader.getRows()[0]?.[0];
  return typeof text === 'string' ? text : null;
}

function columnQuery(column: Metadata['columns'][number], j: number): ColumnQuery {
  const { kind, name } = column;
  const isTimestamp = kind === 'time' && column.stored === 'timestamp';
  return { kind, name, sql: isTimestamp ? `epoch_ms(${columnAlias(j)})::DOUBLE` : columnAlias(j) };
}

/** The column with the dictionary that it was written with. */
function restored(column: Column, { columns }: Metadata, j: number): Column {
  const written = columns[j];
  if (column.kind !== 'categorical' || written?.kind !== 'categorical') return column;
  if (written.dictionary === null) return column;
  const { dictionary } = written;
  const codeOf = new Map(dictionary.map((value, code) => [value, code]));
  const code = column.dictionary.map((value) => codeOf.get(value) ?? -1);
  return { ...column, codes: column.codes.map((found) => code[found] ?? -1), dictionary };
}
