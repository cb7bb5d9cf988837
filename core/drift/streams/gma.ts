import { checkCounts, checkNumber, checkPositive, checkShares } from './checks.ts';
import { addToMean } from './running-mean.ts';
import type { Sides, StreamDetector } from './stream-detector.ts';

/** Defaults are those of MOA and frouros; a threshold of 1 is for values whose mean can rise by more than 1. */
export interface GmaOptions {
  /** share of the statistic that is kept from value to value, in (0, 1); 0.99 */
  readonly alpha: number;
  /** λ, in units of the values; 1 */
  readonly threshold: number;
  readonly sides: Sides;
  /** no test before so many values; 30 */
  readonly minValues: number;
}

export interface GmaState {
  readonly options: GmaOptions;
  n: number;
  mean: number;
  /** geometrically weighted mean of the deviations x − mean */
  average: number;
}

/**
 * Geometric moving average: g_t = α g_{t−1} + (1 − α)(x_t − mean_t); a change where g_t > λ.
 *
 * @see Roberts (1959), Technometrics 1:239–250.
 */
export const gma: StreamDetector<GmaOptions, GmaState> = {
  name: 'GMA',
  input: 'number',
  defaults: { alpha: 0.99, threshold: 1, sides: 'increase', minValues: 30 },
  open(options = {}) {
    const all = { ...gma.defaults, ...options };
    checkShares('GMA', { alpha: all.alpha });
    checkPositive('GMA', { threshold: all.threshold });
    checkCounts('GMA', 1, { minValues: all.minValues });
    return { options: all, n: 0, mean: 0, average: 0 };
  },
  advance(state, x) {
    checkNumber('GMA', x);
    const { alpha, threshold, sides, minValues } = state.options;
    addToMean(state, x);
    state.average = alpha * state.average + (1 - alpha) * (x - state.mean);
    if (state.n < minValues) return 'none';
    const distance = sides === 'both' ? Math.abs(state.average) : state.average;
    if (!(distance > threshold)) return 'none';
    state.n = 0;
    state.mean = 0;
    state.average = 0;
    return 'change';
  },
};
