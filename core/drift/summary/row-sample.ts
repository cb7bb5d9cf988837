import { createRandom, type Random } from '../../random.ts';
import { randomRows } from '../../stats/permutation.ts';
import { takeRows, type Table } from '../../table.ts';
import { stackTables } from '../multivariate/stack-tables.ts';

/** Rows that are kept whole, for tests that look at several columns at once. */
export const SAMPLE_ROWS = 5_000;

/**
 * A uniform choice of at most 5,000 of so many rows, without replacement, in ascending order; all of them if they
 * are no more.
 * @see Bentley & Floyd (1987), "A sample of brilliance", CACM 30:754–757.
 */
export function chooseRows(rows: number, seed: number, size: number = SAMPLE_ROWS): Int32Array {
  if (rows <= size) return Int32Array.from({ length: rows }, (_, i) => i);
  const random = createRandom(seed);
  const chosen = new Set<number>();
  for (let last = rows - size; last < rows; last++) {
    const row = Math.floor(random() * (last + 1));
    chosen.add(chosen.has(row) ? last : row);
  }
  return Int32Array.from(chosen).sort();
}

/** Rows drawn uniformly from so many. */
export interface RowSample {
  readonly rows: number;
  readonly sample: Table;
}

/**
 * A uniform sample of the rows of both: as many of each as a draw from all would hold.
 * @throws RangeError if they differ in the names or kinds of their columns
 */
export function mergeRowSamples(a: RowSample, b: RowSample, seed: number): Table {
  const names = a.sample.columns.map(({ name }) => name);
  const stacked = stackTables(a.sample, b.sample, names).table;
  const all = { ...stacked, columns: stacked.columns.slice(0, -1) };
  if (all.rows <= SAMPLE_ROWS && a.sample.rows === a.rows && b.sample.rows === b.rows) return all;
  const random = createRandom(seed);
  const size = Math.min(SAMPLE_ROWS, all.rows);
  const ofA = drawHypergeometric(a.rows, b.rows, size, random);
  const rows = [
    ...randomRows(a.sample.rows, ofA, random),
    ...randomRows(b.sample.rows, size - ofA, random).map((row) => a.sample.rows + row),
  ];
  return takeRows(all, Int32Array.from(rows).sort());
}

/** How many of `draws` from n + m without replacement are among the n. */
function drawHypergeometric(n: number, m: number, draws: number, random: Random): number {
  let found = 0;
  for (let drawn = 0; drawn < draws; drawn++) {
    if (random() * (n + m - drawn) < n - found) found++;
  }
  return found;
}
