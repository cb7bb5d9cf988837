import { checkCounts, checkError, checkShares } from './checks.ts';
import { addToMean } from './running-mean.ts';
import type { StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper. */
export interface EcddOptions {
  /** weight of the newest outcome, in (0, 1); 0.2, for which alone the control limits are fitted */
  readonly lambda: number;
  /**
   * outcomes between two false alarms, on average; 400. As published, the limits for 1000 are lower
   * than those for 400 and alarm more often.
   */
  readonly averageRunLength: 100 | 400 | 1000;
  /** share of the control limit from which on it is a warning, in (0, 1); 0.5 */
  readonly warningShare: number;
  /** no test before so many outcomes; 30 */
  readonly minValues: number;
}

export interface EcddState {
  readonly options: EcddOptions;
  n: number;
  /** error rate */
  mean: number;
  /** exponentially weighted error rate, from 0 */
  weighted: number;
}

/**
 * EWMA for concept drift detection: is the recent error rate above the whole stream's?
 *
 * Z_t = (1 − λ) Z_{t−1} + λ x_t; a change where Z_t > p + L(p) σ_Z, with
 * σ_Z = √(p(1 − p) λ/(2 − λ) (1 − (1 − λ)^{2t})) and L(p) a polynomial, fitted by the authors, that keeps the
 * average run length.
 *
 * @see Ross, Adams, Tasoulis & Hand (2012), Pattern Recognition Letters 33:191–198.
 */
export const ecdd: StreamDetector<EcddOptions, EcddState> = {
  name: 'ECDD',
  input: 'error',
  defaults: { lambda: 0.2, averageRunLength: 400, warningShare: 0.5, minValues: 30 },
  open(options = {}) {
    const all = { ...ecdd.defaults, ...options };
    const { lambda, averageRunLength, warningShare, minValues } = all;
    checkShares('ECDD', { lambda, warningShare });
    checkCounts('ECDD', 1, { minValues });
    if (!Object.hasOwn(LIMIT_COEFFICIENTS, averageRunLength)) {
      throw new RangeError(
        `ECDD: averageRunLength must be 100, 400 or 1000, got ${String(averageRunLength)}`,
      );
    }
    return { options: all, n: 0, mean: 0, weighted: 0 };
  },
  advance(state, x) {
    checkError('ECDD', x);
    const { lambda, averageRunLength, warningShare, minValues } = state.options;
    addToMean(state, x);
    state.weighted = lambda * x + (1 - lambda) * state.weighted;
    if (state.n < minValues) return 'none';
    const rate = state.mean;
    const share = (lambda / (2 - lambda)) * (1 - (1 - lambda) ** (2 * state.n));
    const limit = controlLimit(rate, averageRunLength) * Math.sqrt(share * rate * (1 - rate));
    if (state.weighted > rate + limit) {
      state.n = 0;
      state.mean = 0;
      state.weighted = 0;
      return 'change';
    }
    return state.weighted > rate + warningShare * limit ? 'warning' : 'none';
  },
};

/** Coefficients of 1, p, p³, p⁵ and p⁷. */
const LIMIT_COEFFICIENTS = {
  100: [2.76, -6.23, 18.12, -312.45, 1002.18],
  400: [3.97, -6.56, 48.73, -330.13, 848.18],
  1000: [1.17, 7.56, -21.24, 112.12, -987.23],
} as const;

function controlLimit(p: number, averageRunLength: EcddOptions['averageRunLength']): number {
  const [constant, linear, cubic, fifth, seventh] = LIMIT_COEFFICIENTS[averageRunLength];
  return constant + linear * p + cubic * p ** 3 + fifth * p ** 5 + seventh * p ** 7;
}
