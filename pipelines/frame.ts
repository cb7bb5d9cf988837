import type { DataFrame } from 'danfojs-node';
import type { CategoricalColumn, Column, Table } from '../core/table.ts';
import { HookFailedError } from './hook-failed.ts';

/**
 * A table as a danfo.js frame: missing numbers are NaN, other missing values null, times ISO 8601 texts (which
 * the frame's `dt` understands).
 *
 * danfo.js is loaded by the first call and not before: it takes about a second and 110 MB.
 */
export async function tableToFrame(table: Table): Promise<DataFrame> {
  const { DataFrame } = await import('danfojs-node');
  const columns = table.columns.map((column) => column.name);
  const dtypes = table.columns.map((column) => (column.kind === 'numeric' ? 'float32' : 'string'));
  const cells = table.columns.map(cellsOf);
  const rows = Array.from({ length: table.rows }, (_, i) => cells.map((column) => column[i]));
  // The type of a column is a name there: numbers are kept as they are, in double precision.
  return new DataFrame(rows, { columns, dtypes });
}

/**
 * The frame that a preprocess hook gave back as a table. Numbers, booleans and texts, Dates, and for missing
 * values NaN, null and undefined can be in it; booleans become the categories `true` and `false`.
 *
 * @param like the table that the frame was made from: columns that it has as times, and that still are texts of
 *   times, are times again; columns without any value keep their kind
 * @throws HookFailedError if it is no frame, or a column mixes kinds or holds what no column can
 */
export function frameToTable(frame: unknown, like?: Table): Table {
  const { columns, values } = partsOf(frame);
  const kinds = new Map(like?.columns.map((column) => [column.name, column.kind]));
  return {
    rows: values.length,
    // Values are read from the rows: the frame's tensors are single precision.
    columns: columns.map((name, j) =>
      columnOfCells(
        name,
        values.map((row) => row[j]),
        kinds.get(name),
      ),
    ),
  };
}

type Cell = number | string | null;

function cellsOf(column: Column): readonly Cell[] {
  switch (column.kind) {
    case 'numeric':
      return Array.from(column.values);
    case 'time':
      return Array.from(column.values, (ms) =>
        Number.isNaN(ms) ? null : new Date(ms).toISOString(),
      );
    case 'categorical':
      return Array.from(column.codes, (code) => column.dictionary[code] ?? null);
  }
}

function partsOf(frame: unknown): {
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
} {
  if (typeof frame !== 'object' || frame === null || !('columns' in frame && 'values' in frame)) {
    throw faulty(`found ${frame === null ? 'null' : typeof frame}, expected a DataFrame`);
  }
  const { columns, values } = frame;
  if (!Array.isArray(columns) || !Array.isArray(values) || !values.every(Array.isArray)) {
    throw faulty('found a Series or something like it, expected a DataFrame');
  }
  const names = columns.map(String);
  const double = names.find((name, j) => names.indexOf(name) !== j);
  if (double !== undefined) throw faulty(`two columns are called '${double}'`);
  return { columns: names, values: values as readonly (readonly unknown[])[] };
}

function columnOfCells(
  name: string,
  cells: readonly unknown[],
  before: Column['kind'] | undefined,
): Column {
  const first = cells.findIndex((cell) => !isMissing(cell));
  if (first < 0) return emptyColumn(name, cells.length, before ?? 'numeric');
  const kind = kindOfCell(cells[first], name, first);
  for (let i = first; i < cells.length; i++) {
    const cell = cells[i];
    if (
      !isMissing(cell) &&
      (typeof cell !== typeof cells[first] || (kind === 'time') !== cell instanceof Date)
    ) {
      throw faulty(
        `column '${name}' mixes kinds: row ${first + 1} is ${shown(cells[first])}, row ${i + 1} is ${shown(cell)}`,
      );
    }
  }
  if (kind === 'numeric') return { kind, name, values: numbersOf(name, cells) };
  if (kind === 'time') return { kind, name, values: timesOf(cells) };
  return (before === 'time' ? isoTimes(name, cells) : null) ?? categories(name, cells);
}

function emptyColumn(name: string, rows: number, kind: Column['kind']): Column {
  return kind === 'categorical'
    ? { kind, name, codes: new Int32Array(rows).fill(-1), dictionary: [] }
    : { kind, name, values: new Float64Array(rows).fill(NaN) };
}

function isMissing(cell: unknown): boolean {
  return cell === null || cell === undefined || Number.isNaN(cell);
}

function kindOfCell(cell: unknown, name: string, row: number): Column['kind'] {
  if (typeof cell === 'number') return 'numeric';
  if (typeof cell === 'string' || typeof cell === 'boolean') return 'categorical';
  if (cell instanceof Date) return 'time';
  throw faulty(
    `column '${name}', row ${row + 1}: found ${shown(cell)}, expected a number, a text, a boolean or a Date`,
  );
}

function numbersOf(name: string, cells: readonly unknown[]): Float64Array {
  return Float64Array.from(cells, (cell, i) => {
    if (typeof cell !== 'number') return NaN;
    if (cell === Infinity || cell === -Infinity) {
      throw faulty(
        `column '${name}', row ${i + 1}: found ${cell}, expected a finite number or NaN`,
      );
    }
    return cell;
  });
}

function timesOf(cells: readonly unknown[]): Float64Array {
  return Float64Array.from(cells, (cell) => (cell instanceof Date ? cell.getTime() : NaN));
}

/** The form in which `tableToFrame` writes times, and the shorter ones that mean the same. */
const ISO_TIME = /^[+-]?\d{4,6}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function isoTimes(name: string, cells: readonly unknown[]): Column | null {
  const values = new Float64Array(cells.length).fill(NaN);
  for (const [i, cell] of cells.entries()) {
    if (isMissing(cell)) continue;
    const ms = typeof cell === 'string' && ISO_TIME.test(cell) ? Date.parse(cell) : NaN;
    if (Number.isNaN(ms)) return null;
    values[i] = ms;
  }
  return { kind: 'time', name, values };
}

function categories(name: string, cells: readonly unknown[]): CategoricalColumn {
  const texts = cells.map((cell) => (isMissing(cell) ? null : String(cell)));
  const dictionary = [...new Set(texts.filter((text) => text !== null))].sort(byCodeUnit);
  const codeOf = new Map(dictionary.map((text, code) => [text, code]));
  const codes = Int32Array.from(texts, (text) => (text === null ? -1 : (codeOf.get(text) ?? -1)));
  return { kind: 'categorical', name, codes, dictionary };
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function faulty(fault: string): HookFailedError {
  return new HookFailedError('preprocess', 'the frame that it returned', fault);
}

function shown(cell: unknown): string {
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  if (typeof cell === 'string') return `'${cell}'`;
  return cell instanceof Date ? 'a Date' : typeof cell;
}
