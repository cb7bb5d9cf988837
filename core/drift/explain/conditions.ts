import { columnOf } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { quantilesOf } from './cells.ts';

/** What one column of a row must be like. A missing value is like nothing but `missing`. */
export type Condition =
  | { readonly kind: 'is'; readonly column: string; readonly value: string }
  | { readonly kind: 'at most'; readonly column: string; readonly value: number }
  | { readonly kind: 'above'; readonly column: string; readonly value: number }
  | { readonly kind: 'missing'; readonly column: string };

/** Conditions tried on a column: so many of its most frequent categories. */
const MOST_CATEGORIES = 12;

/** For instance `region = NY and temp > 20`. */
export function describeRule(rule: readonly Condition[]): string {
  return rule.map(describeCondition).join(' and ');
}

function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'is':
      return `${condition.column} = ${condition.value}`;
    case 'at most':
      return `${condition.column} ≤ ${condition.value}`;
    case 'above':
      return `${condition.column} > ${condition.value}`;
    case 'missing':
      return `${condition.column} is missing`;
  }
}

/** 1 for the rows that keep the condition, those of the reference first. */
export function maskOfBoth(reference: Table, current: Table, condition: Condition): Uint8Array {
  const mask = new Uint8Array(reference.rows + current.rows);
  markRowsInto(reference, condition, 0, mask);
  markRowsInto(current, condition, reference.rows, mask);
  return mask;
}

/** 1 for the rows that keep the condition, from `offset` on. */
function markRowsInto(table: Table, condition: Condition, offset: number, out: Uint8Array): void {
  const column = columnOf(table, condition.column);
  if (column.kind === 'categorical') {
    const wanted = condition.kind === 'is' ? column.dictionary.indexOf(condition.value) : -1;
    // A category that this table does not have is no row's.
    if (condition.kind === 'is' && wanted < 0) return;
    const { codes } = column;
    for (let i = 0; i < codes.length; i++) if (codes[i] === wanted) out[offset + i] = 1;
    return;
  }
  const { values } = column;
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    const keeps =
      condition.kind === 'above'
        ? x > condition.value
        : condition.kind === 'at most'
          ? x <= condition.value
          : condition.kind === 'missing' && Number.isNaN(x);
    if (keeps) out[offset + i] = 1;
  }
}

/**
 * The conditions worth a try on a column: its most frequent categories, its quantiles from below and from above, that
 * it is missing.
 *
 * @param parts of equal size between whose ends the quantiles are
 */
export function conditionsOn(
  reference: Table,
  current: Table,
  name: string,
  parts: number,
): readonly Condition[] {
  const sides = [columnOf(reference, name), columnOf(current, name)];
  const missing: readonly Condition[] = sides.some(hasMissing)
    ? [{ kind: 'missing', column: name }]
    : [];
  const values = valuesOfBoth(sides);
  const conditions =
    values === null
      ? mostFrequent(sides).map((value): Condition => ({ kind: 'is', column: name, value }))
      : quantilesOf(values, parts).flatMap((value): readonly Condition[] => [
          { kind: 'at most', column: name, value },
          { kind: 'above', column: name, value },
        ]);
  return [...conditions, ...missing];
}

/**
 * The condition with its number as short as it can be without another row of the tables keeping it or not; other
 * conditions are returned as they are.
 */
export function withShortNumber(condition: Condition, reference: Table, current: Table): Condition {
  if (condition.kind !== 'above' && condition.kind !== 'at most') return condition;
  let next = Infinity;
  for (const table of [reference, current]) {
    const column = columnOf(table, condition.column);
    if (column.kind === 'categorical') continue;
    for (const x of column.values) if (x > condition.value && x < next) next = x;
  }
  for (let digits = 1; digits <= 15 && next < Infinity; digits++) {
    for (const end of [condition.value, next]) {
      const value = Number(end.toPrecision(digits));
      if (value >= condition.value && value < next) return { ...condition, value };
    }
  }
  return condition;
}

function hasMissing(column: Column): boolean {
  return column.kind === 'categorical'
    ? column.codes.includes(-1)
    : column.values.some(Number.isNaN);
}

function valuesOfBoth(sides: readonly Column[]): Float64Array | null {
  const values: number[] = [];
  for (const side of sides) {
    if (side.kind === 'categorical') return null;
    for (const x of side.values) if (!Number.isNaN(x)) values.push(x);
  }
  return Float64Array.from(values);
}

function mostFrequent(sides: readonly Column[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const side of sides) {
    if (side.kind !== 'categorical') continue;
    for (const code of side.codes) {
      if (code >= 0)
        counts.set(side.dictionary[code], (counts.get(side.dictionary[code]) ?? 0) + 1);
    }
  }
  return [...counts.entries()]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MOST_CATEGORIES)
    .map(([label]) => label);
}
