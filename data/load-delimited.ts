import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { DelimitedHeader } from './delimited-header.ts';
import { columnAlias, sqlPath, sqlString } from './duckdb.ts';
import { isOfFile, reasonOf } from './duckdb-error.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { readPieces } from './read-pieces.ts';
import { MAX_LINE_LENGTH } from './text-lines.ts';
import { numericColumns, type TextTable } from './text-columns.ts';

/** How a delimited file is written. */
export interface DelimitedForm {
  readonly header: DelimitedHeader;
  readonly csv: Pick<PipelineConfig['files']['csv'], 'quote' | 'missing'>;
}

/** How the table `data` holds what was read. */
export interface LoadedText {
  /** the indices of the columns that hold numbers; the others hold text */
  readonly numeric: ReadonlySet<number>;
  readonly isLong: boolean;
}

/** From this on a file is long: looking ahead saves more time than it takes, and its columns fill memory. */
const LONG_BYTES = 1 << 20;
const LOOK_AHEAD_ROWS = 1000;

/** Of text that a thread of DuckDB's parses at a time; at its default of 32 MiB it is hardly faster. */
const PARSED_BYTES = 4 << 20;

/** Rows that are brought into columns at a time. */
const ROW_GROUP = 1 << 15;

/**
 * Reads every field into the columns c0, c1, … of the temporary table `data`, which numbers its rows by `rowid`;
 * nothing is left for DuckDB to guess. The columns of a long file are kept in another one beside it, `data` being a
 * view of it, so that memory does not grow with the rows.
 *
 * All as text, or, where the first rows of a long file are numbers, as the numbers that their texts stand for, which
 * takes a third of the time. If that does not hold to the last row, all is read again as text.
 * @param file in a folder of its own, which is removed when the connection is closed
 */
export async function loadDelimited(
  connection: DuckDBConnection,
  file: string,
  form: DelimitedForm,
): Promise<LoadedText> {
  const asText = new Set<number>();
  try {
    if ((await stat(file)).size < LONG_BYTES) {
      await connection.run(`CREATE TEMP TABLE data AS ${scan(file, form, asText)}`);
      return { numeric: asText, isLong: false };
    }
    const numeric = await lookAhead(connection, file, form);
    if (numeric.size > 0 && (await loadsTyped(connection, file, { form, numeric }))) {
      return { numeric, isLong: true };
    }
    await keepInFile(connection, file, { form, numeric: asText });
    return { numeric: asText, isLong: true };
  } catch (error) {
    throw asInvalidDataset(error);
  }
}

/**
 * Reads some columns of a file into the columns c0, c1, … of the temporary table `data`, all as text; replaces what was
 * read before.
 * @param group indices of the first column and of the one after the last
 */
export async function loadColumns(
  connection: DuckDBConnection,
  file: string,
  form: DelimitedForm,
  [start, end]: readonly [start: number, end: number],
): Promise<void> {
  const selected = Array.from(
    { length: end - start },
    (_, j) => `trim(${columnAlias(start + j)}) AS ${columnAlias(j)}`,
  );
  const fields = fieldsOf(file, form, new Set());
  try {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE data AS SELECT ${selected.join(', ')} FROM ${fields}`,
    );
  } catch (error) {
    throw asInvalidDataset(error);
  }
}

/** Which columns hold nothing but numbers in the first rows. */
async function lookAhead(
  connection: DuckDBConnection,
  file: string,
  form: DelimitedForm,
): Promise<ReadonlySet<number>> {
  const head: TextTable = { name: 'head', columns: form.header.names.length };
  await connection.run(
    `CREATE TEMP TABLE head AS ${scan(file, form, new Set())} LIMIT ${LOOK_AHEAD_ROWS}`,
  );
  const numeric = await numericColumns(connection, head);
  await connection.run('DROP TABLE head');
  return numeric;
}

/** False, and nothing loaded, unless every value of the given columns is the number that its text stands for. */
async function loadsTyped(
  connection: DuckDBConnection,
  file: string,
  { form, numeric }: { readonly form: DelimitedForm; readonly numeric: ReadonlySet<number> },
): Promise<boolean> {
  // Counted while DuckDB's threads load: this one has nothing else to do.
  const [loading, counting] = await Promise.allSettled([
    keepInFile(connection, file, { form, numeric }),
    underscoresOf(file),
  ]);
  // Whatever is wrong with the file, reading it as text says it better.
  if (loading.status === 'rejected' || counting.status === 'rejected') return false;
  // DuckDB takes 2024_01 for a number, which we do not: all underscores of the file must be found elsewhere.
  const texts = form.header.names.flatMap((_, j) => (numeric.has(j) ? [] : [columnAlias(j)]));
  const elsewhere = form.header.names.reduce((sum, name) => sum + underscoresIn(name), 0);
  const inFile = counting.value;
  if (inFile === elsewhere) return true;
  if (texts.length > 0) {
    const joined = `concat(${texts.join(', ')})`;
    const counted = await connection.runAndReadAll(
      `SELECT sum(length(${joined}) - length(replace(${joined}, '_', ''))) FROM data`,
    );
    if (inFile === elsewhere + Number(counted.getRows()[0]?.[0])) return true;
  }
  return false;
}

/** Reads a file once into another one whose columns can be read one by one; replaces what was read before. */
async function keepInFile(
  connection: DuckDBConnection,
  file: string,
  { form, numeric }: { readonly form: DelimitedForm; readonly numeric: ReadonlySet<number> },
): Promise<void> {
  const columns = `${file}.columns`;
  // It is read a few times and then removed: packing it would take longer. Small groups of rows take little memory.
  await connection.run(
    `COPY (${scan(file, form, numeric)}) TO ${sqlString(columns)} (FORMAT parquet, USE_TMP_FILE false,
      COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE ${ROW_GROUP})`,
  );
  const aliases = form.header.names.map((_, j) => columnAlias(j));
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW data AS SELECT ${aliases.join(', ')}, file_row_number AS rowid
      FROM read_parquet(${sqlPath(columns)}, hive_partitioning = false, file_row_number = true)`,
  );
}

const underscoresIn = (text: string): number => text.split('_').length - 1;

async function underscoresOf(file: string): Promise<number> {
  let count = 0;
  for await (const piece of readPieces(file)) {
    for (let at = piece.indexOf('_'); at >= 0; at = piece.indexOf('_', at + 1)) count++;
  }
  return count;
}

/** A query of all fields, those of `numeric` as DOUBLE and the others as text without spaces around it. */
function scan(file: string, form: DelimitedForm, numeric: ReadonlySet<number>): string {
  const selected = form.header.names.map((_, j) =>
    numeric.has(j) ? columnAlias(j) : `trim(${columnAlias(j)}) AS ${columnAlias(j)}`,
  );
  return `SELECT ${selected.join(', ')} FROM ${fieldsOf(file, form, numeric)}`;
}

/** SQL of the fields c0, c1, … as they are written. */
function fieldsOf(
  file: string,
  { header, csv }: DelimitedForm,
  numeric: ReadonlySet<number>,
): string {
  const columns = header.names.map(
    (_, j) => `${columnAlias(j)}: '${numeric.has(j) ? 'DOUBLE' : 'VARCHAR'}'`,
  );
  return `read_csv(${sqlPath(file)},
    auto_detect = false, header = true, skip = ${header.blankLines}, columns = {${columns.join(', ')}},
    delim = ${sqlString(header.delimiter)}, quote = ${sqlString(csv.quote)}, escape = ${sqlString(csv.quote)},
    nullstr = [${nullTexts(header.delimiter, csv).map(sqlString).join(', ')}],
    comment = '', compression = 'none', buffer_size = ${PARSED_BYTES}, max_line_size = ${MAX_LINE_LENGTH}, strict_mode = true, null_padding = false, ignore_errors = false)`;
}

/** The missing tokens as they may stand in a field. */
function nullTexts(delimiter: string, { missing, quote }: DelimitedForm['csv']): readonly string[] {
  const padded = missing.flatMap((token) => [token, ` ${token}`, `${token} `, ` ${token} `]);
  // DuckDB refuses those that no field can hold; and without any, it would take '' for missing.
  const possible = [...new Set(padded)].filter(
    (text) => !text.includes(delimiter) && !text.includes(quote) && !text.includes('\n'),
  );
  return possible.length > 0 ? possible : [NEVER];
}

/** No text that passed `decodeText` holds it. */
const NEVER = '\uFFFF\uFFFE';

/** DuckDB says in prose what is wrong with a file. */
function asInvalidDataset(error: unknown): unknown {
  if (!isOfFile(error)) return error;
  const { message } = error;
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const where = line === undefined ? 'the file' : `line ${line}`;
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  const invalid = (what: string): InvalidDatasetError =>
    new InvalidDatasetError(`${where} ${what}`, { cause: error });
  if (fields !== null) {
    return invalid(
      `has ${fields[2] ?? ''} fields, the header has ${fields[1] ?? ''}; every row needs as many as the header (put a value that contains the delimiter in quotes)`,
    );
  }
  if (message.includes('unterminated quote')) {
    return invalid(
      'has a quote that is not closed, or text after a closing quote; double a quote inside a value',
    );
  }
  if (/Maximum line size|The Parallel CSV Reader/.test(message)) {
    return invalid(
      `has a row of more than ${MAX_LINE_LENGTH} bytes, the most that is read; is a quote left open, or are the line ends missing?`,
    );
  }
  if (line === undefined) return error;
  return invalid(`cannot be read as delimited text (${reasonOf(error)})`);
}
