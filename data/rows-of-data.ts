import type { DuckDBConnection } from '@duckdb/node-api';
import { columnAlias, sqlString } from './duckdb.ts';
import type { HeldTexts } from './held-texts.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';

/** The columns of the table `data` that hold texts. */
export interface TextsOfData {
  readonly names: readonly string[];
  /** indices of the columns that hold numbers */
  readonly numeric: ReadonlySet<number>;
  /** the same texts, where they are in memory and all columns hold texts */
  readonly held?: HeldTexts | undefined;
}

/** Rows that are none, and may be left out. */
export interface RowsThatAreNone {
  /** without a value in any column */
  readonly empty: number;
  /** that hold the names of the columns, as where files were put one behind the other */
  readonly headers: number;
  /** SQL of which rows these are */
  readonly condition: string;
}

/**
 * Counts the rows of the table `data` without any value, and those that repeat the header. Of a single column every
 * row is one.
 */
export async function rowsThatAreNone(
  connection: DuckDBConnection,
  { names, numeric, held }: TextsOfData,
): Promise<RowsThatAreNone> {
  if (names.length < 2) return { empty: 0, headers: 0, condition: 'false' };
  const all = [...names.keys()];
  const isBlank = (j: number): string =>
    numeric.has(j) ? `${columnAlias(j)} IS NULL` : `coalesce(${columnAlias(j)}, '') = ''`;
  const inOrder = [...all.filter((j) => numeric.has(j)), ...all.filter((j) => !numeric.has(j))];
  const isEmpty = inOrder.map(isBlank).join(' AND ');
  const isHeader = names
    .map((name, j) => `coalesce(${columnAlias(j)}, '') = ${sqlString(name)}`)
    .join(' AND ');
  // A condition of its own each, so that a column without missing values ends the search.
  const empty =
    held === undefined ? await countWhere(connection, isEmpty) : rowsLike(held, () => '');
  const headers =
    numeric.size > 0
      ? 0
      : held === undefined
        ? await countWhere(connection, isHeader)
        : rowsLike(held, (j) => names[j] ?? '');
  return {
    empty,
    headers,
    condition: numeric.size > 0 ? isEmpty : `(${isEmpty}) OR (${isHeader})`,
  };
}

/** How many rows hold a certain text in each column; a missing one is empty. */
function rowsLike(held: HeldTexts, textOf: (column: number) => string): number {
  const [first = []] = held;
  return first.filter((_, i) => held.every((values, j) => (values[i] ?? '') === textOf(j))).length;
}

async function countWhere(connection: DuckDBConnection, condition: string): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM data WHERE ${condition}`);
  return Number(reader.getRows()[0]?.[0]);
}

/** Rows at the end among which a total is looked for. */
const LAST_ROWS = 8;
const TOTAL =
  /^[\s=*:]*(grand |sub|end|gesamt)?-?(total|totals|sum|summe|gesamt|gesamtsumme|somme|suma|totale|totaal|summa|totalt|итого|всего|合计|总计|合計)[\s=*:]*$/iu;

/**
 * Refuses a total or a note below the data: one row at the end with less in it than all before it have, one of whose
 * values says that it is the sum of the others.
 * @throws InvalidDatasetError naming the row
 */
export async function refuseTotals(
  connection: DuckDBConnection,
  data: TextsOfData,
  rows: number,
): Promise<void> {
  const { names } = data;
  if (names.length < 3 || rows < 3) return;
  const last = await lastRows(connection, data, Math.max(0, rows - LAST_ROWS));
  const missing = last.map((row) => row.filter((value) => value === null).length);
  for (const [k, row] of last.entries()) {
    const before = missing.slice(0, k);
    const has = row.length - (missing[k] ?? 0);
    if (k === 0 || (missing[k] ?? 0) <= Math.max(...before)) continue;
    const j = row.findIndex((value) => typeof value === 'string' && TOTAL.test(value.trim()));
    if (j < 0 || 2 * has > row.length) continue;
    throw new InvalidDatasetError(
      `row ${rows - last.length + k + 1} looks like a total: '${shown(String(row[j]))}' in column '${shown(names[j] ?? '')}', and no value in ${missing[k] ?? 0} of the ${row.length} columns; remove the row, since it would count as one more`,
    );
  }
}

async function lastRows(
  connection: DuckDBConnection,
  { names, numeric, held }: TextsOfData,
  start: number,
): Promise<readonly (readonly unknown[])[]> {
  if (held !== undefined) {
    const [first = []] = held;
    return first.slice(start).map((_, i) => held.map((values) => values[start + i] ?? null));
  }
  const selected = names.map((_, j) =>
    numeric.has(j) ? `CAST(${columnAlias(j)} AS VARCHAR)` : columnAlias(j),
  );
  const reader = await connection.runAndReadAll(
    `SELECT ${selected.join(', ')} FROM data WHERE rowid >= ${start} ORDER BY rowid`,
  );
  return reader.getRows();
}
