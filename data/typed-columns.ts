import type { ColumnQuery } from './fetch-table.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import type { ExpectedKind } from './kind-of-texts.ts';
import { FIRST_INEXACT } from './text-profile.ts';

const NUMERIC =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const TIME = /^(DATE|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE)$/;
const CATEGORICAL = /^(BOOLEAN|VARCHAR|UUID|ENUM\(.*\)|TIME|TIME WITH TIME ZONE|TIME_NS)$/s;

/** Types of whole numbers of which doubles do not hold all. */
export const isWideInteger = (type: string): boolean =>
  /^(BIGINT|HUGEINT|UBIGINT|UHUGEINT)$/.test(type) || /^DECIMAL\((1[6-9]|[23]\d),0\)$/.test(type);

export interface TypedColumn {
  /** as DuckDB writes it */
  readonly type: string;
  /** how a query refers to the column */
  readonly sql: string;
  /** whether it holds whole numbers that doubles do not tell from their neighbours */
  readonly isInexact: boolean;
}

/**
 * How a column that has a type of its own becomes a column of a table: numbers as doubles, or as texts where these would
 * not hold them; dates and timestamps as UTC milliseconds; booleans and texts as categories. What is expected of it comes
 * first, where the type can be read so.
 * @throws InvalidDatasetError if it holds anything else
 */
export function typedColumnQuery(
  name: string,
  { type, sql, isInexact }: TypedColumn,
  { declared, known }: ExpectedKind,
): ColumnQuery {
  const isText = declared === 'text' || (declared === undefined && known === 'categorical');
  const isNumber = declared === 'numeric' || (declared === undefined && known === 'numeric');
  if (NUMERIC.test(type) && declared !== 'time') {
    if (isText || (isInexact && !isNumber))
      return { kind: 'categorical', name, sql: textOfNumber(type, sql) };
    return { kind: 'numeric', name, sql: `CAST(${sql} AS DOUBLE)` };
  }
  if (TIME.test(type) && declared !== 'numeric' && declared !== 'text') {
    const timestamp = type === 'TIMESTAMP' ? sql : `CAST(${sql} AS TIMESTAMP)`;
    const finite = `CASE WHEN isfinite(${timestamp}) THEN ${timestamp} END`;
    return { kind: 'time', name, sql: `CAST(epoch_ms(${finite}) AS DOUBLE)` };
  }
  if (type === 'BOOLEAN' && isNumber)
    return { kind: 'numeric', name, sql: `CAST(${sql} AS DOUBLE)` };
  const isReadable = CATEGORICAL.test(type) || (TIME.test(type) && declared === 'text');
  if (isReadable && declared !== 'numeric' && declared !== 'time') {
    return { kind: 'categorical', name, sql: `CAST(${sql} AS VARCHAR)` };
  }
  if (isReadable || NUMERIC.test(type) || TIME.test(type)) {
    throw new InvalidDatasetError(
      `column '${shown(name)}' is declared ${declared ?? ''} in pipeline.yaml (columns), and its values are of type ${shown(type)}`,
    );
  }
  throw new InvalidDatasetError(
    `column '${shown(name)}' holds values of type ${shown(type)}; expected numbers, texts, booleans, dates or timestamps: flatten nested values into columns of their own`,
  );
}

/** As a text file would have it: a whole number without a point, whatever its type. */
function textOfNumber(type: string, sql: string): string {
  if (type !== 'DOUBLE' && type !== 'FLOAT') return `CAST(${sql} AS VARCHAR)`;
  const isWhole = `${sql} = trunc(${sql}) AND abs(${sql}) < ${FIRST_INEXACT}`;
  return `CASE WHEN isfinite(${sql}) THEN CASE WHEN ${isWhole} THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) ELSE CAST(${sql} AS VARCHAR) END END`;
}
