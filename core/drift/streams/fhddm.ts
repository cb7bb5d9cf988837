import { checkCounts, checkError, checkOrder, checkShares } from './checks.ts';
import type { StreamDetector } from './stream-detector.ts';

/** Defaults are those of MOA and river. */
export interface FhddmOptions {
  /** chance of a false alarm by Hoeffding's bound, in (0, 1); 1e-6 */
  readonly alpha: number;
  /** outcomes in the window; 100 */
  readonly window: number;
  /** outcomes in the second, shorter window of stacking FHDDM, or null for none; null */
  readonly shortWindow: number | null;
}

export interface FhddmState {
  readonly options: FhddmOptions;
  /** oldest first */
  readonly window: number[];
  errors: number;
  shortErrors: number;
  /** fewest errors that the windows have held since they were full; null before */
  fewest: number | null;
  fewestShort: number | null;
}

/**
 * Fast Hoeffding drift detection: is the accuracy over a window below the best it has been?
 *
 * A change where (errors − fewest errors)/w > √(ln(1/α)/(2w)), w outcomes a window.
 *
 * @see Pesaranghader & Viktor (2016), ECML-PKDD; stacking: Pesaranghader, Viktor & Paquet (2018), Machine
 * Learning 107:1711–1743.
 */
export const fhddm: StreamDetector<FhddmOptions, FhddmState> = {
  name: 'FHDDM',
  input: 'error',
  defaults: { alpha: 1e-6, window: 100, shortWindow: null },
  open(options = {}) {
    const all = { ...fhddm.defaults, ...options };
    const { alpha, window, shortWindow } = all;
    checkShares('FHDDM', { alpha });
    checkCounts('FHDDM', 1, { window, shortWindow: shortWindow ?? window });
    checkOrder('FHDDM', { shortWindow: shortWindow ?? window, window });
    return {
      options: all,
      window: [],
      errors: 0,
      shortErrors: 0,
      fewest: null,
      fewestShort: null,
    };
  },
  advance(state, x) {
    checkError('FHDDM', x);
    const { options, window } = state;
    const short = options.shortWindow ?? options.window;
    window.push(x);
    state.errors += x;
    state.shortErrors += x;
    if (window.length > short) state.shortErrors -= window[window.length - 1 - short];
    if (window.length > options.window) state.errors -= window.shift() ?? 0;
    if (window.length < options.window) return 'none';
    state.fewest = Math.min(state.fewest ?? state.errors, state.errors);
    state.fewestShort = Math.min(state.fewestShort ?? state.shortErrors, state.shortErrors);
    const changed =
      exceedsBound(state.errors - state.fewest, options.window, options.alpha) ||
      exceedsBound(state.shortErrors - state.fewestShort, short, options.alpha);
    if (!changed) return 'none';
    Object.assign(state, { errors: 0, shortErrors: 0, fewest: null, fewestShort: null });
    window.length = 0;
    return 'change';
  },
};

const exceedsBound = (errors: number, n: number, alpha: number): boolean =>
  errors / n > Math.sqrt(-Math.log(alpha) / (2 * n));
