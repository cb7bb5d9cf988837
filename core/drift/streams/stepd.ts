import { checkCounts, checkError, checkOrder, checkShares } from './checks.ts';
import { criticalNormal } from './critical-values.ts';
import type { Sides, StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper. */
export interface StepdOptions {
  /** one-sided significance of a change, at most 0.5; 0.003 */
  readonly changeAlpha: number;
  /** one-sided significance of a warning, at most 0.5; 0.05 */
  readonly warningAlpha: number;
  /** outcomes that count as recent; 30 */
  readonly window: number;
  readonly sides: Sides;
}

export interface StepdState {
  readonly options: StepdOptions;
  readonly changeLevel: number;
  readonly warningLevel: number;
  /** outcomes and errors, recent ones too */
  n: number;
  errors: number;
  recentErrors: number;
  /** oldest first */
  readonly recent: number[];
}

/**
 * Statistical test of equal proportions: is the error rate of the last w outcomes above that of all before?
 *
 * z = (|p_recent − p_older| − ½(1/w + 1/(n − w))) / √(p(1 − p)(1/w + 1/(n − w))), p over all n outcomes; no test
 * before n = 2w.
 *
 * @see Nishida & Yamauchi (2007), Discovery Science, LNCS 4755:264–269.
 */
export const stepd: StreamDetector<StepdOptions, StepdState> = {
  name: 'STEPD',
  input: 'error',
  defaults: { changeAlpha: 0.003, warningAlpha: 0.05, window: 30, sides: 'increase' },
  open(options = {}) {
    const all = { ...stepd.defaults, ...options };
    const { changeAlpha, warningAlpha, window } = all;
    checkShares('STEPD', { changeAlpha, warningAlpha });
    checkOrder('STEPD', { changeAlpha, warningAlpha, 'the largest level': 0.5 });
    checkCounts('STEPD', 1, { window });
    return {
      options: all,
      changeLevel: criticalNormal(changeAlpha),
      warningLevel: criticalNormal(warningAlpha),
      n: 0,
      errors: 0,
      recentErrors: 0,
      recent: [],
    };
  },
  advance(state, x) {
    checkError('STEPD', x);
    const { recent, options } = state;
    state.n++;
    state.errors += x;
    state.recentErrors += x;
    recent.push(x);
    if (recent.length > options.window) state.recentErrors -= recent.shift() ?? 0;
    if (state.n < 2 * options.window) return 'none';
    const z = statistic(state);
    if (z > state.changeLevel) {
      state.n = 0;
      state.errors = 0;
      state.recentErrors = 0;
      recent.length = 0;
      return 'change';
    }
    return z > state.warningLevel ? 'warning' : 'none';
  },
};

function statistic({ options, n, errors, recentErrors }: StepdState): number {
  const { window, sides } = options;
  const rate = errors / n;
  if (rate === 0 || rate === 1) return 0;
  const perSide = 1 / window + 1 / (n - window);
  const rise = recentErrors / window - (errors - recentErrors) / (n - window);
  const distance = sides === 'both' ? Math.abs(rise) : rise;
  return (distance - 0.5 * perSide) / Math.sqrt(rate * (1 - rate) * perSide);
}
