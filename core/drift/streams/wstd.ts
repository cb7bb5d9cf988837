import { checkCounts, checkError, checkOrder, checkShares } from './checks.ts';
import { criticalNormal } from './critical-values.ts';
import type { StreamDetector } from './stream-detector.ts';

/** Defaults are those of river. */
export interface WstdOptions {
  /** two-sided significance of a change; 0.003 */
  readonly changeAlpha: number;
  /** two-sided significance of a warning; 0.05 */
  readonly warningAlpha: number;
  /** outcomes that count as recent; 30 */
  readonly recent: number;
  /** most outcomes before them that they are compared with; 120 */
  readonly older: number;
  /** no test before so many older ones; 30 */
  readonly minOlder: number;
}

export interface WstdState {
  readonly options: WstdOptions;
  readonly changeLevel: number;
  readonly warningLevel: number;
  /** older and recent outcomes, oldest first */
  readonly outcomes: number[];
  olderErrors: number;
  recentErrors: number;
}

/**
 * Wilcoxon rank sum test drift detector: do the recent outcomes rank as the older ones do?
 *
 * z = (W − n₁(N + 1)/2) / √(n₁n₂(N + 1)/12), W the rank sum of the smaller sample with middle ranks. The variance
 * is not corrected for ties, of which outcomes of 0 and 1 consist: the test is conservative.
 *
 * @see Barros, Hidalgo & Cabral (2018), Neurocomputing 275:1954–1963.
 */
export const wstd: StreamDetector<WstdOptions, WstdState> = {
  name: 'WSTD',
  input: 'error',
  defaults: { changeAlpha: 0.003, warningAlpha: 0.05, recent: 30, older: 120, minOlder: 30 },
  open(options = {}) {
    const all = { ...wstd.defaults, ...options };
    const { changeAlpha, warningAlpha, recent, older, minOlder } = all;
    checkShares('WSTD', { changeAlpha, warningAlpha });
    checkOrder('WSTD', { changeAlpha, warningAlpha });
    checkCounts('WSTD', 2, { recent, older, minOlder });
    checkOrder('WSTD', { minOlder, older });
    return {
      options: all,
      changeLevel: criticalNormal(changeAlpha / 2),
      warningLevel: criticalNormal(warningAlpha / 2),
      outcomes: [],
      olderErrors: 0,
      recentErrors: 0,
    };
  },
  advance(state, x) {
    checkError('WSTD', x);
    const { outcomes, options } = state;
    outcomes.push(x);
    state.recentErrors += x;
    if (outcomes.length > options.recent) {
      const aged = outcomes[outcomes.length - 1 - options.recent];
      state.recentErrors -= aged;
      state.olderErrors += aged;
    }
    if (outcomes.length > options.recent + options.older) {
      state.olderErrors -= outcomes.shift() ?? 0;
    }
    if (outcomes.length < options.recent + options.minOlder) return 'none';
    const z = statistic(state);
    if (z > state.changeLevel) {
      outcomes.length = 0;
      state.olderErrors = 0;
      state.recentErrors = 0;
      return 'change';
    }
    return z > state.warningLevel ? 'warning' : 'none';
  },
};

/** |z|; the same for the rank sum of either sample. */
function statistic({ options, outcomes, olderErrors, recentErrors }: WstdState): number {
  const n = outcomes.length;
  const recent = options.recent;
  const older = n - recent;
  const errors = olderErrors + recentErrors;
  const right = n - errors;
  const rankOfRight = (right + 1) / 2;
  const rankOfError = right + (errors + 1) / 2;
  const rankSum = (recent - recentErrors) * rankOfRight + recentErrors * rankOfError;
  const deviation = Math.sqrt((recent * older * (n + 1)) / 12);
  return Math.abs(rankSum - (recent * (n + 1)) / 2) / deviation;
}
