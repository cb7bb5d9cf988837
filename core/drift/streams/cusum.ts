import { checkCounts, checkNotNegative, checkNumber, checkPositive } from './checks.ts';
import { addToVariance, type RunningVariance } from './running-mean.ts';
import type { Sides, StreamDetector } from './stream-detector.ts';

/** Defaults are those of MOA and frouros; they suit losses between 0 and 1. */
export interface CusumOptions {
  /** change of the mean that is tolerated: in units of the values, or in deviations; 0.005 */
  readonly slack: number;
  /** what the sum must exceed, in the same unit; 50 */
  readonly threshold: number;
  /**
   * What values are compared with: the mean of all so far, `running`; or the mean and deviation of the first
   * `minValues`, which stay what they are: slack and threshold are then in deviations, for which the
   * textbook has 0.5 and 5 (river); `running`
   */
  readonly reference: 'running' | 'first values';
  readonly sides: Sides;
  /** no test before so many values; 30 */
  readonly minValues: number;
}

export interface CusumState {
  readonly options: CusumOptions;
  /** mean and variance that values are compared with */
  readonly reference: RunningVariance;
  n: number;
  increase: number;
  decrease: number;
}

/**
 * Cumulative sum control chart: S_t = max(0, S_{t−1} + x_t − mean − slack); a change where S_t > threshold.
 *
 * @see Page (1954), Biometrika 41:100–115.
 */
export const cusum: StreamDetector<CusumOptions, CusumState> = {
  name: 'CUSUM',
  input: 'number',
  defaults: {
    slack: 0.005,
    threshold: 50,
    reference: 'running',
    sides: 'increase',
    minValues: 30,
  },
  open(options = {}) {
    const all = { ...cusum.defaults, ...options };
    checkNotNegative('CUSUM', { slack: all.slack });
    checkPositive('CUSUM', { threshold: all.threshold });
    checkCounts('CUSUM', all.reference === 'running' ? 1 : 2, { minValues: all.minValues });
    return { options: all, reference: emptyReference(), n: 0, increase: 0, decrease: 0 };
  },
  advance(state, x) {
    checkNumber('CUSUM', x);
    const { options, reference } = state;
    const running = options.reference === 'running';
    state.n++;
    if (running || state.n <= options.minValues) addToVariance(reference, x);
    if (!running && state.n < options.minValues) return 'none';
    const unit = running ? 1 : Math.sqrt(reference.squares / (reference.n - 1));
    const deviation = x - reference.mean;
    state.increase = Math.max(0, state.increase + deviation - options.slack * unit);
    state.decrease = Math.max(0, state.decrease - deviation - options.slack * unit);
    if (state.n < options.minValues) return 'none';
    const sum =
      options.sides === 'both' ? Math.max(state.increase, state.decrease) : state.increase;
    if (!(sum > options.threshold * unit)) return 'none';
    state.n = 0;
    state.increase = 0;
    state.decrease = 0;
    Object.assign(reference, emptyReference());
    return 'change';
  },
};

const emptyReference = (): RunningVariance => ({ n: 0, mean: 0, squares: 0 });
