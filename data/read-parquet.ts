import type { DuckDBConnection } from '@duckdb/node-api';
import { checkedColumnNames } from './column-names.ts';
import { WIDE_COLUMNS, type ColumnSource, type UseDataset } from './column-source.ts';
import { isOfFile, reasonOf } from './duckdb-error.ts';
import { columnAlias, sqlPath } from './duckdb.ts';
import { cleanText, findMissing, withoutMissing } from './clean-texts.ts';
import { notesOfMissing } from './data-source.ts';
import {
  EXPRESSIONS_PER_QUERY,
  fetchTable,
  RowCountError,
  type ColumnQuery,
} from './fetch-table.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import { requireConsistentFooter, requireSoundTexts } from './parquet-check.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import type { NoteOfReading } from './reading-notes.ts';
import { readTexts, type TextSettings } from './text-columns.ts';
import { FIRST_INEXACT } from './text-profile.ts';
import { isWideInteger, typedColumnQuery } from './typed-columns.ts';

/**
 * Reads a parquet file; its types decide the kinds of the columns, and those of text are what their texts are.
 * @throws InvalidDatasetError if it is damaged, or has columns of nested or binary type
 */
export async function withParquet<T>(
  connection: DuckDBConnection,
  file: string,
  { texts, limits }: { readonly texts: TextSettings; readonly limits: ReadLimits },
  { ofSource, ofTable }: UseDataset<T>,
): Promise<T> {
  try {
    const { names, rows } = await shapeOf(connection, file);
    requireSize({ rows, columns: names.length }, limits);
    const from = `read_parquet(${sqlPath(file)}, hive_partitioning = false)`;
    const types = await typesOf(connection, from);
    await requireConsistentFooter(connection, file, rows);
    const scan = { ...scanOf(file, names.length), rows };
    const raw = names.map((name, j) => ({
      kind: 'categorical' as const,
      name,
      sql: columnAlias(j),
    }));
    const ofText = [...names.keys()].filter((j) => types[j] === 'VARCHAR');
    await requireSoundTexts(connection, { ...scan, columns: raw }, ofText);
    const source = await sourceOfParquet(connection, scan, { names, types, texts });
    if (names.length <= WIDE_COLUMNS) return await ofSource(connection, source);
    const { notes = [] } = source;
    return ofTable({ ...(await fetchTable(connection, source.from, source)), notes });
  } catch (error) {
    throw asInvalidDataset(error);
  }
}

/** A scan of a parquet file with so many columns, c0, c1, …, that numbers its rows. */
export function scanOf(file: string, columns: number): Pick<ColumnSource, 'from' | 'rowNumber'> {
  const aliases = Array.from({ length: columns }, (_, j) => columnAlias(j));
  const rowNumber = columnAlias(columns);
  const scan = `read_parquet(${sqlPath(file)}, hive_partitioning = false, file_row_number = true)`;
  return { from: `${scan} AS data(${[...aliases, rowNumber].join(', ')})`, rowNumber };
}

/** Decimals of more are not read as what they are. */
const MOST_DIGITS = 38;

/** The names as the file has them: DuckDB renames those that differ in case only. */
async function shapeOf(
  connection: DuckDBConnection,
  file: string,
): Promise<{ readonly names: readonly string[]; readonly rows: number }> {
  const counted = await connection.runAndReadAll(
    `SELECT num_rows FROM parquet_file_metadata(${sqlPath(file)})`,
  );
  const schema = await connection.runAndReadAll(
    `SELECT name, coalesce(num_children, 0), coalesce(precision, 0), coalesce(scale, 0) FROM parquet_schema(${sqlPath(file)})`,
  );
  const names: string[] = [];
  // The schema is a tree in preorder: root, first column, its children, …
  let nested = 0;
  for (const [name, children, precision, scale] of schema.getRows().slice(1)) {
    if (Number(precision) > MOST_DIGITS) {
      throw new InvalidDatasetError(
        `column '${shown(String(name))}' is of type DECIMAL(${Number(precision)}, ${Number(scale)}); decimals of at most ${MOST_DIGITS} digits are read: store it as DECIMAL(${MOST_DIGITS}, ${Number(scale)}), as a double or as text`,
      );
    }
    if (nested === 0) names.push(String(name));
    else nested--;
    nested += Number(children);
  }
  return { names: checkedColumnNames(names), rows: Number(counted.getRows()[0]?.[0]) };
}

async function typesOf(connection: DuckDBConnection, from: string): Promise<readonly string[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  return described.getRows().map((row) => String(row[1]));
}

/** The columns of the kinds that their types say, and those of text of the kinds that their texts say. */
async function sourceOfParquet(
  connection: DuckDBConnection,
  scan: Omit<ColumnSource, 'columns'>,
  {
    names,
    types,
    texts,
  }: {
    readonly names: readonly string[];
    readonly types: readonly string[];
    readonly texts: TextSettings;
  },
): Promise<ColumnSource> {
  const ofText = [...names.keys()].filter((j) => types[j] === 'VARCHAR');
  const clean = ofText.map((j) => cleanText(columnAlias(j)));
  const missing = await findMissing(connection, scan, clean, texts.missing);
  const read = await readTexts(
    connection,
    scan,
    ofText.map((j, k) => ({
      name: names[j] ?? '',
      sql: withoutMissing(clean[k] ?? '', missing[k] ?? new Map()),
    })),
    texts,
  );
  const columns: ColumnQuery[] = [];
  const notes: NoteOfReading[] = [];
  const inexact = await inexactColumns(connection, scan.from, types);
  names.forEach((name, j) => {
    const k = ofText.indexOf(j);
    const typed = { type: types[j] ?? '', sql: columnAlias(j), isInexact: inexact.has(j) };
    const column = k >= 0 ? read.columns[k] : typedColumnQuery(name, typed, texts.expected(name));
    if (column !== undefined) columns.push(column);
    if (inexact.has(j) && column?.kind === 'categorical') notes.push(noteOfInexact(name));
  });
  const spelled = missing.map((found, k) => ({ name: names[ofText[k] ?? -1] ?? '', found }));
  return { ...scan, columns, notes: [...notes, ...read.notes, ...notesOfMissing(spelled)] };
}

const noteOfInexact = (name: string): NoteOfReading =>
  `column '${shown(name)}' is text: it holds whole numbers of more digits than a number keeps (columns.${shown(name)}.kind: numeric would read it so)`;

/** Which columns of whole numbers hold one that doubles do not tell from its neighbours. */
async function inexactColumns(
  connection: DuckDBConnection,
  from: string,
  types: readonly string[],
): Promise<ReadonlySet<number>> {
  const wide = [...types.keys()].filter((j) => isWideInteger(types[j] ?? ''));
  const found = new Set<number>();
  for (let start = 0; start < wide.length; start += EXPRESSIONS_PER_QUERY) {
    const batch = wide.slice(start, start + EXPRESSIONS_PER_QUERY);
    const selected = batch.map((j) => {
      const sql = columnAlias(j);
      return `count(*) FILTER (WHERE ${sql} >= ${FIRST_INEXACT} OR ${sql} <= -${FIRST_INEXACT})`;
    });
    const reader = await connection.runAndReadAll(`SELECT ${selected.join(', ')} FROM ${from}`);
    const counts = reader.getRows()[0] ?? [];
    batch.forEach((j, k) => Number(counts[k]) > 0 && found.add(j));
  }
  return found;
}

function asInvalidDataset(error: unknown): unknown {
  if (error instanceof RowCountError) {
    return new InvalidDatasetError(
      `the parquet file is damaged: ${error.message}; expected a complete one`,
      { cause: error },
    );
  }
  if (!isOfFile(error) || /^Out of Memory/.test(error.message)) return error;
  return new InvalidDatasetError(
    `the parquet file is damaged or cut short (${reasonOf(error)}); expected a complete one`,
    { cause: error },
  );
}
