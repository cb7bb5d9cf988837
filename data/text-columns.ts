import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '../core/table.ts';
import type { ColumnSource } from './column-source.ts';
import { columnAlias } from './duckdb.ts';
import { EXPRESSIONS_PER_QUERY } from './fetch-table.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';

/**
 * How columns of text become columns of a table, the same for every text format:
 *
 * - Spaces around a value do not count; a value that is then one of the missing tokens is missing.
 * - A column is numeric if each of its values is a number, and time if each is an ISO 8601 date or timestamp
 *   (without offset: UTC). All other columns are categorical, and so is one without any value.
 * - `inf` and `nan`, however written, are numbers that no statistic is defined on: missing.
 * - At most 5 % of a column's values, and at most 3 different ones, that are not a number (a date) in a column
 *   where all others are, is a mistake in the data and an error, not a categorical column.
 */
const MAX_ODD_SHARE = 0.05;
const MAX_ODD_DISTINCT = 3;

/** A table of the database whose columns c0, c1, … are VARCHAR. */
export interface TextTable {
  readonly name: string;
  readonly columns: number;
}

/** The indices of the columns that have values, all of which are numbers. */
export async function numericColumns(
  connection: DuckDBConnection,
  { name, columns }: TextTable,
): Promise<ReadonlySet<number>> {
  const all = Array.from({ length: columns }, (_, j) => j);
  const counted = await countNumbers(connection, all, name);
  const isNumeric = ({ present, numeric }: NumberCounts): boolean =>
    present > 0 && present === numeric;
  return new Set(all.filter((j) => isNumeric(counted.of.get(j) ?? NO_VALUES)));
}

/**
 * The columns c0, c1, … of VARCHAR of the table `data` as columns of their kinds.
 * @param text.numeric indices of those that are DOUBLE already
 * @param text.isLong whether counting all rows twice takes longer than a further query
 * @throws InvalidDatasetError naming row, column and value of a mistake in the data
 */
export async function textSource(
  connection: DuckDBConnection,
  {
    names,
    numeric = new Set(),
    isLong = true,
    limits,
  }: {
    readonly names: readonly string[];
    readonly numeric?: ReadonlySet<number>;
    readonly isLong?: boolean;
    readonly limits: ReadLimits;
  },
): Promise<ColumnSource> {
  const texts = [...names.keys()].filter((j) => !numeric.has(j));
  const counted = await countNumbers(connection, isLong ? [] : texts, 'data');
  const { rows } = counted;
  requireSize({ rows, columns: names.length }, limits);
  const numbers = isLong ? await countUndecided(connection, texts, rows) : counted.of;
  const kinds = await kindsOf(connection, names, { numeric, numbers });
  const columns = names.map((name, j) => {
    const kind = kinds[j] ?? 'categorical';
    const alias = columnAlias(j);
    return { kind, name, sql: numeric.has(j) ? alias : FORMS[kind](alias) };
  });
  return { from: 'data', rowNumber: 'rowid', rows, columns };
}

type Kind = Column['kind'];

/** SQL of a text's value as a kind, NULL where it has none. */
const FORMS: Readonly<Record<Kind, (sql: string) => string>> = {
  categorical: (sql) => sql,
  // DuckDB would take 2024_01 for a number. Without CASE, which takes long to plan.
  numeric: (sql) => `TRY_CAST(replace(${sql}, '_', '?') AS DOUBLE)`,
  // As TIMESTAMP, DuckDB would ignore an offset; and it would take 3-2-1 and 'epoch' for dates.
  time: (sql) =>
    `CAST(epoch_ms(TRY_CAST(regexp_extract(${sql}, '^\\d{4}[-/].*') AS TIMESTAMPTZ)) AS DOUBLE)`,
};

const MEANING: Readonly<Record<Kind, string>> = {
  categorical: 'a text',
  numeric: 'a number',
  time: 'a date such as 2024-12-31 or 2024-12-31T23:59:59Z',
};

/** @param numbers counts of the columns that may be numbers or dates */
async function kindsOf(
  connection: DuckDBConnection,
  names: readonly string[],
  {
    numeric,
    numbers,
  }: {
    readonly numeric: ReadonlySet<number>;
    readonly numbers: ReadonlyMap<number, NumberCounts>;
  },
): Promise<readonly Kind[]> {
  const counted = await withTimes(connection, numbers, 'data');
  const kinds: Kind[] = names.map((_, j) => (numeric.has(j) ? 'numeric' : 'categorical'));
  for (const [j, found] of counted) {
    const { present: n } = found;
    const leading = found.time > found.numeric ? 'time' : 'numeric';
    const odd = oddOf(found);
    if (n > 0 && odd === 0) kinds[j] = leading;
    if (odd > 0 && odd <= MAX_ODD_SHARE * n) {
      await refuseMistake(connection, { j, name: names[j] ?? '', kind: leading, odd, n });
    }
  }
  return kinds;
}

/** From this on it saves time to look at the first rows of a table before all of them. */
const LONG_ROWS = 20_000;
/** The share of the rows that tell of most texts that they are neither numbers nor dates. */
const TELLING_SHARE = 0.06;

/** Of those that the rest of the rows may yet show to be numbers or dates, but for a mistake in them. */
async function countUndecided(
  connection: DuckDBConnection,
  texts: readonly number[],
  rows: number,
): Promise<ReadonlyMap<number, NumberCounts>> {
  const open = rows < LONG_ROWS ? texts : await undecidedTexts(connection, texts, rows);
  return (await countNumbers(connection, open, 'data')).of;
}

async function undecidedTexts(
  connection: DuckDBConnection,
  texts: readonly number[],
  rows: number,
): Promise<readonly number[]> {
  const first = `(FROM data LIMIT ${Math.ceil(TELLING_SHARE * rows)})`;
  const { of } = await countNumbers(connection, texts, first);
  const counted = await withTimes(connection, of, first);
  return texts.filter((j) => oddOf(counted.get(j) as FormCounts) <= MAX_ODD_SHARE * rows);
}

/** How many values of a column are there, and how many are numbers. */
interface NumberCounts {
  readonly present: number;
  readonly numeric: number;
}

const NO_VALUES: NumberCounts = { present: 0, numeric: 0 };

/** The same, and how many are dates. */
interface FormCounts extends NumberCounts {
  readonly time: number;
}

/** Values that are not of the form that most are of. */
const oddOf = ({ present, numeric, time }: FormCounts): number => present - Math.max(numeric, time);

/** Counts the rows, and in columns the values and the numbers among them. */
async function countNumbers(
  connection: DuckDBConnection,
  columns: readonly number[],
  from: string,
): Promise<{ readonly rows: number; readonly of: ReadonlyMap<number, NumberCounts> }> {
  const forms = columns.map(columnAlias).flatMap((alias) => [alias, FORMS.numeric(alias)]);
  const [rows = 0, ...found] = await counts(connection, ['*', ...forms], from);
  const of = columns.map((j, k): [number, NumberCounts] => [
    j,
    { present: found[2 * k] ?? 0, numeric: found[2 * k + 1] ?? 0 },
  ]);
  return { rows, of: new Map(of) };
}

/** Counts the dates in those columns whose values are not all numbers. */
async function withTimes(
  connection: DuckDBConnection,
  numbers: ReadonlyMap<number, NumberCounts>,
  from: string,
): Promise<ReadonlyMap<number, FormCounts>> {
  const open = [...numbers].filter(([, { present, numeric }]) => numeric !== present);
  const forms = open.map(([j]) => FORMS.time(columnAlias(j)));
  const times = await counts(connection, forms, from);
  const timeOf = new Map(open.map(([j], k) => [j, times[k] ?? 0]));
  return new Map([...numbers].map(([j, own]) => [j, { ...own, time: timeOf.get(j) ?? 0 }]));
}

/** How many values each expression has. */
async function counts(
  connection: DuckDBConnection,
  expressions: readonly string[],
  from: string,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let start = 0; start < expressions.length; start += EXPRESSIONS_PER_QUERY) {
    const batch = expressions.slice(start, start + EXPRESSIONS_PER_QUERY);
    const selected = batch.map((expression) => `count(${expression})`);
    const reader = await connection.runAndReadAll(`SELECT ${selected.join(', ')} FROM ${from}`);
    found.push(...(reader.getRows()[0] ?? []).map(Number));
  }
  return found;
}

async function refuseMistake(
  connection: DuckDBConnection,
  column: {
    readonly j: number;
    readonly name: string;
    readonly kind: Kind;
    readonly odd: number;
    readonly n: number;
  },
): Promise<void> {
  const { j, name, kind, odd, n } = column;
  const alias = columnAlias(j);
  const isOdd = `${alias} IS NOT NULL AND ${FORMS[kind](alias)} IS NULL`;
  const reader = await connection.runAndReadAll(
    `SELECT min(rowid) + 1, arg_min(${alias}, rowid), count(DISTINCT ${alias}) FROM data WHERE ${isOdd}`,
  );
  const [row, value, distinct] = reader.getRows()[0] ?? [];
  if (Number(distinct) > MAX_ODD_DISTINCT) return;
  throw new InvalidDatasetError(
    `row ${Number(row)}, column '${shown(name)}': '${shown(String(value))}' is not ${MEANING[kind]}, as ${n - odd} of the column's ${n} values are; correct it, or add it to files.csv.missing if it stands for a missing value`,
  );
}
