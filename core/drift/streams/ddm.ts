import { checkCounts, checkError, checkOrder, checkPositive } from './checks.ts';
import { addToMean } from './running-mean.ts';
import type { StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper, in deviations of the error rate at its best. */
export interface DdmOptions {
  /** a warning from so many deviations on; 2 */
  readonly warningLevel: number;
  /** a change from so many deviations on; 3 */
  readonly changeLevel: number;
  /** no test before so many outcomes; 30. river tests from 31 on, MOA from 29 on */
  readonly minValues: number;
}

export interface DdmState {
  readonly options: DdmOptions;
  /** outcomes, and the share of errors among them */
  n: number;
  mean: number;
  /** the error rate and its deviation where their sum was smallest; null before the first test */
  best: { readonly rate: number; readonly deviation: number } | null;
}

/**
 * Drift Detection Method: has the error rate risen above the best it has been?
 *
 * With p the share of errors among n outcomes and s = √(p(1 − p)/n), a change where
 * p + s > p_min + 3 s_min. A stream whose first errors come after the first test has p_min = s_min = 0, so
 * that its first error is a change: the method's own weakness.
 *
 * @see Gama, Medas, Castillo & Rodrigues (2004), SBIA, LNCS 3171:286–295.
 */
export const ddm: StreamDetector<DdmOptions, DdmState> = {
  name: 'DDM',
  input: 'error',
  defaults: { warningLevel: 2, changeLevel: 3, minValues: 30 },
  open(options = {}) {
    const all = { ...ddm.defaults, ...options };
    const { warningLevel, changeLevel, minValues } = all;
    checkPositive('DDM', { warningLevel, changeLevel });
    checkOrder('DDM', { warningLevel, changeLevel });
    checkCounts('DDM', 1, { minValues });
    return { options: all, n: 0, mean: 0, best: null };
  },
  advance(state, x) {
    checkError('DDM', x);
    addToMean(state, x);
    const { warningLevel, changeLevel, minValues } = state.options;
    if (state.n < minValues) return 'none';
    const rate = state.mean;
    const deviation = Math.sqrt((rate * (1 - rate)) / state.n);
    const level = rate + deviation;
    if (state.best === null || level <= state.best.rate + state.best.deviation) {
      state.best = { rate, deviation };
    }
    const { best } = state;
    if (level > best.rate + changeLevel * best.deviation) {
      state.n = 0;
      state.mean = 0;
      state.best = null;
      return 'change';
    }
    return level > best.rate + warningLevel * best.deviation ? 'warning' : 'none';
  },
};
