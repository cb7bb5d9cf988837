import type { Random } from '../random.ts';
import { LEAST_EXPECTED, leastExpected, occupiedLevels, poolRareLevels } from './count-table.ts';
import type { CountTable } from './count-table.ts';
import { fisherExact } from './fisher.ts';
import { countUpTo } from './search-sorted.ts';
import { chiSquareSurvival } from './special-functions.ts';

/** Outcome of the test of homogeneity. */
export interface ChiSquareResult {
  /** χ² of the table the p-value is for: the pooled one, if levels were pooled */
  readonly statistic: number;
  /** levels − 1 of that table */
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** how the p-value was found */
  readonly method: 'χ² homogeneity' | 'Fisher’s exact' | 'χ² Monte Carlo';
}

const MONTE_CARLO_DRAWS = 9_999;
/** Draws at least as extreme after which further ones would only sharpen a large p-value. */
const ENOUGH_EXCEEDANCES = 50;

/**
 * χ² test of homogeneity of two samples over the same levels: could both share one distribution?
 *
 * χ² = Σ (observed − expected)² / expected over the 2 × K table, no continuity correction. Levels of
 * which fewer than 5 are expected in either sample are pooled; the margins alone decide that, so the
 * level of the test is kept. Where that leaves nothing to compare, the p-value is exact: Fisher's for
 * two levels, for more a Monte-Carlo p over tables with the same margins, at least 1/10,000.
 *
 * @param reference counts per level, whole numbers, at least one above 0
 * @param current counts of the same levels, in the same order, likewise
 * @param random source of the Monte-Carlo tables
 * @throws RangeError if the lengths differ or a sample is empty
 * @see Pearson (1900), Phil. Mag. 50:157–175; Besag & Clifford (1991), Biometrika 78:301–304 for stopping.
 */
export function chiSquareHomogeneity(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  random: Random,
): ChiSquareResult {
  const table = occupiedLevels('chi-square', reference, current);
  const pooled = poolRareLevels(table);
  if (pooled.reference.length >= 2 && leastExpected(pooled) >= LEAST_EXPECTED) {
    const statistic = pearsonStatistic(pooled);
    const degreesOfFreedom = pooled.reference.length - 1;
    const pValue = chiSquareSurvival(statistic, degreesOfFreedom);
    return { statistic, degreesOfFreedom, pValue, method: 'χ² homogeneity' };
  }
  if (pooled.reference.length === 2) return fisher(pooled);
  if (table.reference.length === 1) {
    return { statistic: 0, degreesOfFreedom: 0, pValue: 1, method: 'χ² homogeneity' };
  }
  return table.reference.length === 2 ? fisher(table) : monteCarlo(table, random);
}

function pearsonStatistic({ reference, current, n, m }: CountTable): number {
  const totals = reference.map((count, k) => count + current[k]);
  return statisticOfRow(reference, totals, n, m);
}

/** χ² of the two-row table with `row` (of `n` values) and the rest of `totals` (of `m` values). */
function statisticOfRow(
  row: ArrayLike<number>,
  totals: readonly number[],
  n: number,
  m: number,
): number {
  let sum = 0;
  for (let k = 0; k < totals.length; k++) {
    // n·m times the difference of shares: of whole numbers, so exactly 0 for equal shares.
    const difference = row[k] * m - (totals[k] - row[k]) * n;
    sum += (difference / n) * (difference / m / totals[k]);
  }
  return sum;
}

function fisher(table: CountTable): ChiSquareResult {
  const pValue = fisherExact(
    { count: table.reference[0], total: table.n },
    { count: table.current[0], total: table.m },
  );
  const statistic = pearsonStatistic(table);
  return { statistic, degreesOfFreedom: 1, pValue, method: 'Fisher’s exact' };
}

/** Draws tables with the margins of the given one by drawing its smaller row without replacement. */
function monteCarlo(table: CountTable, random: Random): ChiSquareResult {
  const totals = table.reference.map((count, k) => count + table.current[k]);
  const size = Math.min(table.n, table.m);
  const rest = Math.max(table.n, table.m);
  const draw = table.n + table.m <= LARGEST_POOL ? drawFromPool(totals) : drawByPosition(totals);
  const statistic = pearsonStatistic(table);
  // Tables as extreme as the observed one differ from it by rounding only.
  const threshold = statistic * (1 - 1e-9);
  const row = new Int32Array(totals.length);
  let exceedances = 0;
  let draws = 0;
  while (draws < MONTE_CARLO_DRAWS && exceedances < ENOUGH_EXCEEDANCES) {
    row.fill(0);
    draw(size, random, row);
    draws++;
    if (statisticOfRow(row, totals, size, rest) >= threshold) exceedances++;
  }
  const pValue =
    exceedances === ENOUGH_EXCEEDANCES ? exceedances / draws : (exceedances + 1) / (draws + 1);
  return { statistic, degreesOfFreedom: totals.length - 1, pValue, method: 'χ² Monte Carlo' };
}

/** Adds the levels of `size` values, drawn without replacement, to the counts. */
type Draw = (size: number, random: Random, counts: Int32Array) => void;

/** Most values that are held one by one. */
const LARGEST_POOL = 1_000_000;

function drawFromPool(totals: readonly number[]): Draw {
  const pool = new Int32Array(totals.reduce((sum, total) => sum + total, 0));
  let end = 0;
  totals.forEach((total, k) => pool.fill(k, end, (end += total)));
  return (size, random, counts) => {
    for (let i = 0; i < size; i++) {
      const j = i + Math.floor(random() * (pool.length - i));
      const level = pool[j];
      pool[j] = pool[i];
      pool[i] = level;
      counts[level]++;
    }
  };
}

/** Of many values few are drawn, at most half: positions that were drawn already are drawn again. */
function drawByPosition(totals: readonly number[]): Draw {
  const ends = new Float64Array(totals.length);
  let all = 0;
  totals.forEach((total, k) => (ends[k] = all += total));
  return (size, random, counts) => {
    const drawn = new Set<number>();
    while (drawn.size < size) {
      const position = Math.floor(random() * all);
      if (drawn.has(position)) continue;
      drawn.add(position);
      counts[countUpTo(ends, position)]++;
    }
  };
}
