import type { TwoSampleTest } from '../../stats/two-sample.ts';

/** How much of a change over all columns one of them carries. */
export interface ColumnShare {
  readonly column: string;
  /** what the statistic (of the energy test, its square) loses without the column's part; noise where negative */
  readonly drop: number;
  /** share in [0, 1] of all positive drops; 0 where there is none */
  readonly share: number;
}

/** A test of two samples over all columns. */
export interface MultivariateTest extends TwoSampleTest {
  /** in the order of the columns; empty where p is too large to ask for it */
  readonly attribution: readonly ColumnShare[];
}

/** Drops as shares of all that are positive. */
export function sharesOfDrops(
  columns: readonly string[],
  drops: readonly number[],
): readonly ColumnShare[] {
  const all = drops.reduce((sum, drop) => sum + Math.max(0, drop), 0);
  return columns.map((column, index) => {
    const drop = drops[index];
    return { column, drop, share: all > 0 ? Math.max(0, drop) / all : 0 };
  });
}
