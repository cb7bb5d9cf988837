import type { Random } from '../random.ts';
import { fisherExact } from './fisher.ts';
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

/** Least expected count for which the χ² distribution is trusted (Cochran 1954, Biometrics 10:417–451). */
const LEAST_EXPECTED = 5;
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
  const table = occupiedLevels(reference, current);
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

/** Two rows of counts over the same levels, with their sums. */
interface CountTable {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly n: number;
  readonly m: number;
}

function occupiedLevels(reference: ArrayLike<number>, current: ArrayLike<number>): CountTable {
  if (reference.length !== current.length) {
    throw new RangeError(
      `chi-square: both samples need the same levels, got ${reference.length} and ${current.length}`,
    );
  }
  const rows: [number[], number[]] = [[], []];
  let n = 0;
  let m = 0;
  for (let k = 0; k < reference.length; k++) {
    if (reference[k] + current[k] === 0) continue;
    rows[0].push(reference[k]);
    rows[1].push(current[k]);
    n += reference[k];
    m += current[k];
  }
  if (!(n > 0 && m > 0)) {
    throw new RangeError(`chi-square: both samples need at least 1 value, got ${n} and ${m}`);
  }
  return { reference: rows[0], current: rows[1], n, m };
}

/**
 * The table with its rare levels in one. If even together they are rare, the rarest other level joins
 * them, as long as another one remains beside them.
 */
function poolRareLevels(table: CountTable): CountTable {
  const { reference, current, n, m } = table;
  const smallerShare = Math.min(n, m) / (n + m);
  const isRare = (k: number): boolean =>
    (reference[k] + current[k]) * smallerShare < LEAST_EXPECTED;
  const levels = reference.map((_, k) => k);
  const rare = levels.filter(isRare);
  if (rare.length === 0) return table;
  const kept = levels
    .filter((k) => !isRare(k))
    .sort((a, b) => reference[a] + current[a] - reference[b] - current[b] || a - b);
  const sum = (row: readonly number[], over: readonly number[]): number =>
    over.reduce((total, k) => total + row[k], 0);
  const isStillRare = (): boolean =>
    (sum(reference, rare) + sum(current, rare)) * smallerShare < LEAST_EXPECTED;
  while (kept.length > 1 && isStillRare()) rare.push(...kept.splice(0, 1));
  return {
    reference: [...kept.map((k) => reference[k]), sum(reference, rare)],
    current: [...kept.map((k) => current[k]), sum(current, rare)],
    n,
    m,
  };
}

function leastExpected({ reference, current, n, m }: CountTable): number {
  let smallest = Infinity;
  for (let k = 0; k < reference.length; k++) {
    smallest = Math.min(smallest, reference[k] + current[k]);
  }
  return (smallest * Math.min(n, m)) / (n + m);
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
  const pool = Int32Array.from(totals.flatMap((total, k) => new Array<number>(total).fill(k)));
  const statistic = pearsonStatistic(table);
  // Tables as extreme as the observed one differ from it by rounding only.
  const threshold = statistic * (1 - 1e-9);
  const row = new Int32Array(totals.length);
  let exceedances = 0;
  let draws = 0;
  while (draws < MONTE_CARLO_DRAWS && exceedances < ENOUGH_EXCEEDANCES) {
    drawWithoutReplacement(pool, size, random, row);
    draws++;
    if (statisticOfRow(row, totals, size, rest) >= threshold) exceedances++;
  }
  const pValue =
    exceedances === ENOUGH_EXCEEDANCES ? exceedances / draws : (exceedances + 1) / (draws + 1);
  return { statistic, degreesOfFreedom: totals.length - 1, pValue, method: 'χ² Monte Carlo' };
}

function drawWithoutReplacement(
  pool: Int32Array,
  size: number,
  random: Random,
  counts: Int32Array,
): void {
  counts.fill(0);
  for (let i = 0; i < size; i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    const level = pool[j];
    pool[j] = pool[i];
    pool[i] = level;
    counts[level]++;
  }
}
