import { columnOf } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { maskOfBoth, withShortNumber } from './conditions.ts';
import type { Condition } from './conditions.ts';

/** Rows in both rules ÷ rows in either, from which on two rules say the same. */
const SAME = 0.95;

/**
 * Another description of the rows of a rule: with one of its conditions left out, or replaced by one about another
 * column, at least 95 % of the rows in either are in both. Shorter ones come first, then the nearest.
 *
 * @param columns names of the columns that conditions may be about
 * @returns null where there is none
 * @throws RangeError if a column is absent
 */
export function otherRuleOfSameRows(
  reference: Table,
  current: Table,
  rule: readonly Condition[],
  columns: readonly string[],
): readonly Condition[] | null {
  const rows = reference.rows + current.rows;
  const masks = rule.map((condition) => maskOfBoth(reference, current, condition));
  const keeps = (row: number, all: readonly Uint8Array[]): boolean =>
    all.every((mask) => mask[row] === 1);
  const isIn = Uint8Array.from({ length: rows }, (_, row) => Number(keeps(row, masks)));
  const size = isIn.reduce((sum, one) => sum + one, 0);
  const free = columns.filter((name) => rule.every(({ column }) => column !== name));
  let nearest: { readonly rule: readonly Condition[]; readonly overlap: number } | null = null;
  for (let k = 0; k < rule.length; k++) {
    const others = masks.filter((_, at) => at !== k);
    const kept = rule.filter((_, at) => at !== k);
    const among = Int32Array.from({ length: rows }, (_, row) => row).filter((row) =>
      keeps(row, others),
    );
    if (kept.length > 0 && size / among.length >= SAME) return kept;
    for (const name of free) {
      const sides = [columnOf(reference, name), columnOf(current, name)] as const;
      const found = nearestCondition(sides, { among, isIn, size });
      if (found !== null && found.overlap >= Math.max(SAME, nearest?.overlap ?? 0)) {
        const condition = withShortNumber(found.condition, reference, current);
        nearest = {
          rule: rule.map((own, at) => (at === k ? condition : own)),
          overlap: found.overlap,
        };
      }
    }
  }
  return nearest?.rule ?? null;
}

/** Rows of the reference and then of the current sample that a condition is tried on. */
interface Wanted {
  readonly among: Int32Array;
  /** 1 = in the rule, by row */
  readonly isIn: Uint8Array;
  /** rows in the rule */
  readonly size: number;
}

interface Found {
  readonly condition: Condition;
  /** rows in both ÷ rows in either */
  readonly overlap: number;
}

type Sides = readonly [reference: Column, current: Column];

function nearestCondition(sides: Sides, wanted: Wanted): Found | null {
  const [reference, current] = sides;
  if (reference.kind === 'categorical' && current.kind === 'categorical') {
    return nearestCategory(sides, wanted);
  }
  if (reference.kind === 'categorical' || current.kind === 'categorical') return null;
  const first = reference.values;
  const value = (row: number): number =>
    row < first.length ? first[row] : current.values[row - first.length];
  return nearestCut(reference.name, value, wanted);
}

/** `at most` or `above` the value that fits best: every cut between different values is tried. */
function nearestCut(
  column: string,
  value: (row: number) => number,
  { among, isIn, size }: Wanted,
): Found | null {
  const order = among
    .filter((row) => !Number.isNaN(value(row)))
    .sort((a, b) => value(a) - value(b));
  const hits = order.reduce((sum, row) => sum + isIn[row], 0);
  let best: Found | null = null;
  let below = 0;
  for (let i = 0; i + 1 < order.length; i++) {
    below += isIn[order[i]];
    const x = value(order[i]);
    if (value(order[i + 1]) === x) continue;
    const atMost = below / (size + i + 1 - below);
    const above = (hits - below) / (size + order.length - i - 1 - (hits - below));
    const overlap = Math.max(atMost, above);
    if (overlap <= (best?.overlap ?? 0)) continue;
    const kind = atMost >= above ? 'at most' : 'above';
    best = { condition: { kind, column, value: x }, overlap };
  }
  return best;
}

function nearestCategory([reference, current]: Sides, { among, isIn, size }: Wanted): Found | null {
  const first = lengthOf(reference);
  const counts = new Map<string, { rows: number; hits: number }>();
  for (const row of among) {
    const label = row < first ? labelOf(reference, row) : labelOf(current, row - first);
    if (label === null) continue;
    const count = counts.get(label) ?? { rows: 0, hits: 0 };
    count.rows++;
    count.hits += isIn[row];
    counts.set(label, count);
  }
  let best: Found | null = null;
  for (const [value, { rows, hits }] of counts) {
    const overlap = hits / (size + rows - hits);
    if (overlap <= (best?.overlap ?? 0)) continue;
    best = { condition: { kind: 'is', column: reference.name, value }, overlap };
  }
  return best;
}

const lengthOf = (column: Column): number =>
  column.kind === 'categorical' ? column.codes.length : column.values.length;

function labelOf(column: Column, row: number): string | null {
  if (column.kind !== 'categorical') return null;
  const code = column.codes[row];
  return code < 0 ? null : column.dictionary[code];
}
