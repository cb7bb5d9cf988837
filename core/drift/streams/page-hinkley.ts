import { checkCounts, checkNotNegative, checkNumber, checkPositive } from './checks.ts';
import { addToMean } from './running-mean.ts';
import type { Sides, StreamDetector } from './stream-detector.ts';

/** Defaults are those of MOA, scikit-multiflow, river and frouros; they suit losses between 0 and 1. */
export interface PageHinkleyOptions {
  /** change of the mean that is tolerated, in units of the values; 0.005 */
  readonly delta: number;
  /** λ, in units of the values; 50 */
  readonly threshold: number;
  /** share of the sum that is kept from value to value, in (0, 1]; 0.9999 */
  readonly alpha: number;
  /** no test before so many values; 30 */
  readonly minValues: number;
  /**
   * What is held against the threshold: how far the sum is `above its minimum` (Page; river), the sum
   * `clamped` at 0 from below (scikit-multiflow), or the `sum` itself, which first pays back what a long
   * stable time took from it (MOA, frouros); `above minimum`
   */
  readonly statistic: 'above minimum' | 'clamped' | 'sum';
  /** `both` (river); the others look for increases only */
  readonly sides: Sides;
  /** `restart`, or `continue` to signal for as long as the statistic is above the threshold; `restart` */
  readonly afterChange: 'restart' | 'continue';
}

export interface PageHinkleyState {
  readonly options: PageHinkleyOptions;
  n: number;
  mean: number;
  /** Σ of (x − mean ∓ δ), faded, and its extreme */
  readonly increase: { sum: number; extreme: number };
  readonly decrease: { sum: number; extreme: number };
}

/**
 * Page–Hinkley test: has the mean moved away from the mean of all values so far?
 *
 * m_t = α m_{t−1} + (x_t − mean_t − δ); a change where m_t − min m > λ.
 *
 * @see Page (1954), Biometrika 41:100–115; Mouss et al. (2004), Asian Control Conference 5:815–818.
 */
export const pageHinkley: StreamDetector<PageHinkleyOptions, PageHinkleyState> = {
  name: 'Page–Hinkley',
  input: 'number',
  defaults: {
    delta: 0.005,
    threshold: 50,
    alpha: 0.9999,
    minValues: 30,
    statistic: 'above minimum',
    sides: 'both',
    afterChange: 'restart',
  },
  open(options = {}) {
    const all = { ...pageHinkley.defaults, ...options };
    const { delta, threshold, alpha, minValues } = all;
    checkNotNegative('Page–Hinkley', { delta });
    checkPositive('Page–Hinkley', { threshold, alpha });
    if (alpha > 1) throw new RangeError(`Page–Hinkley: alpha must be at most 1, got ${alpha}`);
    checkCounts('Page–Hinkley', 1, { minValues });
    return { options: all, n: 0, mean: 0, increase: emptySum(), decrease: emptySum() };
  },
  advance(state, x) {
    checkNumber('Page–Hinkley', x);
    addToMean(state, x);
    const { options, increase, decrease } = state;
    const deviation = x - state.mean;
    addTo(increase, deviation - options.delta, options);
    addTo(decrease, -deviation - options.delta, options);
    if (state.n < options.minValues) return 'none';
    const changed =
      statistic(increase, options) > options.threshold ||
      (options.sides === 'both' && statistic(decrease, options) > options.threshold);
    if (!changed) return 'none';
    if (options.afterChange === 'restart') {
      state.n = 0;
      state.mean = 0;
      Object.assign(increase, emptySum());
      Object.assign(decrease, emptySum());
    }
    return 'change';
  },
};

interface FadedSum {
  sum: number;
  extreme: number;
}

const emptySum = (): FadedSum => ({ sum: 0, extreme: 0 });

function addTo(
  of: FadedSum,
  deviation: number,
  { alpha, statistic: kind }: PageHinkleyOptions,
): void {
  of.sum = alpha * of.sum + deviation;
  if (kind === 'clamped') of.sum = Math.max(0, of.sum);
  of.extreme = Math.min(of.extreme, of.sum);
}

const statistic = ({ sum, extreme }: FadedSum, options: PageHinkleyOptions): number =>
  options.statistic === 'above minimum' ? sum - extreme : sum;
