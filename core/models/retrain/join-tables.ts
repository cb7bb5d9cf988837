import { hasValues, type Column, type Table } from '../../table.ts';

/**
 * The rows of several tables one below the other, in the order of the tables.
 *
 * Every column of any of them is there; it is missing in the rows of a table that lacks it. A column that is of
 * another kind in a later table is of the kind of the last one that has a value in it, and missing in the rows of
 * the others: what a column meant before its kind changed is not what it means now.
 * @throws RangeError if no table is given
 */
export function joinTables(tables: readonly Table[]): Table {
  if (tables.length === 0) throw new RangeError('no table to join');
  if (tables.length === 1) return tables[0];
  const names = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name)));
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { rows, columns: [...names].map((name) => joinColumn(name, tables, rows)) };
}

function joinColumn(name: string, tables: readonly Table[], rows: number): Column {
  const parts = tables.map(({ columns }) => columns.find((column) => column.name === name));
  const kind = kindOf(parts);
  if (kind === 'categorical') return joinCategories(name, tables, parts, rows);
  const values = new Float64Array(rows).fill(NaN);
  let from = 0;
  parts.forEach((part, t) => {
    if (part?.kind === kind) values.set(part.values, from);
    from += tables[t].rows;
  });
  return { kind, name, values };
}

function joinCategories(
  name: string,
  tables: readonly Table[],
  parts: readonly (Column | undefined)[],
  rows: number,
): Column {
  const texts = parts.flatMap((part) => (part?.kind === 'categorical' ? part.dictionary : []));
  const dictionary = [...new Set(texts)].sort();
  const codeOf = new Map(dictionary.map((text, code) => [text, code]));
  const codes = new Int32Array(rows).fill(-1);
  let from = 0;
  parts.forEach((part, t) => {
    if (part?.kind === 'categorical') {
      const own = part.dictionary.map((text) => codeOf.get(text) ?? -1);
      part.codes.forEach((code, i) => {
        if (code >= 0) codes[from + i] = own[code];
      });
    }
    from += tables[t].rows;
  });
  return { kind: 'categorical', name, codes, dictionary };
}

/** The kind of the last part with a value; of the last part where none has one. */
function kindOf(parts: readonly (Column | undefined)[]): Column['kind'] {
  const present = parts.filter((part) => part !== undefined);
  return (present.findLast(hasValues) ?? present[present.length - 1]).kind;
}
