import { hasValues, type Column, type Table } from '../table.ts';

/**
 * The table with each column that has no value as one of the kind that it has in the other table: a text file without
 * a value in a column does not say of which kind it is.
 */
export function inKindsOf(other: Table, { rows, columns }: Table): Table {
  const kinds = new Map(other.columns.map((column) => [column.name, column]));
  return {
    rows,
    columns: columns.map((column) => {
      const counterpart = kinds.get(column.name);
      const fits = counterpart === undefined || counterpart.kind === column.kind;
      return fits || hasValues(column) ? column : emptyColumn(counterpart, rows);
    }),
  };
}

const emptyColumn = (like: Column, rows: number): Column =>
  like.kind === 'categorical'
    ? { ...like, codes: new Int32Array(rows).fill(-1) }
    : { ...like, values: new Float64Array(rows).fill(NaN) };
