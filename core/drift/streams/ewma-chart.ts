import { checkCounts, checkNumber, checkPositive, checkShares } from './checks.ts';
import { addToMean } from './running-mean.ts';
import type { Sides, StreamDetector } from './stream-detector.ts';

/** Defaults are those of river. */
export interface EwmaChartOptions {
  /** weight of the newest value, in (0, 1); 0.1 */
  readonly alpha: number;
  /** standard errors from the mean of all values; 4 */
  readonly threshold: number;
  /** no test before so many values; 30 */
  readonly minValues: number;
  readonly sides: Sides;
}

export interface EwmaChartState {
  readonly options: EwmaChartOptions;
  n: number;
  mean: number;
  /** exponentially weighted mean, and variance around it */
  weighted: number;
  variance: number;
}

/**
 * EWMA control chart: has the exponentially weighted mean left the mean of all values?
 *
 * A change where |z_t − mean_t| > threshold · σ_t √(α/(2 − α) (1 − (1 − α)^{2t})), σ_t² the exponentially weighted
 * variance.
 *
 * @see Roberts (1959), Technometrics 1:239–250.
 */
export const ewmaChart: StreamDetector<EwmaChartOptions, EwmaChartState> = {
  name: 'EWMA',
  input: 'number',
  defaults: { alpha: 0.1, threshold: 4, minValues: 30, sides: 'both' },
  open(options = {}) {
    const all = { ...ewmaChart.defaults, ...options };
    checkShares('EWMA', { alpha: all.alpha });
    checkPositive('EWMA', { threshold: all.threshold });
    checkCounts('EWMA', 1, { minValues: all.minValues });
    return { options: all, n: 0, mean: 0, weighted: 0, variance: 0 };
  },
  advance(state, x) {
    checkNumber('EWMA', x);
    const { alpha, threshold, minValues, sides } = state.options;
    const step = state.n === 0 ? 0 : x - state.weighted;
    state.weighted = state.n === 0 ? x : state.weighted + alpha * step;
    state.variance = (1 - alpha) * (state.variance + alpha * step * step);
    addToMean(state, x);
    if (state.n < minValues) return 'none';
    const share = (alpha / (2 - alpha)) * (1 - (1 - alpha) ** (2 * state.n));
    const rise = state.weighted - state.mean;
    const distance = sides === 'both' ? Math.abs(rise) : rise;
    if (!(distance > threshold * Math.sqrt(share * state.variance))) return 'none';
    state.n = 0;
    state.mean = 0;
    state.weighted = 0;
    state.variance = 0;
    return 'change';
  },
};
