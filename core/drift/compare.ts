import type { Random } from '../random.ts';
import { cramersV } from '../stats/cramers-v.ts';
import type { Share } from '../stats/fisher.ts';
import { jensenShannonDistance } from '../stats/jensen-shannon.ts';
import { missingnessTest } from '../stats/missingness.ts';
import { populationStabilityIndex, quantileEdges } from '../stats/psi.ts';
import { wassersteinDistance } from '../stats/wasserstein.ts';
import { distanceAboveChance } from './chosen-effects.ts';
import { testLevels, testNumbers } from './chosen-tests.ts';
import type { ChosenTest } from './chosen-tests.ts';
import { effectiveRows, withLearnedSpread } from '../stats/design-effect.ts';
import type { DesignEffect } from '../stats/design-effect.ts';
import type { DetectionOptions } from './detection-options.ts';
import { categoricalHistogram, countBins, numericHistogram } from './histogram.ts';
import { effectiveCounts, occurring } from './levels.ts';
import type { LevelCounts } from './levels.ts';
import type { Change, Distances, Effect, Histogram } from './report.ts';
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

interface ComparisonOptions extends Pick<DetectionOptions, 'numeric' | 'categorical' | 'effect'> {
  /** p and what chance gives to the effect are those of so many fewer rows */
  readonly design: DesignEffect;
}

/** From which a distance above chance is large, where the pipeline asks for one. */
const LARGE_DISTANCE = 0.1;

type Sides = Readonly<Record<'reference' | 'current', ArrayLike<number>>>;

/** The measure of the column's kind, or the distance that the pipeline asks for. */
function effectOf(
  { reference, current }: Sides,
  { measure = 'auto', distance = LARGE_DISTANCE }: DetectionOptions['effect'],
  ofKind: () => Effect,
): Effect {
  return measure === 'auto' ? ofKind() : distanceAboveChance(measure, reference, current, distance);
}

const DISTANCE_BINS = 10;

/**
 * Compares numbers, by Kolmogorov–Smirnov and W₁ ÷ σ unless the pipeline asks for others. Where a sample is not exact, p is that of the least D that
 * is possible: it is never too small.
 * @param reference of n ≥ 1 values
 * @param current of m ≥ 1 values
 * @param sigma standard deviation of the reference, above 0
 */
export function compareNumbers(
  reference: SortedSample,
  current: SortedSample,
  sigma: number,
  options: ComparisonOptions,
): Comparison {
  const before = reference.values;
  const now = current.values;
  const edges = quantileEdges(before, DISTANCE_BINS);
  const counts = { reference: binCounts(reference, edges), current: binCounts(current, edges) };
  const { design } = options;
  const test = testNumbers(
    options.numeric ?? 'auto',
    { ...reference, count: effectiveRows(reference.count, design) },
    { ...current, count: effectiveRows(current.count, design) },
  );
  return {
    change: {
      about: 'distribution',
      ...withDesign(test, design),
      n: reference.count,
      m: current.count,
      effect: effectOf(scaled(counts, design), options.effect, () => ({
        name: 'Wasserstein ÷ σ',
        // Values near the end of the range of doubles can overflow; a report holds finite numbers only.
        value: Math.min(wassersteinDistance(before, now) / sigma, Number.MAX_VALUE),
        threshold: options.effect.wasserstein,
      })),
    },
    distances: distancesOf(counts.reference, counts.current),
    histogram: numericHistogram(before, now),
  };
}

const withDesign = (test: ChosenTest, design: DesignEffect): ChosenTest => ({
  ...test,
  pValue: withLearnedSpread(test.pValue, design),
});

/** Counts in units of independent rows. */
function scaled(
  { reference, current }: Sides,
  { phi }: DesignEffect,
): { readonly reference: readonly number[]; readonly current: readonly number[] } {
  const own = (counts: ArrayLike<number>): readonly number[] =>
    Array.from(counts, (count) => count / phi);
  return { reference: own(reference), current: own(current) };
}

/** How many of the values that a sample stands for are in each bin. */
function binCounts({ values, count }: SortedSample, edges: readonly number[]): readonly number[] {
  return countBins(values, edges).map((own) => own * (count / values.length));
}

/**
 * Compares categories, or numbers of few different values, by χ² and the bias-corrected Cramér's V unless the
 * pipeline asks for others.
 */
export function compareLevels(
  levels: LevelCounts,
  options: ComparisonOptions,
  random: Random,
): Comparison {
  const { reference, current } = levels;
  const { design } = options;
  const effective = effectiveCounts(levels, design);
  const worth = scaled(levels, design);
  return {
    change: {
      about: 'distribution',
      ...withDesign(testLevels(options.categorical ?? 'auto', effective, random), design),
      n: sum(reference),
      m: sum(current),
      effect: effectOf(worth, options.effect, () => ({
        name: 'Cramér’s V',
        value: cramersV(worth.reference, worth.current),
        threshold: options.effect.cramersV,
      })),
    },
    distances: distancesOf(reference, current),
    histogram: categoricalHistogram(levels),
  };
}

/**
 * Compares shares of missing values.
 * @param threshold from which their difference is large
 */
export function compareMissing(
  reference: Share,
  current: Share,
  { threshold, design }: { readonly threshold: number; readonly design: DesignEffect },
): RawChange {
  const { statistic, pValue, method } = missingnessTest(
    effectiveShare(reference, design),
    effectiveShare(current, design),
  );
  const difference = reference.count / reference.total - current.count / current.total;
  return {
    about: 'missing values',
    test: method,
    statistic,
    n: reference.total,
    m: current.total,
    pValue: withLearnedSpread(pValue, design),
    effect: { name: 'difference of shares', value: Math.abs(difference), threshold },
  };
}

function effectiveShare({ count, total }: Share, design: DesignEffect): Share {
  const rows = Math.max(1, effectiveRows(total, design));
  return { count: Math.round(count * (rows / total)), total: rows };
}

function distancesOf(reference: ArrayLike<number>, current: ArrayLike<number>): Distances {
  const { before, now } = occurring(reference, current);
  return {
    psi: populationStabilityIndex(before, now),
    jensenShannon: jensenShannonDistance(before, now),
  };
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
