import { holm } from '../../stats/corrections.ts';
import { chiSquareSurvival, normalSurvival } from '../../stats/special-functions.ts';
import { columnOf } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { cellsOf, numberCells, quantilesOf } from './cells.ts';
import { interactionTest } from './interaction.ts';
import { compareSpearman, inBoth, orderColumn, type OrderedColumn } from './spearman.ts';

/** Two columns that depend on each other otherwise than before. */
export interface ChangedPair {
  readonly columns: readonly [string, string];
  readonly test: 'Spearman’s ρ' | 'odds ratios';
  /**
   * how strongly they hang together in each sample: Spearman's ρ, −1 to 1, or Cramér's V, 0 to 1; for two columns of
   * numbers with the sign of the covariance of their cells, below 0 where one falls as the other rises
   */
  readonly reference: number;
  readonly current: number;
  /** which values occur together more, or less often than each by itself explains; null for Spearman's ρ, which has a sign */
  readonly combination: ChangedCombination | null;
  readonly pValue: number;
  /** Holm-adjusted over the pairs compared */
  readonly adjustedPValue: number;
}

/** A value of each column of a pair, together. */
export interface ChangedCombination {
  /** for instance `region = NY and temp > 20` */
  readonly rule: string;
  /** share of the rows: of the reference, of the current sample, and of that had the odds ratios stayed the same */
  readonly reference: number;
  readonly current: number;
  readonly expected: number;
}

export interface PairsComparison {
  /** pairs that could be compared */
  readonly compared: number;
  /** those with an adjusted p of at most the level, surest first */
  readonly changed: readonly ChangedPair[];
}

/** Columns of which all pairs are compared: 780 pairs at most. */
const MOST_COLUMNS = 40;
/** Rows in which both values are present, in each sample. */
const LEAST_ROWS = 50;
/** Cells a column for odds ratios. */
const CELLS = 4;
/** A number of which a larger share of neighbours in order are equal is compared by its values. */
const TIED = 0.05;

/**
 * Which pairs of columns hang together otherwise than before, whatever happened to either by itself?
 *
 * Two columns of numbers that hardly repeat are compared by Spearman's ρ of the ranks *within each sample*, so that
 * any shift, stretch or bend of a column leaves it alone; the variance of ρ is that of its influence function, which
 * holds for any dependence, not only without. All other pairs are compared by their odds ratios, in four cells a
 * column: quartiles within each sample, or the most frequent values. Odds ratios do not move when categories become
 * more or less frequent. Holm's correction over all pairs.
 *
 * @param columns names of numeric and categorical columns of both tables, the most important first: pairs of the
 *   first 40 are compared
 * @param level chance of naming any pair without change
 * @throws RangeError if a column is absent, or of another kind in the other table
 */
export function comparePairs(
  reference: Table,
  current: Table,
  columns: readonly string[],
  level: number,
): PairsComparison {
  const sides = columns.slice(0, MOST_COLUMNS).map((name) => sideOf(reference, current, name));
  const raw = sides.flatMap((a, i) =>
    sides.slice(i + 1).flatMap((b) => {
      const found = comparePair(a, b);
      return found === null ? [] : [found];
    }),
  );
  const adjusted = holm(raw.map(({ pValue }) => pValue));
  const changed = raw
    .map((pair, index): ChangedPair => ({ ...pair, adjustedPValue: adjusted[index] }))
    .filter(({ adjustedPValue }) => adjustedPValue <= level)
    .sort((a, b) => a.pValue - b.pValue);
  return { compared: raw.length, changed };
}

/** A column of both samples as it is compared. */
interface Side {
  readonly name: string;
  /** numbers that hardly repeat; null for what is compared by cells only */
  readonly numbers: { readonly reference: OrderedColumn; readonly current: OrderedColumn } | null;
  /** −1 = missing */
  readonly cells: { readonly reference: Int32Array; readonly current: Int32Array };
  /** of the cells; of numbers in ascending order */
  readonly labels: readonly string[];
  readonly isOrdered: boolean;
}

const QUARTERS = [
  'in its lowest quarter',
  'in its second quarter',
  'in its third quarter',
  'in its highest quarter',
];

function sideOf(reference: Table, current: Table, name: string): Side {
  const x = columnOf(reference, name);
  const y = columnOf(current, name);
  if (x.kind === 'numeric' && y.kind === 'numeric' && hardlyRepeats(x) && hardlyRepeats(y)) {
    const own = (column: typeof x): Int32Array => {
      const { reference: cells, count } = numberCells(
        column,
        column,
        quantilesOf(column.values, CELLS),
      );
      return withoutMissing(cells, count);
    };
    return {
      name,
      numbers: { reference: orderColumn(x.values), current: orderColumn(y.values) },
      cells: { reference: own(x), current: own(y) },
      labels: QUARTERS,
      isOrdered: true,
    };
  }
  const cells = cellsOf(x, y, CELLS);
  return {
    name,
    numbers: null,
    cells: {
      reference: withoutMissing(cells.reference, cells.count),
      current: withoutMissing(cells.current, cells.count),
    },
    labels: cells.labels,
    isOrdered: x.kind !== 'categorical',
  };
}

const withoutMissing = (cells: Int32Array, count: number): Int32Array =>
  cells.map((cell) => (cell === count - 1 ? -1 : cell));

function hardlyRepeats(column: Column): boolean {
  if (column.kind === 'categorical') return false;
  const sorted = column.values.filter((x) => !Number.isNaN(x)).sort();
  let repeats = 0;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) repeats++;
  return repeats <= TIED * sorted.length;
}

function comparePair(a: Side, b: Side): Omit<ChangedPair, 'adjustedPValue'> | null {
  const columns = [a.name, b.name] as const;
  if (a.numbers !== null && b.numbers !== null) {
    const before = inBoth(a.numbers.reference, b.numbers.reference);
    const now = inBoth(a.numbers.current, b.numbers.current);
    if (Math.min(before[0].order.length, now[0].order.length) < LEAST_ROWS) return null;
    const { reference, current, z } = compareSpearman(before, now);
    const pValue = Math.min(1, 2 * normalSurvival(Math.abs(z)));
    return { columns, test: 'Spearman’s ρ', reference, current, combination: null, pValue };
  }
  const found = interactionTest(
    { a: a.cells.reference, b: b.cells.reference },
    { a: a.cells.current, b: b.cells.current },
    CELLS,
  );
  if (found === null) return null;
  const { combination, statistic, degreesOfFreedom } = found;
  const isOrdered = a.isOrdered && b.isOrdered;
  const signed = (strength: number, sample: 'reference' | 'current'): number =>
    isOrdered && covarianceOf(a.cells[sample], b.cells[sample]) < 0 ? -strength : strength;
  return {
    columns,
    test: 'odds ratios',
    reference: signed(found.reference, 'reference'),
    current: signed(found.current, 'current'),
    combination: {
      rule: `${a.name} ${a.labels[combination.a]} and ${b.name} ${b.labels[combination.b]}`,
      reference: combination.reference,
      current: combination.current,
      expected: combination.expected,
    },
    pValue: chiSquareSurvival(statistic, degreesOfFreedom),
  };
}

/** Times the number of rows in which both are present. */
function covarianceOf(a: Int32Array, b: Int32Array): number {
  const isPresent = (i: number): boolean => a[i] >= 0 && b[i] >= 0;
  let rows = 0;
  let sumOfA = 0;
  let sumOfB = 0;
  let products = 0;
  for (let i = 0; i < a.length; i++) {
    if (!isPresent(i)) continue;
    rows++;
    sumOfA += a[i];
    sumOfB += b[i];
    products += a[i] * b[i];
  }
  return products - (sumOfA * sumOfB) / Math.max(1, rows);
}
