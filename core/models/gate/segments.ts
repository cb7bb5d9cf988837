import { columnOf } from '../../table.ts';
import type { Column, Table } from '../../table.ts';

/** Rows that a person named because no challenger may harm them. */
export interface Segment {
  readonly name: string;
  /** for instance `region = NY and temp > 20`: see `parseRule` */
  readonly where: string;
}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One comparison of a column with a value; a rule is several, all of which must hold. */
export interface Condition {
  readonly column: string;
  readonly operator: Operator;
  readonly value: string;
}

/** A column, an operator, a value, each text quoted where it has spaces or signs; then `and` or the end. */
const CONDITION =
  /\s*(?:"([^"]+)"|([^\s"'=<>!]+))\s*(=|!=|<=|>=|<|>)\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>!]+))\s*(and\s|$)/iy;

const OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];

/**
 * A rule such as `region = NY and temp > 20`: comparisons by =, !=, <, <=, >, >=, joined by `and`. Names and
 * values with spaces or signs stand in double quotes.
 * @throws RangeError saying where it cannot be read
 */
export function parseRule(where: string): readonly Condition[] {
  const conditions: Condition[] = [];
  const expression = new RegExp(CONDITION);
  while (expression.lastIndex < where.length || conditions.length === 0) {
    const from = expression.lastIndex;
    const match = expression.exec(where);
    if (match === null) throw unreadable(where, from);
    const parts: readonly (string | undefined)[] = match;
    const [, quotedColumn, column = '', sign, doubleQuoted, singleQuoted, value = '', joint] =
      parts;
    const operator = OPERATORS.find((each) => each === sign);
    if (operator === undefined) throw unreadable(where, from);
    conditions.push({
      column: quotedColumn ?? column,
      operator,
      value: doubleQuoted ?? singleQuoted ?? value,
    });
    if (joint === '') break;
    if (expression.lastIndex === where.length) throw unreadable(where, where.length);
  }
  return conditions;
}

/**
 * Which rows of a table a rule holds for: 1 or 0 a row. A missing value fulfils no condition.
 * @throws RangeError if a column is absent, or cannot be compared with its value in this way
 */
export function rowsWhere(table: Table, where: string): Uint8Array {
  const mask = new Uint8Array(table.rows).fill(1);
  for (const condition of parseRule(where)) {
    const holds = holdsIn(columnOf(table, condition.column), condition);
    for (let i = 0; i < mask.length; i++) if (!holds(i)) mask[i] = 0;
  }
  return mask;
}

function holdsIn(column: Column, condition: Condition): (row: number) => boolean {
  const { operator, value } = condition;
  if (column.kind !== 'categorical') {
    const limit = numberFor(column, value);
    return (row) =>
      !Number.isNaN(column.values[row]) && COMPARE[operator](column.values[row], limit);
  }
  if (operator !== '=' && operator !== '!=') {
    throw new RangeError(
      `'${column.name}' holds texts, which are compared by = and != only, not by ${operator}`,
    );
  }
  const code = column.dictionary.indexOf(value);
  return (row) => column.codes[row] >= 0 && (column.codes[row] === code) === (operator === '=');
}

const COMPARE: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function numberFor(column: Exclude<Column, { kind: 'categorical' }>, value: string): number {
  const limit = column.kind === 'time' ? Date.parse(value) : Number(value);
  if (value.trim() === '' || !Number.isFinite(limit)) {
    const wanted = column.kind === 'time' ? 'a time such as 2026-01-31' : 'a number';
    throw new RangeError(`'${column.name}' is compared with ${wanted}, not with '${value}'`);
  }
  return limit;
}

function unreadable(where: string, at: number): RangeError {
  const rest = where.slice(at).trim();
  return new RangeError(
    `cannot read ${rest === '' ? 'the end' : `'${rest}'`} of '${where}'; a rule is like region = NY and temp > 20, texts with spaces or signs in double quotes`,
  );
}
