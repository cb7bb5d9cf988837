import { checkCounts, checkError, checkOrder, checkShares } from './checks.ts';
import { addToVariance, type RunningVariance } from './running-mean.ts';
import type { StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper. */
export interface EddmOptions {
  /** a warning where the distances between errors fall below this share of their largest; α = 0.95 */
  readonly warningShare: number;
  /** a change where they fall below this one; β = 0.9 */
  readonly changeShare: number;
  /** no test before so many errors; 30. river and MOA test from 31 on */
  readonly minErrors: number;
  /** divisor of the variance: n − ddof; 0 as MOA and frouros have it, 1 as river */
  readonly ddof: 0 | 1;
}

export interface EddmState {
  readonly options: EddmOptions;
  /** outcomes, and the position of the last error among them */
  n: number;
  lastError: number;
  readonly distances: RunningVariance;
  /** largest mean + 2 deviations of the distances so far */
  largest: number;
}

/**
 * Early Drift Detection Method: do errors come closer together than they did?
 *
 * With p′ and s′ the mean and deviation of the distance between two errors, a change where
 * (p′ + 2s′) / (p′ + 2s′)_max < β. Says something at errors only. Sensitive: on a stationary stream it is
 * wrong more often than any of the others.
 *
 * @see Baena-García et al. (2006), 4th International Workshop on Knowledge Discovery from Data Streams.
 */
export const eddm: StreamDetector<EddmOptions, EddmState> = {
  name: 'EDDM',
  input: 'error',
  defaults: { warningShare: 0.95, changeShare: 0.9, minErrors: 30, ddof: 0 },
  open(options = {}) {
    const all = { ...eddm.defaults, ...options };
    const { changeShare, warningShare, minErrors } = all;
    checkShares('EDDM', { changeShare, warningShare });
    checkOrder('EDDM', { changeShare, warningShare });
    checkCounts('EDDM', 2, { minErrors });
    return {
      options: all,
      n: 0,
      lastError: 0,
      distances: { n: 0, mean: 0, squares: 0 },
      largest: 0,
    };
  },
  advance(state, x) {
    checkError('EDDM', x);
    state.n++;
    if (x === 0) return 'none';
    const { options, distances } = state;
    addToVariance(distances, state.n - state.lastError);
    state.lastError = state.n;
    if (state.n < options.minErrors) return 'none';
    const divisor = Math.max(1, distances.n - options.ddof);
    const level = distances.mean + 2 * Math.sqrt(distances.squares / divisor);
    if (level > state.largest) {
      state.largest = level;
      return 'none';
    }
    if (distances.n < options.minErrors) return 'none';
    const share = level / state.largest;
    if (share < options.changeShare) {
      restart(state);
      return 'change';
    }
    return share < options.warningShare ? 'warning' : 'none';
  },
};

function restart(state: EddmState): void {
  state.n = 0;
  state.lastError = 0;
  state.largest = 0;
  Object.assign(state.distances, { n: 0, mean: 0, squares: 0 });
}
