import { createRandom, deriveSeed } from '../../random.ts';
import type { Random } from '../../random.ts';
import { chooseInto, permutationPValue, randomRows } from '../../stats/permutation.ts';
import type { PointPair, Points } from './encode-rows.ts';

/** Random frequencies, a multiple of 4; each gives a cosine and a sine. The error of a kernel value is about 1/√(2 · 64). */
const FREQUENCIES = 64;
const FEATURES = 2 * FREQUENCIES;

/** Blocks of rows that the smaller sample is divided into for permutations. */
const BLOCKS = 500;

/**
 * Unbiased MMD² of the Gaussian kernel through random Fourier features, in time and memory linear in the rows.
 *
 * k(x, y) ≈ (1/D) Σ_d cos(w_d·(x − y)) with w_d ~ N(0, I/σ²), which is the product of the features
 * (cos w_d·x, sin w_d·x)/√D; their length is 1, so that MMD² = (n‖x̄‖² − 1)/(n − 1) + (m‖ȳ‖² − 1)/(m − 1) − 2 x̄·ȳ.
 * p by permutation of blocks of rows drawn at random, all of one size, whose sums stand for them: exact, as
 * is that of rows, at a cost that does not grow with these. The rows that fill no block are left out.
 *
 * @param pair n and m points, at least 2 each
 * @param bandwidth σ, above 0
 * @param seed of frequencies, blocks and permutations
 * @see Rahimi & Recht (2007), NIPS 20; Zhao & Meng (2015), Neural Comput. 27:1345–1372 for MMD.
 */
export function randomFeaturesTest(
  pair: PointPair,
  bandwidth: number,
  permutations: number,
  seed: number,
): { readonly statistic: number; readonly pValue: number } {
  const { reference, current } = pair;
  const blockRows = Math.max(1, Math.floor(Math.min(reference.rows, current.rows) / BLOCKS));
  const frequencies = drawFrequencies(reference.cols, bandwidth, createRandom(deriveSeed(seed, 1)));
  const random = createRandom(seed);
  const before = blockSums(reference, frequencies, blockRows, random);
  const now = blockSums(current, frequencies, blockRows, random);
  const sums = new Float64Array(before.length + now.length);
  sums.set(before);
  sums.set(now, before.length);
  const blocks = sums.length / FEATURES;
  const order = Int32Array.from({ length: blocks }, (_, b) => b);
  const all = sumOf(sums, order, blocks);
  const size = Math.min(before.length, now.length) / FEATURES;
  if (now.length < before.length) order.reverse();
  const statisticOf = (): number => {
    const first = sumOf(sums, order, size);
    return unbiased(first, size * blockRows, all, blocks * blockRows);
  };
  const statistic = statisticOf();
  const draw = (): number => {
    chooseInto(order, size, random);
    return statisticOf();
  };
  return { statistic, pValue: permutationPValue(statistic, draw, permutations) };
}

/** Row-major, FREQUENCIES × p. */
function drawFrequencies(p: number, bandwidth: number, random: Random): Float64Array {
  return Float64Array.from({ length: FREQUENCIES * p }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return (radius * Math.cos(2 * Math.PI * random())) / bandwidth;
  });
}

/** Sums of the features over blocks of `blockRows` rows dealt at random; row-major, blocks × FEATURES. */
function blockSums(
  { data, rows, cols }: Points,
  frequencies: Float64Array,
  blockRows: number,
  random: Random,
): Float64Array {
  const order = randomRows(rows, rows, random);
  const blocks = Math.floor(rows / blockRows);
  const sums = new Float64Array(blocks * FEATURES);
  for (let r = 0; r < blocks * blockRows; r++) {
    const point = order[r] * cols;
    let at = Math.floor(r / blockRows) * FEATURES;
    const add = (angle: number): void => {
      sums[at++] += Math.cos(angle);
      sums[at++] += Math.sin(angle);
    };
    // An addition waits for the one before it: four angles side by side take half the time of one by one.
    for (let d = 0; d < FREQUENCIES; d += 4) {
      let [a, b, c, e] = [0, 0, 0, 0];
      for (let j = 0, f = d * cols; j < cols; j++, f++) {
        const x = data[point + j];
        a += frequencies[f] * x;
        b += frequencies[f + cols] * x;
        c += frequencies[f + 2 * cols] * x;
        e += frequencies[f + 3 * cols] * x;
      }
      add(a);
      add(b);
      add(c);
      add(e);
    }
  }
  return sums;
}

/** Sum of the first `count` blocks in an order, four features at a time as above. */
function sumOf(blocks: Float64Array, order: Int32Array, count: number): Float64Array {
  const sum = new Float64Array(FEATURES);
  for (let d = 0; d < FEATURES; d += 4) {
    let [a, b, c, e] = [0, 0, 0, 0];
    for (let k = 0; k < count; k++) {
      const at = order[k] * FEATURES + d;
      a += blocks[at];
      b += blocks[at + 1];
      c += blocks[at + 2];
      e += blocks[at + 3];
    }
    sum.set([a, b, c, e], d);
  }
  return sum;
}

/** MMD² of the rows in `first` against the rest of all. */
function unbiased(first: Float64Array, n: number, all: Float64Array, total: number): number {
  const m = total - n;
  let within = 0;
  let rest = 0;
  let between = 0;
  for (let d = 0; d < first.length; d++) {
    const x = first[d] / n;
    const y = (all[d] - first[d]) / m;
    within += x * x;
    rest += y * y;
    between += x * y;
  }
  const scale = 1 / FREQUENCIES;
  return (
    (n * within * scale - 1) / (n - 1) + (m * rest * scale - 1) / (m - 1) - 2 * between * scale
  );
}
