import { columnOf } from '../../table.ts';
import type { Table } from '../../table.ts';
import { findOnset } from './onset.ts';

/** The row of a file from which on something is different. */
export interface RowOnset {
  /** from 1, as the file counts its rows; with a time column the first such row in the order of time */
  readonly row: number;
  /** of that row, in milliseconds since 1970-01-01T00:00:00Z or the unit of the column; null without a time column */
  readonly time: number | null;
  /** of the rows looked at, how many come before it in that order */
  readonly rowsBefore: number;
  /** in [0, 1]; where several sequences were looked at, corrected over them */
  readonly pValue: number;
}

/** Rows in the order in which they happened. */
export interface RowOrder {
  /** index in the file of each row, oldest first */
  readonly rows: Int32Array;
  /** the time of each of them; null without a time column */
  readonly times: Float64Array | null;
}

/**
 * The order in which rows happened: that of the file, or of its time column; rows without a time come first.
 *
 * @param rows the rows asked about, ascending
 * @throws RangeError if the time column is absent or holds text
 */
export function rowOrder(table: Table, rows: Int32Array, timeColumn?: string): RowOrder {
  if (timeColumn === undefined) return { rows, times: null };
  const column = columnOf(table, timeColumn);
  if (column.kind === 'categorical') {
    throw new RangeError(`time column '${timeColumn}' holds text; times or numbers are needed`);
  }
  const { values } = column;
  const timeOf = (row: number): number => (Number.isNaN(values[row]) ? -Infinity : values[row]);
  const ordered = rows.slice().sort((a, b) => {
    const [ta, tb] = [timeOf(a), timeOf(b)];
    return ta < tb ? -1 : ta > tb ? 1 : a - b;
  });
  return { rows: ordered, times: Float64Array.from(ordered, (row) => values[row]) };
}

/**
 * Where values begin to be larger, see `findOnset`.
 * @param values one for each row of the order, in that order
 * @returns null if they do not rise anywhere, or are too few to tell
 */
export function onsetInOrder(values: Float64Array, order: RowOrder): RowOnset | null {
  const onset = findOnset(values);
  return onset === null ? null : { ...placeOf(order, onset.index), pValue: onset.pValue };
}

/** The row at a position of the order, and its time. */
export function placeOf(
  { rows, times }: RowOrder,
  position: number,
): Pick<RowOnset, 'row' | 'time' | 'rowsBefore'> {
  const time = times === null || Number.isNaN(times[position]) ? null : times[position];
  return { row: rows[position] + 1, time, rowsBefore: position };
}

const FIRST_YEAR = 1980;
const LAST_YEAR = 2200;

/** The date that a time is, if likely: a time column may hold numbers of another unit than milliseconds. */
export function likelyDate(time: number): Date | null {
  const date = new Date(time);
  const year = Number.isNaN(date.getTime()) ? NaN : date.getUTCFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR ? date : null;
}
