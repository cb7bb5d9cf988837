import { checkCounts, checkLoss, checkOrder, checkShares } from './checks.ts';
import { addToMean, copyMean, type RunningMean } from './running-mean.ts';
import type { Sides, Signal, StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper, MOA and river. */
export interface HddmAOptions {
  /** significance of a change; 0.001 */
  readonly changeAlpha: number;
  /** significance of a warning; 0.005 */
  readonly warningAlpha: number;
  readonly sides: Sides;
  /** the test's bound is √(… ln(k/α)): k = 2 in MOA and river, 1 (one-sided) in the paper and frouros; 2 */
  readonly tails: 1 | 2;
  /** no test before so many values; 1 */
  readonly minValues: number;
}

export interface HddmAState {
  readonly options: HddmAOptions;
  /** all values */
  readonly all: RunningMean;
  /** the values up to where their mean plus its bound was smallest, and minus its bound largest */
  readonly lowest: RunningMean;
  readonly highest: RunningMean;
}

/**
 * Hoeffding drift detection, moving averages: is the mean of all values above the mean up to the best cut?
 *
 * The cut is where mean + √(ln(1/α)/(2n)) was smallest. A change where the mean of all n values exceeds the
 * mean of the n₁ up to the cut by √((n − n₁)/(2 n n₁) · ln(k/α)). No assumption on the distribution of the
 * values but their range.
 *
 * @see Frías-Blanco et al. (2015), IEEE TKDE 27(3):810–823.
 */
export const hddmA: StreamDetector<HddmAOptions, HddmAState> = {
  name: 'HDDM-A',
  input: 'loss',
  defaults: { changeAlpha: 0.001, warningAlpha: 0.005, sides: 'increase', tails: 2, minValues: 1 },
  open(options = {}) {
    const all = { ...hddmA.defaults, ...options };
    const { changeAlpha, warningAlpha, minValues } = all;
    checkShares('HDDM-A', { changeAlpha, warningAlpha });
    checkOrder('HDDM-A', { changeAlpha, warningAlpha });
    checkCounts('HDDM-A', 1, { minValues });
    return { options: all, all: emptyMean(), lowest: emptyMean(), highest: emptyMean() };
  },
  advance(state, x) {
    checkLoss('HDDM-A', x);
    const { options, all, lowest, highest } = state;
    addToMean(all, x);
    const alpha = options.changeAlpha;
    const bound = meanBound(all.n, alpha);
    if (lowest.n === 0 || lowest.mean + meanBound(lowest.n, alpha) >= all.mean + bound) {
      copyMean(lowest, all);
    }
    if (highest.n === 0 || highest.mean - meanBound(highest.n, alpha) <= all.mean - bound) {
      copyMean(highest, all);
    }
    if (all.n < options.minValues) return 'none';
    const signal = test(state);
    if (signal === 'change') {
      for (const mean of [all, lowest, highest]) copyMean(mean, emptyMean());
    }
    return signal;
  },
};

const emptyMean = (): RunningMean => ({ n: 0, mean: 0 });

const meanBound = (n: number, alpha: number): number => Math.sqrt(-Math.log(alpha) / (2 * n));

function test({ options, all, lowest, highest }: HddmAState): Signal {
  const { tails, sides, changeAlpha, warningAlpha } = options;
  const exceeds = (difference: number, cut: RunningMean, alpha: number): boolean =>
    cut.n < all.n &&
    difference >= Math.sqrt(((all.n - cut.n) / (2 * cut.n * all.n)) * Math.log(tails / alpha));
  const differs = (alpha: number): boolean =>
    exceeds(all.mean - lowest.mean, lowest, alpha) ||
    (sides === 'both' && exceeds(highest.mean - all.mean, highest, alpha));
  if (differs(changeAlpha)) return 'change';
  return differs(warningAlpha) ? 'warning' : 'none';
}
