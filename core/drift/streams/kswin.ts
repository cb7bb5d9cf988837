import { createRandom, deriveSeed } from '../../random.ts';
import { ksDistance } from './ks-distance.ts';
import { checkCounts, checkNumber, checkOrder, checkShares } from './checks.ts';
import { criticalKs } from './critical-values.ts';
import type { StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper and river; frouros has an alpha of 0.0001. */
export interface KswinOptions {
  /** significance of one test, in (0, 1); 0.005. With a test a value, a stable stream alarms often */
  readonly alpha: number;
  /** values kept; 100 */
  readonly window: number;
  /** values that count as recent, and as many are sampled from the older ones; 30 */
  readonly sample: number;
  /** of the sampling */
  readonly seed: number;
  /** `keep recent` values (the paper, scikit-multiflow), or `restart` with an empty window (river); `keep recent` */
  readonly afterChange: 'keep recent' | 'restart';
}

export interface KswinState {
  readonly options: KswinOptions;
  /** D of the test must reach this */
  readonly criticalDistance: number;
  /** values since the start of the stream: with the seed, they determine the next sample */
  n: number;
  /** oldest first */
  readonly window: number[];
}

/** Smaller distances are no change, however significant. */
const LEAST_DISTANCE = 0.1;

/**
 * Kolmogorov–Smirnov windowing: do the newest values have the distribution of a sample of older ones?
 *
 * @see Raab, Heusinger & Schleif (2020), Neurocomputing 416:340–351.
 */
export const kswin: StreamDetector<KswinOptions, KswinState> = {
  name: 'KSWIN',
  input: 'number',
  defaults: { alpha: 0.005, window: 100, sample: 30, seed: 1, afterChange: 'keep recent' },
  open(options = {}) {
    const all = { ...kswin.defaults, ...options };
    const { alpha, window, sample, seed } = all;
    checkShares('KSWIN', { alpha });
    checkCounts('KSWIN', 2, { window, sample });
    checkOrder('KSWIN', { 'twice the sample': 2 * sample, window });
    checkCounts('KSWIN', 0, { seed });
    return { options: all, criticalDistance: criticalKs(sample, alpha), n: 0, window: [] };
  },
  advance(state, x) {
    checkNumber('KSWIN', x);
    const { window, options } = state;
    state.n++;
    window.push(x);
    if (window.length > options.window) window.shift();
    if (window.length < options.window) return 'none';
    const older = window.length - options.sample;
    const recent = Float64Array.from(window.slice(older)).sort();
    const statistic = ksDistance(sampleOlder(state, older), recent);
    if (statistic < state.criticalDistance || statistic <= LEAST_DISTANCE) return 'none';
    window.splice(0, options.afterChange === 'restart' ? window.length : older);
    return 'change';
  },
};

/** Drawn without replacement from the first `older` values of the window, in ascending order. */
function sampleOlder({ options, n, window }: KswinState, older: number): Float64Array {
  const random = createRandom(deriveSeed(options.seed, n));
  const pool = window.slice(0, older);
  for (let i = 0; i < options.sample; i++) {
    const j = i + Math.floor(random() * (older - i));
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return Float64Array.from(pool.slice(0, options.sample)).sort();
}
