import { withNumbersKernel } from './kernel/kernel.ts';

/** How far chunks of one length differ, in units of what independent rows would give. */
export interface ChunkDispersion {
  /** of a chunk; the last one has the rows that are left over as well */
  readonly rows: number;
  /** of the χ² that independent rows would give: chunks − 1 a level beyond the first, less where values are skewed */
  readonly freedom: number;
  /** mean square of chunk against all other rows: 1 on average where rows are independent */
  readonly others: number;
  /** likewise of chunk against the next one: what varies slowly over all rows hardly counts */
  readonly neighbours: number;
}

/** Chunks of doubling length, from 4 rows on, as long as there are 4 of them; empty where nothing varies. */
export type DispersionCurve = readonly ChunkDispersion[];

/** How neighbouring rows of a column of numbers resemble one another, by what is compared. */
export interface NumberDependence {
  /** mean rank, in eighths */
  readonly height: DispersionCurve;
  /** share above the median */
  readonly side: DispersionCurve;
  /** mean distance from the median in rank, which shows bursts of spread */
  readonly distance: DispersionCurve;
  /** share of missing values */
  readonly missing: DispersionCurve;
}

/** Likewise of a column of categories. */
export interface CategoryDependence {
  /** of the nine most frequent categories, and of all others together */
  readonly shares: DispersionCurve;
  readonly missing: DispersionCurve;
}

/** Rows that are looked at, from the first on: in chunks of up to 16,384. More cost more than they tell. */
export const LEARNING_ROWS: number = 1 << 16;
const SHORTEST = 4;
const FEWEST_CHUNKS = 4;

/** Cells of a column of numbers: with eight, their numbers correlate with the ranks by 0.99. */
const CELLS = 8;

/**
 * Of a run of rows of numbers.
 * @param values in the order of the rows; NaN, or infinite, for missing
 * @param sorted those that are present, in ascending order
 */
export function dependenceOfNumbers(values: Float64Array, sorted: Float64Array): NumberDependence {
  const learned = values.subarray(0, LEARNING_ROWS);
  const chunks = Math.floor(learned.length / SHORTEST);
  if (chunks < FEWEST_CHUNKS) return { height: [], side: [], distance: [], missing: [] };
  const { present, heights, sides, distances, cells } = countCells(learned, chunks, sorted);
  const curve = (sums: Float64Array, score: (cell: number) => number): DispersionCurve =>
    curveOf(present, [scored(sums, present, momentsOf(cells, score))]);
  return {
    height: curve(heights, (cell) => cell),
    side: curve(sides, (cell) => Number(cell >= CELLS / 2)),
    distance: curve(distances, (cell) => Math.abs(2 * cell - (CELLS - 1))),
    missing: dependenceOfMissing(present, learned.length),
  };
}

/** By chunk of the shortest length: finite rows, and sums over them; and how many finite rows are in each cell. */
interface CellCounts {
  readonly present: Float64Array;
  readonly heights: Float64Array;
  readonly sides: Float64Array;
  readonly distances: Float64Array;
  readonly cells: Float64Array;
}

function countCells(learned: Float64Array, chunks: number, sorted: Float64Array): CellCounts {
  const limit = (part: number): number => sorted[Math.floor((part / CELLS) * sorted.length)] ?? 0;
  const length = learned.length + 4 * chunks + CELLS;
  return withNumbersKernel(length, `cells of ${learned.length} numbers`, (kernel, numbers) => {
    numbers.set(learned);
    const limits = [limit(1), limit(2), limit(3), limit(4), limit(5), limit(6), limit(7)] as const;
    kernel.countCells(learned.length, ...limits);
    const part = (index: number, size: number): Float64Array => {
      const start = learned.length + index * chunks;
      return numbers.slice(start, start + size);
    };
    return {
      present: part(0, chunks),
      heights: part(1, chunks),
      sides: part(2, chunks),
      distances: part(3, chunks),
      cells: part(4, CELLS),
    };
  });
}

/** The most frequent categories that are cells of their own; the others are one together. */
const MOST_LEVELS = 9;

/** The codes of categories that are cells of their own, most frequent first. @param counts by code */
export function frequentLevels(counts: ArrayLike<number>): readonly number[] {
  return Array.from({ length: counts.length }, (_, code) => code)
    .filter((code) => counts[code] > 0)
    .sort((a, b) => counts[b] - counts[a] || a - b)
    .slice(0, MOST_LEVELS);
}

/**
 * Of a run of rows of categories: every chunk is compared with all others in the shares of at most ten cells.
 * @param cells in the order of the rows, 0 to 9; −1 for missing
 */
export function dependenceOfCells(cells: Int32Array): CategoryDependence {
  const learned = cells.subarray(0, LEARNING_ROWS);
  const chunks = Math.floor(learned.length / SHORTEST);
  if (chunks < FEWEST_CHUNKS) return { shares: [], missing: [] };
  const present = new Float64Array(chunks);
  const sums = Array.from({ length: MOST_LEVELS + 1 }, () => new Float64Array(chunks));
  const totals = new Float64Array(MOST_LEVELS + 1);
  for (let i = 0; i < learned.length; i++) {
    if (learned[i] < 0) continue;
    const chunk = Math.min(i >>> 2, chunks - 1);
    present[chunk]++;
    sums[learned[i]][chunk]++;
    totals[learned[i]]++;
  }
  const n = sum(present);
  const components = sums.flatMap((own, cell) =>
    totals[cell] === 0
      ? []
      : [scored(own, present, { mean: totals[cell] / n, variance: totals[cell] / n, excess: 0 })],
  );
  const levels = components.length;
  // Variance of χ² of multinomial counts beyond that of χ² (Haldane 1937, Biometrika 29:133–143).
  const inverse = components.reduce((total, { variance }) => total + 1 / variance, 0);
  const excess = inverse - levels * levels - 2 * levels + 2;
  return {
    shares: levels < 2 ? [] : curveOf(present, components, { rank: levels - 1, excess }),
    missing: dependenceOfMissing(present, learned.length),
  };
}

function dependenceOfMissing(present: Float64Array, rows: number): DispersionCurve {
  const share = sum(present) / rows;
  if (share === 0 || share === 1) return [];
  const sizes = present.map(() => SHORTEST);
  sizes[sizes.length - 1] += rows - sum(sizes);
  const variance = share * (1 - share);
  const excess = (1 - 6 * variance) / variance;
  return curveOf(sizes, [scored(present, sizes, { mean: share, variance, excess })]);
}

interface Score {
  readonly mean: number;
  readonly variance: number;
  /** fourth standardised moment − 3 */
  readonly excess: number;
}

interface Component extends Score {
  /** by chunk, of the differences from the mean */
  readonly sums: Float64Array;
}

function scored(sums: Float64Array, sizes: Float64Array, score: Score): Component {
  // By a map of the sums, learning from a block of rows takes a fifth longer.
  const differences = new Float64Array(sums.length);
  for (let i = 0; i < sums.length; i++) differences[i] = sums[i] - score.mean * sizes[i];
  return { ...score, sums: differences };
}

function momentsOf(cells: Float64Array, score: (cell: number) => number): Score {
  const n = sum(cells);
  const moment = (about: number, power: number): number =>
    cells.reduce((total, count, cell) => total + count * (score(cell) - about) ** power, 0) / n;
  const mean = moment(0, 1);
  const variance = moment(mean, 2);
  return { mean, variance, excess: moment(mean, 4) / variance ** 2 - 3 };
}

/**
 * @param sizes values of each of the shortest chunks
 * @param components whose squares add up
 * @param shape how many of them are free, and the excess of their sum of squares over χ² of one row
 */
function curveOf(
  sizes: Float64Array,
  components: readonly Component[],
  { rank, excess } = { rank: 1, excess: components[0].excess },
): DispersionCurve {
  if (components.some(({ variance }) => !(variance > 0))) return [];
  const curve: ChunkDispersion[] = [];
  let lengths = sizes;
  let sums = components.map((component) => component.sums);
  for (let rows = SHORTEST; lengths.length >= FEWEST_CHUNKS; rows *= 2) {
    const chunks = lengths.length;
    const squares = (statistic: (sizes: Float64Array, sums: Float64Array) => number): number =>
      components.reduce(
        (total, { variance }, c) => total + statistic(lengths, sums[c]) / variance,
        0,
      );
    const free = rank * (chunks - 1);
    curve.push({
      rows,
      freedom: free / Math.max(1, 1 + excess / (2 * rows * rank)),
      others: squares(againstOthers) / free,
      neighbours: squares(againstNext) / free,
    });
    lengths = inPairs(lengths);
    sums = sums.map(inPairs);
  }
  return curve;
}

/**
 * Σ over chunks of (mean − mean of all other rows)² ÷ its variance under independence, times (N − nᵢ)/N, which makes
 * Pearson's χ² of it.
 */
function againstOthers(sizes: Float64Array, sums: Float64Array): number {
  let total = 0;
  for (let i = 0; i < sums.length; i++) {
    if (sizes[i] > 0) total += (sums[i] * sums[i]) / sizes[i];
  }
  return total;
}

/** Σ over pairs of neighbouring chunks of (difference of their means)² ÷ its variance under independence. */
function againstNext(sizes: Float64Array, sums: Float64Array): number {
  let total = 0;
  for (let i = 1; i < sums.length; i++) {
    const n = sizes[i - 1];
    const m = sizes[i];
    const difference = sums[i] * n - sums[i - 1] * m;
    if (n * m > 0) total += (difference * difference) / (n * m * (n + m));
  }
  return total;
}

/** Two chunks as one; an odd last one goes with the pair before it. */
function inPairs(chunks: Float64Array): Float64Array {
  const pairs = new Float64Array(chunks.length >>> 1);
  for (let i = 0; i < pairs.length; i++) pairs[i] = chunks[2 * i] + chunks[2 * i + 1];
  if (chunks.length % 2 === 1) pairs[pairs.length - 1] += chunks[chunks.length - 1];
  return pairs;
}

/** Of two runs of rows together, each chunk compared with those of its own run. */
export function mergeCurves(a: DispersionCurve, b: DispersionCurve): DispersionCurve {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  return longer.map((own, j) => (j < shorter.length ? pooled(own, shorter[j]) : own));
}

function pooled(a: ChunkDispersion, b: ChunkDispersion): ChunkDispersion {
  const freedom = a.freedom + b.freedom;
  const mean = (x: number, y: number): number => (a.freedom * x + b.freedom * y) / freedom;
  return {
    rows: a.rows,
    freedom,
    others: mean(a.others, b.others),
    neighbours: mean(a.neighbours, b.neighbours),
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
