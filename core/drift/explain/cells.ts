import { countBelow } from '../../stats/search-sorted.ts';
import type { CategoricalColumn, Column, NumericColumn, TimeColumn } from '../../table.ts';

/**
 * One column of two samples in cells, the same for both. Cells are numbered from 0; the values that are missing have
 * one of their own, the last.
 */
export interface Cells {
  readonly reference: Int32Array;
  readonly current: Int32Array;
  readonly count: number;
  /** what a value of each cell is like, but for the last: `= NY`, `> 20 and ≤ 30` */
  readonly labels: readonly string[];
}

/** Values of a column, in order or not. */
type Numbers = NumericColumn | TimeColumn;

/**
 * Puts numbers between the quantiles of the reference, and categories by name, rare ones of both samples together in
 * one cell.
 *
 * @param most most cells, without that of the missing values
 * @throws RangeError if the columns are of different kinds
 */
export function cellsOf(reference: Column, current: Column, most: number): Cells {
  if (reference.kind === 'categorical' && current.kind === 'categorical') {
    return categoryCells(reference, current, most);
  }
  if (reference.kind !== 'categorical' && current.kind === reference.kind) {
    return numberCells(reference, current, quantilesOf(reference.values, most));
  }
  throw new RangeError(
    `cells: column '${reference.name}' is ${reference.kind} and then ${current.kind}`,
  );
}

/** Puts numbers between the given ascending edges: cell k holds edge k − 1 < x ≤ edge k. */
export function numberCells(reference: Numbers, current: Numbers, edges: readonly number[]): Cells {
  const missing = edges.length + 1;
  const ascending = Float64Array.from(edges);
  const cellOf = (x: number): number => (Number.isNaN(x) ? missing : countBelow(ascending, x));
  return {
    reference: Int32Array.from(reference.values, cellOf),
    current: Int32Array.from(current.values, cellOf),
    count: missing + 1,
    labels: Array.from({ length: missing }, (_, k) => {
      const low = k > 0 ? [`> ${shortNumber(edges[k - 1])}`] : [];
      const high = k < edges.length ? [`≤ ${shortNumber(edges[k])}`] : [];
      return [...low, ...high].join(' and ');
    }),
  };
}

const shortNumber = (x: number): string => String(Number(x.toPrecision(4)));

/** Different quantiles k/parts, 0 < k < parts, of the values that are there, ascending; the largest value is none. */
export function quantilesOf(values: Float64Array, parts: number): readonly number[] {
  const sorted = values.filter((x) => !Number.isNaN(x)).sort();
  const edges: number[] = [];
  for (let k = 1; k < parts; k++) {
    const edge = sorted[Math.ceil((k * sorted.length) / parts) - 1];
    if (edge > (edges.at(-1) ?? -Infinity) && edge < sorted[sorted.length - 1]) edges.push(edge);
  }
  return edges;
}

function categoryCells(
  reference: CategoricalColumn,
  current: CategoricalColumn,
  most: number,
): Cells {
  const counts = new Map<string, number>();
  for (const { codes, dictionary } of [reference, current]) {
    for (const code of codes) {
      if (code >= 0) counts.set(dictionary[code], (counts.get(dictionary[code]) ?? 0) + 1);
    }
  }
  const byFrequency = [...counts.keys()].sort(
    (a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1),
  );
  const cell = new Map(byFrequency.map((label, k) => [label, Math.min(k, most - 1)]));
  const missing = Math.min(byFrequency.length, most);
  const cellsOfColumn = ({ codes, dictionary }: CategoricalColumn): Int32Array => {
    const own = dictionary.map((label) => cell.get(label) ?? missing);
    return codes.map((code) => (code < 0 ? missing : own[code]));
  };
  return {
    reference: cellsOfColumn(reference),
    current: cellsOfColumn(current),
    count: missing + 1,
    labels: byFrequency
      .slice(0, most)
      .map((label, k) =>
        k === most - 1 && byFrequency.length > most ? 'is a rarer one' : `= ${label}`,
      ),
  };
}
