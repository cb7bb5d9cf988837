import { createRandom } from '../../random.ts';
import { chiSquareHomogeneity } from '../../stats/chi-square.ts';
import { holm } from '../../stats/corrections.ts';
import { chooseInto } from '../../stats/permutation.ts';
import { columnOf } from '../../table.ts';
import type { Table } from '../../table.ts';
import { cellsOf } from './cells.ts';
import { likenessOfCells } from './likeness.ts';

/** Rows of both samples: 1 = belongs to the slice. */
export type Mask = Uint8Array;

/** Some rows of both samples, those of the reference first, as a search for slices sees them. */
export interface SliceSample {
  /** rows of the reference, of the current sample */
  readonly n: number;
  readonly m: number;
  /** cell of each row, and their number, for each changed column */
  readonly columns: readonly { readonly cells: Int32Array; readonly count: number }[];
  /** position of each row in the two tables one after the other */
  readonly positions: Int32Array;
}

/** Cells in which a column's change is looked at. */
const CELLS = 16;

/** Two random halves of the rows of both tables, in the same cells. */
export function halvesOf(
  reference: Table,
  current: Table,
  changed: readonly string[],
  seed: number,
): readonly [SliceSample, SliceSample] {
  const random = createRandom(seed);
  const columns = changed.map((name) =>
    cellsOf(columnOf(reference, name), columnOf(current, name), CELLS),
  );
  const [before, now] = [reference.rows, current.rows].map((rows) => {
    const order = Int32Array.from({ length: rows }, (_, i) => i);
    chooseInto(order, rows, random);
    return order;
  });
  const part = (x: Int32Array, y: Int32Array): SliceSample => ({
    n: x.length,
    m: y.length,
    columns: columns.map((column) => ({
      cells: Int32Array.from([
        ...x.map((row) => column.reference[row]),
        ...y.map((row) => column.current[row]),
      ]),
      count: column.count,
    })),
    positions: Int32Array.from([...x, ...y.map((row) => reference.rows + row)]),
  });
  const [a, b] = [before.length >> 1, now.length >> 1];
  return [
    part(before.subarray(0, a), now.subarray(0, b)),
    part(before.subarray(a), now.subarray(b)),
  ];
}

/** How much more current than reference each cell of each changed column is, see `likenessOfCells`. */
export function likenessOf(sample: SliceSample): readonly Float64Array[] {
  return likenessAmong(sample, () => true);
}

/** For each row the sum of the likeness of its values. */
export function scoreRows(
  { columns, positions }: SliceSample,
  likeness: readonly Float64Array[],
): Float64Array {
  const scores = new Float64Array(positions.length);
  columns.forEach(({ cells }, j) => {
    for (let i = 0; i < cells.length; i++) scores[i] += likeness[j][cells[i]];
  });
  return scores;
}

/** The same for a sample by itself: every other row is scored by the rows between, so that none speaks for itself. */
export function scoreRowsByOthers(sample: SliceSample): Float64Array {
  const [byOdd, byEven] = [1, 0].map((parity) =>
    scoreRows(
      sample,
      likenessAmong(sample, (i) => i % 2 === parity),
    ),
  );
  return byOdd.map((score, i) => (i % 2 === 0 ? score : byEven[i]));
}

function likenessAmong(
  { n, columns }: SliceSample,
  counts: (row: number) => boolean,
): readonly Float64Array[] {
  return columns.map(({ cells, count }) => {
    const before = new Float64Array(count);
    const now = new Float64Array(count);
    for (let i = 0; i < cells.length; i++) if (counts(i)) (i < n ? before : now)[cells[i]]++;
    return likenessOfCells(before, now);
  });
}

/** How much the current rows outside a slice score above those of the reference, and how sure that is. */
export interface Difference {
  readonly value: number;
  readonly standardError: number;
  /** rows in the slice */
  readonly reference: number;
  readonly current: number;
}

/** Scores of the rows of a sample, with their sums. */
export interface Scores {
  readonly sample: SliceSample;
  readonly values: Float64Array;
  readonly before: Sums;
  readonly now: Sums;
}

interface Sums {
  readonly rows: number;
  readonly sum: number;
  readonly squares: number;
}

export function sumScores(sample: SliceSample, values: Float64Array): Scores {
  const sums = (part: Float64Array): Sums => ({
    rows: part.length,
    sum: part.reduce((sum, score) => sum + score, 0),
    squares: part.reduce((sum, score) => sum + score * score, 0),
  });
  const { n } = sample;
  return { sample, values, before: sums(values.subarray(0, n)), now: sums(values.subarray(n)) };
}

/** @param slice ascending rows of the sample, of which those that `mask` marks are the slice; absent: all of them */
export function differenceWithout(
  { sample: { n }, values, before, now }: Scores,
  slice: Int32Array,
  mask?: Mask,
): Difference {
  const inside = new Float64Array(6);
  for (let i = 0; i < slice.length; i++) {
    const row = slice[i];
    if (mask !== undefined && mask[row] === 0) continue;
    const at = row < n ? 0 : 3;
    inside[at]++;
    inside[at + 1] += values[row];
    inside[at + 2] += values[row] * values[row];
  }
  const rest = momentsOf(before, inside[0], inside[1], inside[2]);
  const restNow = momentsOf(now, inside[3], inside[4], inside[5]);
  return {
    value: restNow.mean - rest.mean,
    standardError: Math.sqrt(rest.squaredError + restNow.squaredError),
    reference: inside[0],
    current: inside[3],
  };
}

/**
 * The smallest p-value over the changed columns of χ² homogeneity of the rows outside a slice, Holm-adjusted.
 */
export function smallestPValueOutside(
  { n, m, columns }: SliceSample,
  slice: Int32Array,
  seed: number,
): number {
  const random = createRandom(seed);
  const pValues = columns.map(({ cells, count }) => {
    const before = new Float64Array(count);
    const now = new Float64Array(count);
    for (let i = 0; i < n + m; i++) (i < n ? before : now)[cells[i]]++;
    for (const i of slice) (i < n ? before : now)[cells[i]]--;
    return chiSquareHomogeneity(before, now, random).pValue;
  });
  return Math.min(...holm(pValues));
}

/** Of what is left; scores are logarithms of ratios of shares, near 0, so that hardly any digits are lost. */
function momentsOf(
  whole: Sums,
  rows: number,
  sum: number,
  squares: number,
): { readonly mean: number; readonly squaredError: number } {
  const left = whole.rows - rows;
  if (left === 0) return { mean: 0, squaredError: 0 };
  const mean = (whole.sum - sum) / left;
  const variance = (whole.squares - squares) / left - mean * mean;
  return { mean, squaredError: Math.max(0, variance) / left };
}
