import type { Table } from '../core/table.ts';

/** What the target column of a file can be used for. */
export type TargetDescription =
  /** the file is not labelled: it has no such column */
  | { readonly kind: 'absent' }
  /** the file is not labelled: the column has no value */
  | { readonly kind: 'all-missing' }
  /** can be predicted and scored, but not learned from */
  | { readonly kind: 'constant'; readonly value: string; readonly labelled: number }
  | { readonly kind: 'usable'; readonly distinct: number; readonly labelled: number };

/** Describes the target of a table; `labelled` counts the rows that have a value. */
export function describeTarget(table: Table, target: string): TargetDescription {
  const column = table.columns.find(({ name }) => name === target);
  if (column === undefined) return { kind: 'absent' };
  const isCategorical = column.kind === 'categorical';
  const values = isCategorical ? column.codes : column.values;
  const distinct = new Set<number>();
  let labelled = 0;
  for (const value of values) {
    if (isCategorical ? value < 0 : Number.isNaN(value)) continue;
    labelled++;
    distinct.add(value);
  }
  const [only] = distinct;
  if (only === undefined) return { kind: 'all-missing' };
  if (distinct.size > 1) return { kind: 'usable', distinct: distinct.size, labelled };
  const value = isCategorical ? (column.dictionary[only] ?? '') : String(only);
  return { kind: 'constant', value, labelled };
}
