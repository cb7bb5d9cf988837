import { readFile, stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { cleanLongText, cleanOfSpaces, cleanText, hasSpaceAround } from './clean-texts.ts';
import type { DelimitedHeader } from './delimited-header.ts';
import { columnAlias, sqlPath, sqlString } from './duckdb.ts';
import { isOfFile, reasonOf } from './duckdb-error.ts';
import { holdTexts, type HeldTexts } from './held-texts.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import {
  holdsToTheEnd,
  lookAhead,
  LOOK_AHEAD_ROWS,
  signsOfTextIn,
  type ExpectedNumbers,
} from './look-ahead.ts';
import type { TextSettings } from './text-columns.ts';
import { MAX_LINE_LENGTH } from './text-lines.ts';

/** How a delimited file is written. */
export interface DelimitedForm {
  readonly header: DelimitedHeader;
  readonly quote: string;
  readonly texts: TextSettings;
  /** columns some of whose values are numbers by the form of the file that these texts come from */
  readonly hasNumbers?: ReadonlySet<number> | undefined;
}

/** A delimited file in the table `data`. */
export interface LoadedFile {
  /** the indices of the columns that hold numbers; the others hold texts, trimmed and in Unicode's composed form */
  readonly numeric: ReadonlySet<number>;
  /** numbers in these, among the first rows, that only a dot before the decimals makes sense of */
  readonly dots: number;
  /** the texts of a short file */
  readonly held?: HeldTexts | undefined;
}

/** From this on a file is long: looking ahead saves more time than it takes, and its columns fill memory. */
const LONG_BYTES = 1 << 20;

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
): Promise<LoadedFile> {
  try {
    if ((await stat(file)).size < LONG_BYTES) {
      return { ...AS_TEXT, held: await loadShort(connection, file, form) };
    }
    await connection.run(
      `CREATE TEMP TABLE head AS ${scan(file, form, AS_TEXT)} LIMIT ${LOOK_AHEAD_ROWS}`,
    );
    const expected = await lookAhead(connection, form);
    await connection.run('DROP TABLE head');
    if (expected.numeric.size > 0 && (await loadsTyped(connection, file, form, expected)))
      return expected;
    await keepInFile(connection, file, form, AS_TEXT);
    return AS_TEXT;
  } catch (error) {
    throw asInvalidDataset(error);
  }
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

async function loadShort(
  connection: DuckDBConnection,
  file: string,
  form: DelimitedForm,
): Promise<HeldTexts> {
  const { length } = form.header.names;
  // A byte order mark inside of a file, as where files were put one behind the other, is lost when texts are fetched.
  const hasMark = (await readFile(file)).includes(BYTE_ORDER_MARK, 1);
  const fields = scan(file, form, AS_TEXT, hasMark ? cleanText : cleanOfSpaces);
  await connection.run(`CREATE TEMP TABLE data AS ${fields}`);
  const held = await holdTexts(connection, length);
  if (!held.some((texts) => texts.some((text) => text !== null && hasSpaceAround(text)))) {
    return held;
  }
  const cleaned = form.header.names.map(
    (_, j) => `${cleanText(columnAlias(j))} AS ${columnAlias(j)}`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE data AS SELECT ${cleaned.join(', ')} FROM data`,
  );
  return holdTexts(connection, length);
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
    (_, j) => `${cleanText(columnAlias(start + j))} AS ${columnAlias(j)}`,
  );
  const fields = fieldsOf(file, form, AS_TEXT);
  try {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE data AS SELECT ${selected.join(', ')} FROM ${fields}`,
    );
  } catch (error) {
    throw asInvalidDataset(error);
  }
}

/**
 * Leaves rows out of the table `data`.
 * @param condition SQL of which rows
 */
export async function leaveOutRows(
  connection: DuckDBConnection,
  file: string,
  { columns, condition }: { readonly columns: number; readonly condition: string },
): Promise<void> {
  const aliases = Array.from({ length: columns }, (_, j) => columnAlias(j));
  const kept = `SELECT ${aliases.join(', ')} FROM data WHERE NOT coalesce(${condition}, false)`;
  if ((await stat(file)).size < LONG_BYTES) {
    await connection.run(`CREATE OR REPLACE TEMP TABLE data AS ${kept}`);
  } else await keepRows(connection, kept, { to: `${file}.kept`, columns });
}

const AS_TEXT: LoadedFile & { readonly missing: readonly string[] } = {
  ...{ numeric: new Set(), dots: 0, missing: [] },
};

/** False unless every value of the columns that are expected to be numeric is the number that its text stands for. */
async function loadsTyped(
  connection: DuckDBConnection,
  file: string,
  form: DelimitedForm,
  expected: ExpectedNumbers,
): Promise<boolean> {
  // Counted while DuckDB's threads load: this one has nothing else to do.
  const [loading, counting] = await Promise.allSettled([
    keepInFile(connection, file, form, expected),
    signsOfTextIn(file, form.header.delimiter),
  ]);
  // Whatever is wrong with the file, reading it as text says it better.
  if (loading.status === 'rejected' || counting.status === 'rejected') return false;
  return holdsToTheEnd(connection, { form, expected, inFile: counting.value });
}

/** Reads a file once into another one whose columns can be read one by one; replaces what was read before. */
async function keepInFile(
  connection: DuckDBConnection,
  file: string,
  form: DelimitedForm,
  types: TypesOfFields,
): Promise<void> {
  const columns = form.header.names.length;
  await keepRows(connection, scan(file, form, types, cleanLongText), {
    to: `${file}.columns`,
    columns,
  });
}

async function keepRows(
  connection: DuckDBConnection,
  query: string,
  { to, columns }: { readonly to: string; readonly columns: number },
): Promise<void> {
  // It is read a few times and then removed: packing it would take longer. Small groups of rows take little memory.
  await connection.run(
    `COPY (${query}) TO ${sqlString(to)} (FORMAT parquet, USE_TMP_FILE false,
      COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE ${ROW_GROUP})`,
  );
  const aliases = Array.from({ length: columns }, (_, j) => columnAlias(j));
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW data AS SELECT ${aliases.join(', ')}, file_row_number AS rowid
      FROM read_parquet(${sqlPath(to)}, hive_partitioning = false, file_row_number = true)`,
  );
}

/** Which fields are read as numbers, and what stands for a missing one among them. */
type TypesOfFields = Pick<ExpectedNumbers, 'numeric' | 'missing'>;

/** A query of all fields. */
function scan(file: string, form: DelimitedForm, types: TypesOfFields, clean = cleanText): string {
  const selected = form.header.names.map((_, j) =>
    types.numeric.has(j) ? columnAlias(j) : `${clean(columnAlias(j))} AS ${columnAlias(j)}`,
  );
  return `SELECT ${selected.join(', ')} FROM ${fieldsOf(file, form, types)}`;
}

/** SQL of the fields c0, c1, … as they are written. */
function fieldsOf(
  file: string,
  { header, quote, texts }: DelimitedForm,
  types: TypesOfFields,
): string {
  const columns = header.names.map(
    (_, j) => `${columnAlias(j)}: '${types.numeric.has(j) ? 'DOUBLE' : 'VARCHAR'}'`,
  );
  const missing = [...(texts.missing.everywhere.includes('') ? [''] : []), ...types.missing];
  return `read_csv(${sqlPath(file)},
    auto_detect = false, header = true, skip = ${header.blankLines}, columns = {${columns.join(', ')}},
    delim = ${sqlString(header.delimiter)}, quote = ${sqlString(quote)}, escape = ${sqlString(quote)},
    nullstr = [${nullTexts(header.delimiter, quote, missing).map(sqlString).join(', ')}],
    comment = '', compression = 'none', buffer_size = ${PARSED_BYTES}, max_line_size = ${MAX_LINE_LENGTH}, strict_mode = true, null_padding = false, ignore_errors = false)`;
}

/** The texts of missing values as they may stand in a field. */
function nullTexts(
  delimiter: string,
  quote: string,
  missing: readonly string[],
): readonly string[] {
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
