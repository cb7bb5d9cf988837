import { createRandom, deriveSeed } from '../../random.ts';
import { randomRows } from '../../stats/permutation.ts';
import { sortNumbers } from '../../stats/sort-numbers.ts';
import type { NotApplicable } from '../../stats/two-sample.ts';
import type { PointPair } from './encode-rows.ts';
import { attributeKernel, kernelTest, pool, pooledDistances, squaredDistance } from './pairwise.ts';
import type { Kernel } from './pairwise.ts';
import { randomFeaturesTest } from './random-features.ts';
import type { MultivariateTest } from './result.ts';

export interface MmdOptions {
  readonly seed: number;
  /** most permutations drawn; the smallest p is 1/(permutations + 1) */
  readonly permutations: number;
  /** σ of the kernel; absent: the median distance of two points */
  readonly bandwidth?: number | undefined;
  /** largest p at which columns are given their shares; absent: 1 */
  readonly attributeUpTo?: number | undefined;
}

export interface MmdResult extends MultivariateTest {
  readonly method: 'exact' | 'random Fourier features';
  /** σ of the kernel */
  readonly bandwidth: number;
}

/** Largest n + m for which all pairs of points are compared. */
const MMD_EXACT_ROWS = 1000;

/**
 * Maximum mean discrepancy of two samples of points: could both share one distribution, dependence included?
 *
 * MMD² = E k(X, X′) + E k(Y, Y′) − 2E k(X, Y), unbiased, so that its mean is 0 without change, with
 * k(x, y) = exp(−‖x − y‖²/(2σ²)). Over all pairs while n + m ≤ 1000; beyond that over random Fourier features, in
 * time and memory linear in the rows. p that of permutations: of rows, or of blocks of rows.
 *
 * @param pair n and m points, at least 2 each
 * @see Gretton et al. (2012), JMLR 13:723–773, lemma 6 and section 8 for the median.
 */
export function mmdTest(pair: PointPair, options: MmdOptions): MmdResult | NotApplicable {
  const n = pair.reference.rows;
  const m = pair.current.rows;
  if (pair.columns.length === 0 || Math.min(n, m) < 2) {
    const reason = 'MMD needs a column that varies and 2 rows of each sample';
    return { kind: 'not applicable', reason, n, m };
  }
  const { seed, permutations } = options;
  const bandwidth = options.bandwidth ?? medianDistance(pair, deriveSeed(seed, 1));
  const kernel = gaussianKernel(bandwidth);
  const exact = n + m <= MMD_EXACT_ROWS;
  const { statistic, pValue } = exact
    ? kernelTest(pooledDistances(pair), kernel, permutations, createRandom(seed))
    : randomFeaturesTest(pair, bandwidth, permutations, seed);
  return {
    kind: 'tested',
    statistic,
    pValue,
    n,
    m,
    method: exact ? 'exact' : 'random Fourier features',
    bandwidth,
    attribution:
      pValue > (options.attributeUpTo ?? 1)
        ? []
        : attributeKernel(pair, kernel, deriveSeed(seed, 2)),
  };
}

/** k = exp(−d²/(2σ²)) of a squared distance. @throws RangeError if σ is not above 0 */
export function gaussianKernel(bandwidth: number): Kernel {
  if (!(bandwidth > 0 && bandwidth < Infinity)) {
    throw new RangeError(`mmd: the bandwidth must be above 0, got ${bandwidth}`);
  }
  const factor = -1 / (2 * bandwidth * bandwidth);
  return { of: (square) => Math.exp(factor * square), unbiased: true };
}

/** Points whose distances the median is taken of. */
const MEDIAN_ROWS = 500;

/**
 * Median distance of two different points among (at most 500 of) both samples, by which the kernel tells near
 * from far; the mean of those above 0 where more than half are 0.
 */
export function medianDistance(pair: PointPair, seed: number): number {
  const { data, rows, cols } = pool(pair);
  const chosen = randomRows(rows, MEDIAN_ROWS, createRandom(seed));
  const distances = new Float64Array((chosen.length * (chosen.length - 1)) / 2);
  let at = 0;
  for (let a = 0; a < chosen.length; a++) {
    for (let b = 0; b < a; b++) {
      const square = squaredDistance(data, chosen[a] * cols, chosen[b] * cols, cols);
      distances[at++] = Math.sqrt(square);
    }
  }
  sortNumbers(distances);
  const median = distances[Math.floor(distances.length / 2)];
  if (median > 0) return median;
  const positive = distances.filter((distance) => distance > 0);
  return positive.length === 0 ? 1 : positive.reduce((sum, d) => sum + d, 0) / positive.length;
}
