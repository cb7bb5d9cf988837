import { columnOf } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import type { ModelSchema, Outcomes } from '../model.ts';

/** What of a model's schema decides how its target is read. */
export type TargetSchema = Pick<ModelSchema, 'target' | 'task' | 'classes'>;

/**
 * The true outcomes of some rows, in the terms of a model.
 *
 * @param schema where the outcomes are and which classes there are
 * @param rows which rows, in which order; every labelled row when absent
 * @throws RangeError if the target column is absent, cannot be of the task, or has no value in one of `rows`
 */
export function outcomesOf(
  table: Table,
  schema: TargetSchema,
  rows: Int32Array = labelledRows(table, schema.target),
): Outcomes {
  const column = columnOf(table, schema.target);
  requireValues(column, rows);
  if (schema.task === 'regression') {
    if (column.kind !== 'numeric') throw new RangeError(notNumeric(column));
    return { kind: 'regression', values: Float64Array.from(rows, (row) => column.values[row]) };
  }
  const indexOfClass = new Map(schema.classes.map((name, k) => [name, k]));
  const indexOf = (label: string): number => indexOfClass.get(label) ?? -1;
  return {
    kind: 'classification',
    classes: schema.classes,
    labels: indicesOfLabels(column, rows, indexOf),
  };
}

/**
 * The rows that have an outcome, ascending.
 * @throws RangeError if the target column is absent
 */
export function labelledRows(table: Table, target: string): Int32Array {
  const column = columnOf(table, target);
  const rows = new Int32Array(table.rows);
  let n = 0;
  for (let i = 0; i < table.rows; i++) if (hasValue(column, i)) rows[n++] = i;
  return rows.slice(0, n);
}

/**
 * The classes among some rows, in ascending code-unit order.
 * @throws RangeError if the target column is absent or holds times
 */
export function classesOf(table: Table, target: string, rows: Int32Array): readonly string[] {
  const column = columnOf(table, target);
  if (column.kind === 'time') throw new RangeError(timesAsClasses(column.name));
  const found = new Set<number>();
  for (const row of rows) {
    if (hasValue(column, row))
      found.add(column.kind === 'numeric' ? column.values[row] : column.codes[row]);
  }
  const nameOf = (value: number): string =>
    column.kind === 'numeric' ? classOfNumber(value) : column.dictionary[value];
  return [...new Set([...found].map(nameOf))].sort(byCodeUnit);
}

/**
 * The target as both of two models read it: its classes are those of either. Outcomes on which two models
 * are compared are made with it, so that neither is blamed for a class that only the other one knows.
 * @throws RangeError if the two do not predict the same thing
 */
export function jointTarget(a: TargetSchema, b: TargetSchema): TargetSchema {
  if (a.target !== b.target || a.task !== b.task) {
    throw new RangeError(
      `models of one target are comparable, got ${a.task} of '${a.target}' and ${b.task} of '${b.target}'`,
    );
  }
  const classes = [...new Set([...a.classes, ...b.classes])].sort(byCodeUnit);
  return { target: a.target, task: a.task, classes };
}

/** The class that a number stands for: the one rule by which numbers become classes. */
function classOfNumber(value: number): string {
  return String(value === 0 ? 0 : value);
}

function indicesOfLabels(
  column: Column,
  rows: Int32Array,
  indexOf: (label: string) => number,
): Int32Array {
  if (column.kind === 'time') throw new RangeError(timesAsClasses(column.name));
  if (column.kind === 'categorical') {
    const indexOfCode = column.dictionary.map(indexOf);
    return Int32Array.from(rows, (row) => indexOfCode[column.codes[row]]);
  }
  const indexOfValue = new Map<number, number>();
  return Int32Array.from(rows, (row) => {
    const value = column.values[row];
    let index = indexOfValue.get(value);
    if (index === undefined) {
      index = indexOf(classOfNumber(value));
      indexOfValue.set(value, index);
    }
    return index;
  });
}

function hasValue(column: Column, row: number): boolean {
  return column.kind === 'categorical' ? column.codes[row] >= 0 : !Number.isNaN(column.values[row]);
}

function requireValues(column: Column, rows: Int32Array): void {
  for (const row of rows) {
    if (!hasValue(column, row))
      throw new RangeError(`target '${column.name}' has no value in row ${row + 1}`);
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function notNumeric(column: Column): string {
  return `target '${column.name}' is ${column.kind}; regression needs a numeric column`;
}

function timesAsClasses(name: string): string {
  return `target '${name}' holds times; classification needs a categorical or numeric column`;
}
