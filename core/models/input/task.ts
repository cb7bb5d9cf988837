import { columnOf } from '../../table.ts';
import type { Table } from '../../table.ts';
import type { Task } from '../model.ts';
import { classesOf, labelledRows } from '../metrics/outcomes.ts';

/** A numeric target with more distinct values than this is a quantity, not a class. */
const MAX_NUMERIC_CLASSES = 10;

/** Fewer rows than this for each distinct value, and a numeric target is a quantity. */
const ROWS_PER_CLASS = 5;

/** In UTF-16 code units, of the name of a class: reports and payloads carry these. */
const MAX_CLASS_LENGTH = 300;

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
 * @throws RangeError if the target is absent, has no value, holds times, cannot be of the given task, or has classes
 *   that are too many or too long to be names
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
        `regression of '${target}': its values are text (e.g. '${beginningOf(column.dictionary[column.codes[rows[0]]])}'), regression needs numbers`,
      );
    }
    const classes = classesOf(table, target, rows);
    requireShortNames(classes, target);
    const n = requireFewClasses(classes, target);
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

function requireShortNames(classes: readonly string[], target: string): void {
  const long = classes.find((name) => name.length > MAX_CLASS_LENGTH);
  if (long === undefined) return;
  throw new RangeError(
    `classification of '${target}': a value has ${long.length} characters ('${beginningOf(long)}'), at most ${MAX_CLASS_LENGTH} are allowed for a class; is it free text?`,
  );
}

/** Enough of a text to recognise it by. */
function beginningOf(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

function describe(given: Task | undefined, found: string): string {
  return given === undefined ? `inferred: ${found}` : `given: ${found}`;
}
