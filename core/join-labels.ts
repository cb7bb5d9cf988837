import { columnOf } from './table.ts';
import type { Column, Table } from './table.ts';

/**
 * A table with the outcomes that another one has for the same keys. Rows whose key has no outcome get a missing
 * one; outcomes of keys that no row has are left out. Keys are compared by
 * their exact text: a number is the key that its digits are, 7.0 and 7 are one, and 0012 and 12 are two.
 *
 * @param table has the key column; a target column of its own is replaced
 * @param labels has the key and target columns, each key once
 * @throws RangeError if a column is absent, a key is there twice, no key is in both, or no row gets an outcome
 */
export function joinLabels(
  table: Table,
  labels: Table,
  { key, target }: { readonly key: string; readonly target: string },
): Table {
  const outcomes = columnOf(labels, target);
  const rowOfKey = rowsByKey(columnOf(labels, key));
  const keyOf = keysOf(columnOf(table, key));
  let found = 0;
  const rows = Int32Array.from({ length: table.rows }, (_, row) => {
    const own = keyOf(row);
    const at = own === null ? undefined : rowOfKey.get(own);
    if (at !== undefined) found++;
    return at ?? -1;
  });
  if (found === 0) {
    throw new RangeError(
      `none of the ${labels.rows} labels has a '${key}' of the ${table.rows} rows`,
    );
  }
  const joined = takeOrMissing(outcomes, rows);
  if (isEmpty(joined)) {
    throw new RangeError(
      `none of the ${found} labels that belong to a row has a value in '${target}'`,
    );
  }
  const others = table.columns.filter(({ name }) => name !== target);
  return { rows: table.rows, columns: [...others, joined] };
}

/**
 * Makes sure of what labels need, whichever table they are for.
 * @throws RangeError if a column is absent, a key is there twice, or no row has a key and an outcome
 */
export function requireLabels(
  labels: Table,
  { key, target }: { readonly key: string; readonly target: string },
): void {
  const outcomes = columnOf(labels, target);
  const rows = Int32Array.from(rowsByKey(columnOf(labels, key)).values());
  if (isEmpty(takeOrMissing(outcomes, rows))) {
    throw new RangeError(
      `none of the ${labels.rows} labels has both a '${key}' and a value in '${target}'`,
    );
  }
}

function rowsByKey(column: Column): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  const length = column.kind === 'categorical' ? column.codes.length : column.values.length;
  const keyOf = keysOf(column);
  for (let row = 0; row < length; row++) {
    const key = keyOf(row);
    if (key === null) continue;
    const before = rows.get(key);
    if (before !== undefined) {
      throw new RangeError(
        `'${column.name}' ${key} is in rows ${before + 1} and ${row + 1} of the labels; each may be there once`,
      );
    }
    rows.set(key, row);
  }
  return rows;
}

/** From here on doubles do not tell whole numbers apart. */
const FIRST_INEXACT = 2 ** 53;

/** A whole number as programs write it that keep it as one with decimals. */
const WHOLE = /^(-?(?:0|[1-9]\d*))\.0+$/;

/**
 * The key of a row as text; null where it is missing.
 * @throws RangeError for a number of which it is not known exactly which one it is
 */
function keysOf(column: Column): (row: number) => string | null {
  if (column.kind === 'categorical') {
    const keys = column.dictionary.map((text) => WHOLE.exec(text)?.[1] ?? text);
    return (row) => (column.codes[row] < 0 ? null : keys[column.codes[row]]);
  }
  return (row) => {
    const value = column.values[row];
    if (Number.isNaN(value)) return null;
    if (column.kind === 'numeric' && Math.abs(value) >= FIRST_INEXACT) {
      throw new RangeError(
        `'${column.name}' in row ${row + 1} is a number of more digits than numbers keep; store the key as text`,
      );
    }
    return String(value);
  };
}

function isEmpty(column: Column): boolean {
  return column.kind === 'categorical'
    ? column.codes.every((code) => code < 0)
    : column.values.every(Number.isNaN);
}

/** @param rows −1 = missing */
function takeOrMissing(column: Column, rows: Int32Array): Column {
  if (column.kind === 'categorical') {
    return { ...column, codes: rows.map((row) => (row < 0 ? -1 : column.codes[row])) };
  }
  return {
    ...column,
    values: Float64Array.from(rows, (row) => (row < 0 ? NaN : column.values[row])),
  };
}
