import type { Random } from '../random.ts';
import { chiSquareHomogeneity } from '../stats/chi-square.ts';
import { cramersV } from '../stats/cramers-v.ts';
import type { Share } from '../stats/fisher.ts';
import { jensenShannonDistance } from '../stats/jensen-shannon.ts';
import { ksTwoSample } from '../stats/ks.ts';
import { missingnessTest } from '../stats/missingness.ts';
import { populationStabilityIndex, quantileEdges } from '../stats/psi.ts';
import { wassersteinDistance } from '../stats/wasserstein.ts';
import { categoricalHistogram, countBins, numericHistogram } from './histogram.ts';
import type { LevelCounts } from './levels.ts';
import type { Change, Distances, Histogram } from './report.ts';
import type { SortedSample } from './summary/sorted-sample.ts';

/** A tested hypothesis before the correction over the family. */
export type RawChange = Omit<
  Change,
  'adjustedPValue' | 'falseDiscoveryRate' | 'significant' | 'material'
>;

/** Two distributions compared. */
export interface Comparison {
  readonly change: RawChange;
  readonly distances: Distances;
  readonly histogram: Histogram;
}

const DISTANCE_BINS = 10;

/**
 * Compares numbers by Kolmogorov–Smirnov and W₁ ÷ σ. Where a sample is not exact, p is that of the least D that
 * is possible: it is never too small.
 * @param reference of n ≥ 1 values
 * @param current of m ≥ 1 values
 * @param sigma standard deviation of the reference, above 0
 * @param threshold from which W₁ ÷ σ is large
 */
export function compareNumbers(
  reference: SortedSample,
  current: SortedSample,
  sigma: number,
  threshold: number,
): Comparison {
  const before = reference.values;
  const now = current.values;
  const { statistic, pValue } = ksTwoSample(before, now, {
    n: reference.count,
    m: current.count,
    error: reference.rankError + current.rankError,
  });
  // Values near the end of the range of doubles can overflow; a report holds finite numbers only.
  const effect = Math.min(wassersteinDistance(before, now) / sigma, Number.MAX_VALUE);
  const edges = quantileEdges(before, DISTANCE_BINS);
  return {
    change: {
      about: 'distribution',
      test: 'Kolmogorov–Smirnov',
      statistic,
      n: reference.count,
      m: current.count,
      pValue,
      effect: { name: 'Wasserstein ÷ σ', value: effect, threshold },
    },
    distances: distancesOf(binCounts(reference, edges), binCounts(current, edges)),
    histogram: numericHistogram(before, now),
  };
}

/** How many of the values that a sample stands for are in each bin. */
function binCounts({ values, count }: SortedSample, edges: readonly number[]): readonly number[] {
  return countBins(values, edges).map((own) => own * (count / values.length));
}

/**
 * Compares categories, or numbers of few different values, by χ² and the bias-corrected Cramér's V.
 * @param threshold from which V is large
 */
export function compareLevels(levels: LevelCounts, threshold: number, random: Random): Comparison {
  const { reference, current } = levels;
  const { statistic, pValue, method } = chiSquareHomogeneity(reference, current, random);
  return {
    change: {
      about: 'distribution',
      test: method,
      statistic,
      n: sum(reference),
      m: sum(current),
      pValue,
      effect: { name: 'Cramér’s V', value: cramersV(reference, current), threshold },
    },
    distances: distancesOf(reference, current),
    histogram: categoricalHistogram(levels),
  };
}

/**
 * Compares shares of missing values.
 * @param threshold from which their difference is large
 */
export function compareMissing(reference: Share, current: Share, threshold: number): RawChange {
  const { statistic, pValue, method, difference } = missingnessTest(reference, current);
  return {
    about: 'missing values',
    test: method,
    statistic,
    n: reference.total,
    m: current.total,
    pValue,
    effect: { name: 'difference of shares', value: Math.abs(difference), threshold },
  };
}

/** Counts over the levels that occur: an empty bin on both sides is no evidence of stability. */
function distancesOf(reference: ArrayLike<number>, current: ArrayLike<number>): Distances {
  const before: number[] = [];
  const now: number[] = [];
  for (let k = 0; k < reference.length; k++) {
    if (reference[k] + current[k] === 0) continue;
    before.push(reference[k]);
    now.push(current[k]);
  }
  return {
    psi: populationStabilityIndex(before, now),
    jensenShannon: jensenShannonDistance(before, now),
  };
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
