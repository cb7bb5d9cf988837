import { normalSurvival } from '../../stats/special-functions.ts';
import type { Propensity } from './propensity.ts';

/** Two samples of a quantity, compared among rows with like inputs. */
export interface MatchedComparison {
  /** means of the rows compared, the reference's weighted as the current ones are spread */
  readonly reference: number;
  readonly current: number;
  /** of a difference beyond the tolerance, either way */
  readonly pValue: number;
  /** share of the current rows that have reference rows like them, 0 to 1; only these are compared */
  readonly overlap: number;
}

/** Groups of rows with like inputs in each fold: five remove nine tenths of the bias, more what is left of it. */
const STRATA = 10;
/** Fewest rows of each sample in a group, and fewest of the reference as a share: few of them cannot stand for many. */
const LEAST_ROWS = 8;
const LEAST_SHARE = 0.15;

/**
 * Is the mean of a quantity another one at like inputs, by more than a tolerance? Rows are grouped by their propensity, ten groups a fold; in
 * each group the means are compared, and their differences averaged by how many current rows the group has.
 *
 * d = Σ m_k d_k / Σ m_k, with the standard error e = √(Σ m_k² (s²/n_k + t²/m_k)) / Σ m_k, d_k being the difference of
 * the means of group k. Of a true difference of at most the tolerance δ, the chance of |d| or more is at most
 * 1 − Φ((|d| − δ)/e) + 1 − Φ((|d| + δ)/e); for δ = 0 that is the two-sided test.
 *
 * @param values of each row, the reference's first
 * @param n rows of the reference
 * @param tolerance δ, in the unit of the quantity; 0 or more
 * @see Rosenbaum & Rubin (1984), JASA 79:516–524; Cochran (1968), Biometrics 24:295–313;
 *   Hodges & Lehmann (1954), JRSS B 16:261–268 (the tolerance)
 */
export function compareMatched(
  values: Float64Array,
  n: number,
  propensity: Pick<Propensity, 'scores' | 'folds'>,
  tolerance: number,
): MatchedComparison | null {
  let weight = 0;
  let before = 0;
  let now = 0;
  let squaredError = 0;
  for (const group of groupsOf(propensity)) {
    const x = momentsOf(
      values,
      group.filter((row) => row < n),
    );
    const y = momentsOf(
      values,
      group.filter((row) => row >= n),
    );
    if (Math.min(x.rows, y.rows) < LEAST_ROWS || x.rows < LEAST_SHARE * group.length) continue;
    weight += y.rows;
    before += y.rows * x.mean;
    now += y.rows * y.mean;
    squaredError += y.rows ** 2 * (x.variance / x.rows + y.variance / y.rows);
  }
  if (weight === 0) return null;
  const difference = Math.abs(now - before) / weight;
  const error = Math.sqrt(squaredError) / weight;
  const beyond = (distance: number): number => normalSurvival(distance / error);
  const pValue =
    error > 0
      ? Math.min(1, beyond(difference - tolerance) + beyond(difference + tolerance))
      : Number(difference <= tolerance);
  return {
    reference: before / weight,
    current: now / weight,
    pValue,
    overlap: weight / (values.length - n),
  };
}

/** Rows of one fold in the order of their scores, cut into parts of equal size. */
function groupsOf({ scores, folds }: Pick<Propensity, 'scores' | 'folds'>): readonly Int32Array[] {
  return [0, 1].flatMap((fold) => {
    const rows = Int32Array.from(scores.keys()).filter((row) => folds[row] === fold);
    rows.sort((a, b) => scores[a] - scores[b] || a - b);
    return Array.from({ length: STRATA }, (_, k) =>
      rows.subarray((k * rows.length) / STRATA, ((k + 1) * rows.length) / STRATA),
    );
  });
}

function momentsOf(
  values: Float64Array,
  rows: Int32Array,
): { readonly rows: number; readonly mean: number; readonly variance: number } {
  let mean = 0;
  let squares = 0;
  rows.forEach((row, i) => {
    const before = values[row] - mean;
    mean += before / (i + 1);
    squares += before * (values[row] - mean);
  });
  return { rows: rows.length, mean, variance: rows.length > 1 ? squares / (rows.length - 1) : 0 };
}
