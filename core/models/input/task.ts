import { columnOf } from '../../table.ts';
import type { Table } from '../../table.ts';
import type { Task } from '../model.ts';
import { classesOf, labelledRows } from '../metrics/outcomes.ts';

/** A numeric target with more distinct values than this is a quantity, not a class. */
const MAX_NUMERIC_CLASSES = 10;

/** Fewer rows than this for each distinct value, and a numeric target is a quantity. */
const ROWS_PER_CLASS = 5;

/** More classes than this are taken for identifiers or free text. */
export const MAX_CLASSES = 1000;

/**
 * Is the target a class or a quantity?
 *
 * A categorical target is a class. A numeric one is a class when its values are at most 10 distinct whole
 * numbers, each on 5 rows or more on average, and a quantity otherwise.
 *
 * @param given the task that the user named; it is checked, and wins
 * @returns the task, and for people how it was found
 * @throws RangeError if the target is absent, has no value, holds times, or cannot be of the given task
 */
export function inferTask(
  table: Table,
  target: string,
  given: Task | undefined,
): { readonly task: Task; readonly reason: string } {
  const column = columnOf(table, target);
  const rows = labelledRows(table, target);
  if (rows.length === 0) throw new RangeError(`target '${target}' has no value in any row`);
  if (column.kind === 'time') {
    throw new RangeError(
      `target '${target}' holds times; a target is a number or a category: turn it into one, or name another`,
    );
  }
  if (column.kind === 'categorical') {
    if (given === 'regression') {
      throw new RangeError(
        `regression of '${target}': its values are text (e.g. '${column.dictionary[column.codes[rows[0]]]}'), regression needs numbers`,
      );
    }
    const n = requireFewClasses(classesOf(table, target, rows), target);
    return { task: 'classification', reason: describe(given, `'${target}' is text, ${n} classes`) };
  }
  return numericTask(column.values, target, rows, given);
}

function numericTask(
  values: Float64Array,
  target: string,
  rows: Int32Array,
  given: Task | undefined,
): { readonly task: Task; readonly reason: string } {
  const distinct = new Set<number>();
  let whole = true;
  for (const row of rows) {
    distinct.add(values[row]);
    whole &&= Number.isInteger(values[row]);
  }
  const found = `'${target}' has ${distinct.size} distinct ${whole ? 'whole numbers' : 'numbers'} in ${rows.length} rows`;
  if (given === 'classification') {
    if (!whole && distinct.size > MAX_NUMERIC_CLASSES) {
      throw new RangeError(
        `classification of '${target}': ${found}, that is a quantity; use regression`,
      );
    }
    requireFewClasses([...distinct], target);
  }
  const few = distinct.size <= MAX_NUMERIC_CLASSES && distinct.size * ROWS_PER_CLASS <= rows.length;
  return {
    task: given ?? (whole && few ? 'classification' : 'regression'),
    reason: describe(given, found),
  };
}

function requireFewClasses(classes: readonly unknown[], target: string): number {
  if (classes.length > MAX_CLASSES) {
    throw new RangeError(
      `classification of '${target}': ${classes.length} classes, at most ${MAX_CLASSES} are supported; is it an identifier?`,
    );
  }
  return classes.length;
}

function describe(given: Task | undefined, found: string): string {
  return given === undefined ? `inferred: ${found}` : `given: ${found}`;
}
