import { columnOf } from '../../table.ts';
import type { CategoricalColumn, Column, Table } from '../../table.ts';

/** Two tables as one, the reference's rows first, with a column that says which is which. */
export interface StackedTables {
  readonly table: Table;
  /** name of that column: 'origin', followed by as many underscores as make it unlike the others */
  readonly origin: string;
}

/** The two values of that column, in ascending order. */
export const ORIGINS: readonly [string, string] = ['current', 'reference'];

/**
 * Stacks the given columns of two tables; dictionaries are merged by value.
 *
 * @param columns names of columns that both tables have in the same kind
 * @throws RangeError if a column is absent or of another kind in the other table
 */
export function stackTables(
  reference: Table,
  current: Table,
  columns: readonly string[],
): StackedTables {
  let origin = 'origin';
  while (columns.includes(origin)) origin += '_';
  const codes = new Int32Array(reference.rows + current.rows);
  codes.fill(1, 0, reference.rows);
  const stacked = columns.map((name) =>
    stackColumn(columnOf(reference, name), columnOf(current, name)),
  );
  const label: CategoricalColumn = {
    kind: 'categorical',
    name: origin,
    codes,
    dictionary: ORIGINS,
  };
  return { table: { rows: codes.length, columns: [...stacked, label] }, origin };
}

function stackColumn(x: Column, y: Column): Column {
  if (x.kind === 'categorical' && y.kind === 'categorical') {
    const dictionary = [...new Set([...x.dictionary, ...y.dictionary])].sort();
    const position = new Map(dictionary.map((label, k) => [label, k]));
    const codesOf = (column: CategoricalColumn): number[] => {
      const merged = column.dictionary.map((label) => position.get(label) ?? -1);
      return Array.from(column.codes, (code) => (code < 0 ? -1 : merged[code]));
    };
    const codes = Int32Array.from([...codesOf(x), ...codesOf(y)]);
    return { kind: 'categorical', name: x.name, codes, dictionary };
  }
  if (x.kind !== 'categorical' && y.kind === x.kind) {
    const values = new Float64Array(x.values.length + y.values.length);
    values.set(x.values);
    values.set(y.values, x.values.length);
    return { ...x, values };
  }
  throw new RangeError(`stack tables: column '${x.name}' is ${x.kind} and then ${y.kind}`);
}
