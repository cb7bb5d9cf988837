import { checkCounts, checkNumber, checkPositive } from './checks.ts';
import { addToVariance, type RunningVariance } from './running-mean.ts';
import type { Sides, StreamDetector } from './stream-detector.ts';

/** Defaults are those of the textbook and river. */
export interface ShewhartOptions {
  /** deviations from the mean; 3, which one of 370 normal values exceeds */
  readonly threshold: number;
  /** the first so many values give the mean and deviation that later ones are held against; 30 */
  readonly minValues: number;
  readonly sides: Sides;
}

export interface ShewhartState {
  readonly options: ShewhartOptions;
  n: number;
  /** of the first values */
  readonly reference: RunningVariance;
}

/**
 * Shewhart control chart of single values: a change where |x − mean| > 3 deviations. It gathers no evidence,
 * so that it is quick where a shift is large, and cries at every outlier.
 *
 * @see Shewhart (1939), Statistical Method from the Viewpoint of Quality Control.
 */
export const shewhart: StreamDetector<ShewhartOptions, ShewhartState> = {
  name: 'Shewhart',
  input: 'number',
  defaults: { threshold: 3, minValues: 30, sides: 'both' },
  open(options = {}) {
    const all = { ...shewhart.defaults, ...options };
    checkPositive('Shewhart', { threshold: all.threshold });
    checkCounts('Shewhart', 2, { minValues: all.minValues });
    return { options: all, n: 0, reference: emptyReference() };
  },
  advance(state, x) {
    checkNumber('Shewhart', x);
    const { reference, options } = state;
    state.n++;
    if (state.n <= options.minValues) addToVariance(reference, x);
    if (state.n < options.minValues) return 'none';
    const deviation = Math.sqrt(reference.squares / (reference.n - 1));
    const rise = x - reference.mean;
    const distance = options.sides === 'both' ? Math.abs(rise) : rise;
    if (!(distance > options.threshold * deviation)) return 'none';
    state.n = 0;
    Object.assign(reference, emptyReference());
    return 'change';
  },
};

const emptyReference = (): RunningVariance => ({ n: 0, mean: 0, squares: 0 });
