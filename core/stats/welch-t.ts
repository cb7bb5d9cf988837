import { binaryScale } from './binary-scale.ts';
import { studentTSurvival } from './special-functions.ts';
import { requireSamples } from './two-sample.ts';
import type { NotApplicable, TwoSampleTest } from './two-sample.ts';

export interface WelchResult extends TwoSampleTest {
  /** Welch–Satterthwaite, not whole in general */
  readonly degreesOfFreedom: number;
  /** mean of the reference minus mean of the current sample, in the unit of the values */
  readonly difference: number;
}

/**
 * Welch's t test, two-sided: could both samples have one mean, whatever their variances?
 *
 * t = (x̄ − ȳ) / √(s²_x/n + s²_y/m) with ddof 1, on
 * (s²_x/n + s²_y/m)² / [(s²_x/n)²/(n − 1) + (s²_y/m)²/(m − 1)] degrees of freedom. Not applicable when
 * neither sample varies: whether the means differ is then no question of chance.
 *
 * @param reference n finite values, in ascending order or any other
 * @param current m finite values, same unit
 * @throws RangeError if n or m is below 2
 * @see Welch (1947), Biometrika 34:28–35. O(n + m).
 */
export function welchTTest(
  reference: Float64Array,
  current: Float64Array,
): WelchResult | NotApplicable {
  requireSamples('welch t', reference, current, 2);
  const n = reference.length;
  const m = current.length;
  const scale = binaryScale(Math.max(largestSize(reference), largestSize(current)));
  const first = momentsOf(reference, scale);
  const second = momentsOf(current, scale);
  const ofFirst = first.variance / n;
  const ofSecond = second.variance / m;
  const squaredError = ofFirst + ofSecond;
  if (squaredError === 0) {
    return { kind: 'not applicable', reason: 'neither sample varies', n, m };
  }
  // Means that lie close together far from 0: what is left of them after rounding is compared by itself.
  const difference = first.roughly - second.roughly + (first.rest - second.rest);
  const statistic = difference / Math.sqrt(squaredError);
  // Shares, because variances near the smallest double have no square.
  const share = ofFirst / squaredError;
  const degreesOfFreedom = 1 / (share ** 2 / (n - 1) + (1 - share) ** 2 / (m - 1));
  return {
    kind: 'tested',
    statistic,
    pValue: Math.min(1, 2 * studentTSurvival(Math.abs(statistic), degreesOfFreedom)),
    n,
    m,
    degreesOfFreedom,
    difference: difference * scale,
  };
}

interface ScaledMoments {
  /** the mean, as a sum: rounded, and what the rounding left */
  readonly roughly: number;
  readonly rest: number;
  readonly variance: number;
}

/** Mean and variance (ddof 1) of values ÷ scale, by a second pass that also finds the mean's rounding. */
function momentsOf(values: Float64Array, scale: number): ScaledMoments {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i] / scale;
  const roughly = sum / n;
  let left = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const deviation = values[i] / scale - roughly;
    left += deviation;
    squares += deviation * deviation;
  }
  const rest = left / n;
  return { roughly, rest, variance: Math.max(0, (squares - rest * left) / (n - 1)) };
}

function largestSize(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}
