import { studentTSurvival } from './special-functions.ts';

/** Of some values. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** ddof 1; 0 for fewer than two values */
  readonly variance: number;
}

/**
 * Mean and variance in one pass.
 * @param values finite, in any order
 * @see Welford (1962), Technometrics 4:419–420
 */
export function momentsOf(values: Float64Array): Moments {
  const count = values.length;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const before = values[i] - mean;
    mean += before / (i + 1);
    squares += before * (values[i] - mean);
  }
  return { count, mean, variance: count > 1 ? squares / (count - 1) : 0 };
}

/** A mean, and how well it is known. */
export interface MeanEstimate {
  readonly mean: number;
  /** of the mean */
  readonly variance: number;
  /** degrees of freedom that the variance is known with; 0 of a single value */
  readonly freedom: number;
}

/** The mean of what some values are a sample of. */
export function meanOf({ count, mean, variance }: Moments): MeanEstimate {
  return { mean, variance: variance / count, freedom: count - 1 };
}

/**
 * Welch's one-sided t-test: is the mean of what `current` is a sample of larger than that of `reference`?
 *
 * t = (m_c − m_r) ÷ √(v_c + v_r), with the degrees of freedom of Welch and Satterthwaite.
 * @returns p in [0, 1]; 1 where a side has fewer than two values, or neither varies
 * @see Welch (1947), Biometrika 34:28–35
 */
export function largerMeanPValue(current: MeanEstimate, reference: MeanEstimate): number {
  if (Math.min(current.freedom, reference.freedom) <= 0) return 1;
  const [a, b] = [current.variance, reference.variance];
  if (a + b === 0) return 1;
  const freedom = (a + b) ** 2 / (a ** 2 / current.freedom + b ** 2 / reference.freedom);
  return studentTSurvival((current.mean - reference.mean) / Math.sqrt(a + b), freedom);
}
