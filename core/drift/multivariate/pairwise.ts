import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { chooseInto, permutationPValue, randomRows } from '../../stats/permutation.ts';
import type { PointPair, Points } from './encode-rows.ts';
import type { ColumnShare } from './result.ts';
import { sharesOfDrops } from './result.ts';

/** What a two-sample statistic makes of the squared distance of two points. */
export interface Kernel {
  readonly of: (squaredDistance: number) => number;
  /** whether pairs of a point with itself are left out of the means, which makes the statistic unbiased */
  readonly unbiased: boolean;
}

/** Squared distances of all pairs of points of two samples, the reference's first. */
export interface PooledDistances {
  /** of points i and k < i at `startOf(i) + k` */
  readonly squares: Float64Array;
  readonly n: number;
  readonly m: number;
}

/** Where the pairs of point i with those before it begin. */
const startOf = (i: number): number => (i * (i - 1)) / 2;

/** Squared Euclidean distances of all pairs. O((n + m)² p) time, 4(n + m)² bytes. */
export function pooledDistances(pair: PointPair): PooledDistances {
  const { data, rows, cols } = pool(pair);
  const squares = new Float64Array(startOf(rows));
  let at = 0;
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < i; k++) squares[at++] = squaredDistance(data, i * cols, k * cols, cols);
  }
  return { squares, n: pair.reference.rows, m: pair.current.rows };
}

/** Of two points of so many coordinates that begin at the given places. */
export function squaredDistance(data: Float64Array, a: number, b: number, cols: number): number {
  // An addition waits for the one before it: two sums side by side take little more than half the time.
  let even = 0;
  let odd = 0;
  for (let j = 0; j + 1 < cols; j += 2) {
    const first = data[a + j] - data[b + j];
    const second = data[a + j + 1] - data[b + j + 1];
    even += first * first;
    odd += second * second;
  }
  if (cols % 2 === 0) return even + odd;
  const last = data[a + cols - 1] - data[b + cols - 1];
  return even + odd + last * last;
}

/**
 * Mean kernel within each sample less twice the mean between them, with the p-value of permutations of rows.
 * @param random source of the permutations
 */
export function kernelTest(
  { squares, n, m }: PooledDistances,
  kernel: Kernel,
  permutations: number,
  random: Random,
): { readonly statistic: number; readonly pValue: number } {
  const total = n + m;
  const itself = kernel.of(0);
  const values = new Float64Array(squares.length);
  const rowSums = new Float64Array(total).fill(itself);
  for (let i = 0, at = 0; i < total; i++) {
    for (let k = 0; k < i; k++, at++) {
      const value = kernel.of(squares[at]);
      values[at] = value;
      rowSums[i] += value;
      rowSums[k] += value;
    }
  }
  const sum = rowSums.reduce((all, own) => all + own, 0);
  const order = Int32Array.from({ length: total }, (_, i) => i);
  // The sums over one of the samples give those over the other: the smaller one is cheaper.
  if (m < n) order.reverse();
  const size = Math.min(n, m);
  const statisticOf = (): number => {
    // In ascending order, so that memory is read forwards; which points are chosen is random all the same.
    const chosen = order.subarray(0, size).sort();
    let pairs = 0;
    let rows = 0;
    for (let a = 0; a < size; a++) {
      const start = startOf(chosen[a]);
      rows += rowSums[chosen[a]];
      for (let b = 0; b < a; b++) pairs += values[start + chosen[b]];
    }
    const within = 2 * pairs + size * itself;
    const rest = sum - 2 * rows + within;
    return fromSums(within, rest, rows - within, size, total - size, kernel);
  };
  const statistic = statisticOf();
  const draw = (): number => {
    chooseInto(order, size, random);
    return statisticOf();
  };
  return { statistic, pValue: permutationPValue(statistic, draw, permutations) };
}

/** Rows of each sample that attribution looks at: its cost is quadratic in them, for each column. */
const ATTRIBUTION_ROWS = 150;

/**
 * How much of a kernel statistic each column carries: what it loses when the column's values are shuffled over
 * both samples, which takes away the column's own change and its part in changed dependence.
 *
 * @param seed of the rows drawn and of the shuffles
 */
export function attributeKernel(
  pair: PointPair,
  kernel: Kernel,
  seed: number,
): readonly ColumnShare[] {
  const random = createRandom(seed);
  const sample = {
    ...pair,
    reference: some(pair.reference, random),
    current: some(pair.current, random),
  };
  const { squares, n, m } = pooledDistances(sample);
  const points = pool(sample);
  const whole = statisticOfSquares(squares, n, m, kernel);
  const drops = pair.columns.map((_, column) => {
    const [first, end] = dimensionsOfColumn(pair, column);
    const order = randomRows(n + m, n + m, random);
    const start = (point: number): number => point * points.cols + first;
    const length = end - first;
    const shuffled = new Float64Array(squares.length);
    for (let i = 0, at = 0; i < n + m; i++) {
      for (let k = 0; k < i; k++, at++) {
        const change =
          squaredDistance(points.data, start(order[i]), start(order[k]), length) -
          squaredDistance(points.data, start(i), start(k), length);
        shuffled[at] = Math.max(0, squares[at] + change);
      }
    }
    return whole - statisticOfSquares(shuffled, n, m, kernel);
  });
  return sharesOfDrops(pair.columns, drops);
}

/** First dimension of a column and the one after its last. */
export function dimensionsOfColumn(pair: PointPair, column: number): readonly [number, number] {
  const first = pair.columnOfDimension.indexOf(column);
  return [first, pair.columnOfDimension.lastIndexOf(column) + 1];
}

function statisticOfSquares(squares: Float64Array, n: number, m: number, kernel: Kernel): number {
  const total = n + m;
  // Each point is at no distance from itself; every other pair occurs in both orders.
  let ofReference = n * kernel.of(0);
  let ofCurrent = m * kernel.of(0);
  let between = 0;
  for (let i = 0, at = 0; i < total; i++) {
    for (let k = 0; k < i; k++, at++) {
      const value = kernel.of(squares[at]);
      if (i < n) ofReference += 2 * value;
      else if (k >= n) ofCurrent += 2 * value;
      else between += value;
    }
  }
  return fromSums(ofReference, ofCurrent, between, n, m, kernel);
}

function fromSums(
  within: number,
  rest: number,
  between: number,
  n: number,
  m: number,
  kernel: Kernel,
): number {
  const itself = kernel.of(0);
  return kernel.unbiased
    ? (within - n * itself) / n / (n - 1) +
        (rest - m * itself) / m / (m - 1) -
        (2 * between) / n / m
    : within / n / n + rest / m / m - (2 * between) / n / m;
}

function some({ data, rows, cols }: Points, random: Random): Points {
  const chosen = randomRows(rows, ATTRIBUTION_ROWS, random);
  const own = new Float64Array(chosen.length * cols);
  chosen.forEach((row, i) => own.set(data.subarray(row * cols, (row + 1) * cols), i * cols));
  return { data: own, rows: chosen.length, cols };
}

/** Both samples one after the other. */
export function pool({ reference, current }: PointPair): Points {
  const data = new Float64Array(reference.data.length + current.data.length);
  data.set(reference.data);
  data.set(current.data, reference.data.length);
  return { data, rows: reference.rows + current.rows, cols: reference.cols };
}
