import type { DuckDBConnection } from '@duckdb/node-api';
import { checkedColumnNames } from './column-names.ts';
import { WIDE_COLUMNS, type ColumnSource, type UseDataset } from './column-source.ts';
import { isOfFile, reasonOf } from './duckdb-error.ts';
import { columnAlias, sqlPath } from './duckdb.ts';
import { fetchTable, RowCountError, type ColumnQuery } from './fetch-table.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { requireConsistentFooter, requireSoundTexts } from './parquet-check.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { typedColumnQuery } from './typed-columns.ts';

/**
 * Reads a parquet file; its types decide the kinds of the columns.
 * @throws InvalidDatasetError if it is damaged, or has columns of nested or binary type
 */
export async function withParquet<T>(
  connection: DuckDBConnection,
  file: string,
  limits: ReadLimits,
  { ofSource, ofTable }: UseDataset<T>,
): Promise<T> {
  try {
    const { names, rows } = await shapeOf(connection, file);
    requireSize({ rows, columns: names.length }, limits);
    const from = `read_parquet(${sqlPath(file)}, hive_partitioning = false)`;
    const { columns, texts } = await columnQueries(connection, from, names);
    await requireConsistentFooter(connection, file, rows);
    const source = { ...scanOf(file, names.length), columns, rows };
    await requireSoundTexts(connection, source, texts);
    if (names.length <= WIDE_COLUMNS) return await ofSource(connection, source);
    return ofTable(await fetchTable(connection, source.from, source));
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

/** The names as the file has them: DuckDB renames those that differ in case only. */
async function shapeOf(
  connection: DuckDBConnection,
  file: string,
): Promise<{ readonly names: readonly string[]; readonly rows: number }> {
  const counted = await connection.runAndReadAll(
    `SELECT num_rows FROM parquet_file_metadata(${sqlPath(file)})`,
  );
  const schema = await connection.runAndReadAll(
    `SELECT name, coalesce(num_children, 0) FROM parquet_schema(${sqlPath(file)})`,
  );
  const names: string[] = [];
  // The schema is a tree in preorder: root, first column, its children, …
  let nested = 0;
  for (const [name, children] of schema.getRows().slice(1)) {
    if (nested === 0) names.push(String(name));
    else nested--;
    nested += Number(children);
  }
  return { names: checkedColumnNames(names), rows: Number(counted.getRows()[0]?.[0]) };
}

/** The columns, and which of them hold text. */
async function columnQueries(
  connection: DuckDBConnection,
  from: string,
  names: readonly string[],
): Promise<{ readonly columns: readonly ColumnQuery[]; readonly texts: readonly number[] }> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  const types = described.getRows().map((row) => String(row[1]));
  const columns = names.map((name, j) =>
    typedColumnQuery(name, { type: types[j] ?? '', sql: columnAlias(j) }),
  );
  const texts = [...names.keys()].filter((j) => types[j] === 'VARCHAR');
  return { columns, texts };
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
