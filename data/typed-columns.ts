import type { ColumnQuery } from './fetch-table.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';

const NUMERIC =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const TIME = /^(DATE|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE)$/;
const CATEGORICAL = /^(BOOLEAN|VARCHAR|UUID|ENUM\(.*\)|TIME|TIME WITH TIME ZONE|TIME_NS)$/s;

/**
 * How a column that has a type of its own becomes a column of a table: numbers as doubles, dates and
 * timestamps as UTC milliseconds, booleans and texts as categories.
 * @param column.type as DuckDB writes it
 * @param column.sql how a query refers to the column
 * @throws InvalidDatasetError if it holds anything else
 */
export function typedColumnQuery(
  name: string,
  { type, sql }: { readonly type: string; readonly sql: string },
): ColumnQuery {
  if (NUMERIC.test(type)) return { kind: 'numeric', name, sql: `CAST(${sql} AS DOUBLE)` };
  if (TIME.test(type)) {
    const timestamp = type === 'TIMESTAMP' ? sql : `CAST(${sql} AS TIMESTAMP)`;
    const finite = `CASE WHEN isfinite(${timestamp}) THEN ${timestamp} END`;
    return { kind: 'time', name, sql: `CAST(epoch_ms(${finite}) AS DOUBLE)` };
  }
  if (CATEGORICAL.test(type)) return { kind: 'categorical', name, sql: `CAST(${sql} AS VARCHAR)` };
  throw new InvalidDatasetError(
    `column '${shown(name)}' holds values of type ${shown(type)}; expected numbers, texts, booleans, dates or timestamps: flatten nested values into columns of their own`,
  );
}
