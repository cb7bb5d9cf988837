/**
 * A table of named columns of equal length, the form in which data crosses `core`.
 *
 * Numbers and times are Float64Array with NaN for missing; categories are Int32Array codes into a
 * dictionary with -1 for missing.
 */
export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
}

export type Column = NumericColumn | TimeColumn | CategoricalColumn;

export interface NumericColumn {
  readonly kind: 'numeric';
  readonly name: string;
  /** length = rows; NaN = missing; never ±Infinity */
  readonly values: Float64Array;
}

export interface TimeColumn {
  readonly kind: 'time';
  readonly name: string;
  /** milliseconds since 1970-01-01T00:00:00Z; length = rows; NaN = missing */
  readonly values: Float64Array;
}

export interface CategoricalColumn {
  readonly kind: 'categorical';
  readonly name: string;
  /** index into `dictionary`; length = rows; -1 = missing */
  readonly codes: Int32Array;
  /** distinct values, in ascending code-unit order so that equal data give equal codes */
  readonly dictionary: readonly string[];
}

/**
 * The column called `name`.
 * @throws RangeError naming the columns that are there
 */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const present = table.columns.map((candidate) => candidate.name).join(', ');
    throw new RangeError(`no column '${name}'; columns: ${present}`);
  }
  return column;
}

/** Whether any row has a value in the column. */
export function hasValues(column: Column): boolean {
  return column.kind === 'categorical'
    ? column.codes.some((code) => code >= 0)
    : column.values.some((value) => !Number.isNaN(value));
}

/** The given rows of a table, in the given order; dictionaries are shared, not copied. */
export function takeRows(table: Table, rows: Int32Array): Table {
  return { rows: rows.length, columns: table.columns.map((column) => takeColumn(column, rows)) };
}

function takeColumn(column: Column, rows: Int32Array): Column {
  if (column.kind === 'categorical') {
    const codes = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) codes[i] = column.codes[rows[i]]!;
    return { ...column, codes };
  }
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]]!;
  return { ...column, values };
}
