import { chiSquareSurvival } from './special-functions.ts';
import { symmetricEigen } from './symmetric-eigen.ts';
import { requireSamples } from './two-sample.ts';
import type { NotApplicable, TwoSampleTest } from './two-sample.ts';

export interface EppsSingletonResult extends TwoSampleTest {
  /** rank of the covariance of the compared points, at most 4 */
  readonly degreesOfFreedom: number;
}

/** Points at which the characteristic functions are compared, in units of half the interquartile range. */
const POINTS: readonly number[] = [0.4, 0.8];
const PARTS: number = 2 * POINTS.length;

/**
 * Directions whose variance is below this share of the largest do not vary: columns of two or three values have such,
 * which rounding leaves at up to 1e-13 of it.
 */
const NOTHING = 1e-10;

/** Below this many values in both samples W is corrected for their small number. */
const SMALL_SAMPLE = 25;

/** Fewest values of the smaller sample, and most times as many in the other, for which that correction suffices. */
const SMALLEST = 7;
const SMALL_RATIO = 2;

/** Least m²/n, m ≤ n, from which no correction is needed: a level of 0.05 is then at most about 0.07. */
const LEAST_BALANCE = 80;

/**
 * Epps–Singleton test: could both samples share one distribution? Compares empirical characteristic
 * functions, so that ties and discrete values do no harm.
 *
 * W = N · gᵀ S⁺ g, with g the difference of the means of (cos, sin)(t x) at t = 0.4 and 0.8 of half the
 * pooled interquartile range, S = N/n · cov_ref + N/m · cov_cur (ddof 0); χ² with rank S degrees of freedom. For
 * n, m < 25, W is multiplied by 1/(1 + N^−0.45 + 10.1 (n^−1.7 + m^−1.7)). Not applicable if the pooled
 * interquartile range is 0, nor where the smaller sample is too small to tell its covariance: at n = 1000,
 * m = 10 every second p would be below 0.05 without change.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @throws RangeError if n or m is 0
 * @see Epps & Singleton (1986), J. Stat. Comput. Simul. 26:177–203; values as SciPy's `epps_singleton_2samp`. O(n + m).
 */
export function eppsSingletonTest(
  reference: Float64Array,
  current: Float64Array,
): EppsSingletonResult | NotApplicable {
  requireSamples('epps-singleton', reference, current);
  const n = reference.length;
  const m = current.length;
  if (!isTrusted(Math.max(n, m), Math.min(n, m))) {
    const reason = `Epps–Singleton raises false alarms for ${n} against ${m} values`;
    return { kind: 'not applicable', reason, n, m };
  }
  const total = n + m;
  const unit = pooledInterquartileRange(reference, current) / 2;
  if (unit === 0) {
    const reason = 'half of all values are equal: Epps–Singleton has no unit to measure in';
    return { kind: 'not applicable', reason, n, m };
  }
  const first = characteristicMoments(reference, unit);
  const second = characteristicMoments(current, unit);
  const covariance = first.covariance.map(
    (value, at) => (total / n) * value + (total / m) * second.covariance[at],
  );
  const difference = first.mean.map((value, part) => value - second.mean[part]);
  const { form, rank } = inverseForm(covariance, difference);
  const small =
    Math.max(n, m) < SMALL_SAMPLE ? 1 / (1 + total ** -0.45 + 10.1 * (n ** -1.7 + m ** -1.7)) : 1;
  const statistic = total * form * small;
  const pValue = rank === 0 ? 1 : chiSquareSurvival(statistic, rank);
  return { kind: 'tested', statistic, pValue, n, m, degreesOfFreedom: rank };
}

function isTrusted(larger: number, smaller: number): boolean {
  return larger < SMALL_SAMPLE
    ? smaller >= SMALLEST && larger <= SMALL_RATIO * smaller
    : smaller * (smaller / larger) >= LEAST_BALANCE;
}

interface Moments {
  /** of cos and sin at each point, in turn; length 4 */
  readonly mean: Float64Array;
  /** row-major, 4 × 4, divisor n */
  readonly covariance: Float64Array;
}

function characteristicMoments(values: Float64Array, unit: number): Moments {
  const n = values.length;
  const parts = new Float64Array(n * PARTS);
  const mean = new Float64Array(PARTS);
  for (let i = 0; i < n; i++) {
    POINTS.forEach((t, k) => {
      // An angle that overflowed would have no cosine.
      const angle = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, t * (values[i] / unit)));
      parts[i * PARTS + k] = Math.cos(angle);
      parts[i * PARTS + POINTS.length + k] = Math.sin(angle);
    });
    for (let k = 0; k < PARTS; k++) mean[k] += parts[i * PARTS + k] / n;
  }
  const covariance = new Float64Array(PARTS * PARTS);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < PARTS; k++) {
      const deviation = parts[i * PARTS + k] - mean[k];
      for (let l = 0; l < PARTS; l++) {
        covariance[k * PARTS + l] += (deviation * (parts[i * PARTS + l] - mean[l])) / n;
      }
    }
  }
  return { mean, covariance };
}

/** xᵀ S⁺ x by the pseudo-inverse, which leaves out directions in which S does not vary; and how many it does. */
function inverseForm(
  matrix: Float64Array,
  x: Float64Array,
): { readonly form: number; readonly rank: number } {
  const { values, vectors } = symmetricEigen(matrix, PARTS);
  const least = values[0] * NOTHING;
  let form = 0;
  let rank = 0;
  for (let k = 0; k < PARTS; k++) {
    if (values[k] <= least) continue;
    let projection = 0;
    for (let l = 0; l < PARTS; l++) projection += vectors[k * PARTS + l] * x[l];
    form += (projection * projection) / values[k];
    rank++;
  }
  return { form, rank };
}

/** Of both samples together, type-7 quantiles. */
function pooledInterquartileRange(reference: Float64Array, current: Float64Array): number {
  const pooled = new Float64Array(reference.length + current.length);
  pooled.set(reference);
  pooled.set(current, reference.length);
  pooled.sort();
  const at = (share: number): number => {
    const position = (pooled.length - 1) * share;
    const below = Math.floor(position);
    const above = Math.min(below + 1, pooled.length - 1);
    return pooled[below] * (1 - position + below) + pooled[above] * (position - below);
  };
  return Math.min(at(0.75) - at(0.25), Number.MAX_VALUE);
}
