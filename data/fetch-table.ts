import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { Column, Table } from '../core/table.ts';
import { chunksOf, doublesOf } from './result-chunks.ts';

/** DuckDB plans a query in time that grows with the square of its expressions. */
export const EXPRESSIONS_PER_QUERY = 100;

/** A query gave another number of rows than it should. */
export class RowCountError extends Error {
  override name = 'RowCountError';

  constructor(found: string, expected: number) {
    super(`it holds ${found} rows where ${expected} are announced`);
  }
}

/** A column to fetch: DOUBLE for numbers and times (ms since the epoch), VARCHAR for categories; NULL is missing. */
export interface ColumnQuery {
  readonly kind: Column['kind'];
  readonly name: string;
  /** SQL expression over `from` */
  readonly sql: string;
}

/**
 * Fetches query results into columns, chunk by chunk.
 * @param from SQL of a FROM clause with exactly `rows` rows; their order is kept
 * @throws RowCountError if the number of rows is another
 */
export async function fetchTable(
  connection: DuckDBConnection,
  from: string,
  { columns, rows }: { readonly columns: readonly ColumnQuery[]; readonly rows: number },
): Promise<Table> {
  const fetched: Column[] = [];
  for (let start = 0; start < columns.length; start += EXPRESSIONS_PER_QUERY) {
    const batch = columns.slice(start, start + EXPRESSIONS_PER_QUERY);
    fetched.push(...(await fetchColumns(connection, from, { columns: batch, rows })));
  }
  return { rows, columns: fetched };
}

async function fetchColumns(
  connection: DuckDBConnection,
  from: string,
  { columns, rows }: { readonly columns: readonly ColumnQuery[]; readonly rows: number },
): Promise<readonly Column[]> {
  const sinks = columns.map((column) =>
    column.kind === 'categorical' ? new CategorySink(column, rows) : new NumberSink(column, rows),
  );
  const expressions = columns.map(({ kind, sql }) =>
    kind === 'categorical' ? sql : `coalesce(${sql}, 'nan'::DOUBLE)`,
  );
  const result = await connection.stream(`SELECT ${expressions.join(', ')} FROM ${from}`);
  let offset = 0;
  for await (const chunk of chunksOf(result)) {
    if (offset + chunk.rowCount > rows) throw new RowCountError(`more than ${rows}`, rows);
    for (let j = 0; j < sinks.length; j++) sinks[j]?.take(chunk, j, offset);
    offset += chunk.rowCount;
  }
  if (offset !== rows) throw new RowCountError(String(offset), rows);
  return sinks.map((sink) => sink.column());
}

class NumberSink {
  readonly #query: ColumnQuery;
  readonly #values: Float64Array;

  constructor(query: ColumnQuery, rows: number) {
    this.#query = query;
    this.#values = new Float64Array(rows);
  }

  take(chunk: DuckDBDataChunk, j: number, offset: number): void {
    this.#values.set(doublesOf(chunk, j), offset);
  }

  column(): Column {
    const values = this.#values;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) values[i] = NaN;
    const { kind, name } = this.#query;
    return { kind: kind === 'time' ? 'time' : 'numeric', name, values };
  }
}

class CategorySink {
  readonly #query: ColumnQuery;
  readonly #codes: Int32Array;
  readonly #codeOf = new Map<unknown, number>();

  constructor(query: ColumnQuery, rows: number) {
    this.#query = query;
    this.#codes = new Int32Array(rows);
  }

  take(chunk: DuckDBDataChunk, j: number, offset: number): void {
    const vector = chunk.getColumnVector(j);
    for (let i = 0; i < chunk.rowCount; i++) {
      const value = vector.getItem(i);
      let code = value === null ? -1 : this.#codeOf.get(value);
      if (code === undefined) {
        code = this.#codeOf.size;
        this.#codeOf.set(value, code);
      }
      this.#codes[offset + i] = code;
    }
  }

  column(): Column {
    const found = [...this.#codeOf.keys()].map(String);
    return categoricalColumn(this.#query.name, this.#codes, found);
  }
}

/** A column of codes into distinct values in any order, brought into the order of `core/table.ts`. */
export function categoricalColumn(
  name: string,
  codes: Int32Array,
  values: readonly string[],
): Column {
  const order = Int32Array.from(values.keys()).sort((a, b) => byCodeUnit(values[a], values[b]));
  const rank = new Int32Array(values.length);
  order.forEach((code, position) => (rank[code] = position));
  return {
    kind: 'categorical',
    name,
    codes: codes.map((code) => (code < 0 ? -1 : (rank[code] ?? -1))),
    dictionary: Array.from(order, (code) => values[code] ?? ''),
  };
}

function byCodeUnit(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
