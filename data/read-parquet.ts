import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table } from '../core/table.ts';
import { checkedColumnNames } from './column-names.ts';
import { columnAlias, sqlPath } from './duckdb.ts';
import { fetchTable } from './fetch-table.ts';
import type { ColumnQuery } from './fetch-table.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { typedColumnQuery } from './typed-columns.ts';

/**
 * Reads a parquet file; its types decide the kinds of the columns.
 * @throws InvalidDatasetError if it is damaged, or has columns of nested or binary type
 */
export async function readParquet(
  connection: DuckDBConnection,
  file: string,
  limits: ReadLimits,
): Promise<Table> {
  try {
    const { names, rows } = await shapeOf(connection, file);
    requireSize({ rows, columns: names.length }, limits);
    const from = `read_parquet(${sqlPath(file)}, hive_partitioning = false)`;
    const columns = await columnQueries(connection, from, names);
    const aliases = names.map((_, j) => columnAlias(j));
    return await fetchTable(connection, `${from} AS data(${aliases.join(', ')})`, {
      columns,
      rows,
    });
  } catch (error) {
    throw asInvalidDataset(error);
  }
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

async function columnQueries(
  connection: DuckDBConnection,
  from: string,
  names: readonly string[],
): Promise<readonly ColumnQuery[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  const types = described.getRows().map((row) => String(row[1]));
  return names.map((name, j) =>
    typedColumnQuery(name, { type: types[j] ?? '', sql: columnAlias(j) }),
  );
}

/** What DuckDB says when the file is to blame and not the machine. */
const DAMAGE =
  /^(Invalid Input|Invalid|IO|Conversion|Serialization|Not implemented|TransactionContext) Error/i;

function asInvalidDataset(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof InvalidDatasetError) return error;
  if (!DAMAGE.test(error.message)) return error;
  const why = (error.message.split('\n', 1)[0] ?? '')
    .replaceAll(/(in |of )?file '[^']*'/gi, '')
    .trim();
  return new InvalidDatasetError(
    `the parquet file is damaged or cut short (${why}); expected a complete one`,
    { cause: error },
  );
}
