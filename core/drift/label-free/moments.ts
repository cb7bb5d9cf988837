import { studentTSurvival } from '../../stats/special-functions.ts';

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

/**
 * Welch's one-sided t-test: is the mean of what `current` is a sample of larger than that of `reference`?
 *
 * t = (m_c − m_r) ÷ √(s_c²/n_c + s_r²/n_r), with the degrees of freedom of Welch and Satterthwaite.
 * @returns p in [0, 1]; 1 where a side has fewer than two values, or neither varies
 * @see Welch (1947), Biometrika 34:28–35
 */
export function largerMeanPValue(current: Moments, reference: Moments): number {
  if (current.count < 2 || reference.count < 2) return 1;
  const a = current.variance / current.count;
  const b = reference.variance / reference.count;
  if (a + b === 0) return 1;
  const freedom = (a + b) ** 2 / (a ** 2 / (current.count - 1) + b ** 2 / (reference.count - 1));
  return studentTSurvival((current.mean - reference.mean) / Math.sqrt(a + b), freedom);
}
