/** Where the values of a numeric column lie. */
export interface Spread {
  /** sum of the weights of rows with a value */
  readonly total: number;
  readonly mean: number;
  /** weighted sum of squared differences from the mean */
  readonly squares: number;
  /** is there a row without a value? */
  readonly missing: boolean;
}

/**
 * By a pass about the mean of some of the values, corrected by how far that is from the mean of all; and by another
 * one about this where it is so far that the correction would take away more than rounding.
 * @see Chan, Golub & LeVeque (1983), The American Statistician 37:242–247, eq. 1.7
 */
export function spreadOf(values: Float64Array, weights?: Float64Array): Spread {
  const first = values.findIndex((value) => !Number.isNaN(value));
  if (first < 0) return { total: 0, mean: 0, squares: 0, missing: values.length > 0 };
  const some = momentsAbout(values[first], values, weights, stepFor(values.length));
  const spread = spreadAbout(meanOf(some), values, weights);
  const deviation = Math.sqrt(spread.squares / spread.total);
  return Math.abs(spread.mean - meanOf(some)) > FAR_DEVIATIONS * deviation
    ? spreadAbout(spread.mean, values, weights)
    : spread;
}

/** Values that are enough to tell about where a column lies. */
const SOME_VALUES = 4096;

/** A center so many deviations from the mean costs the squares four of their 53 bits. */
const FAR_DEVIATIONS = 4;

function stepFor(length: number): number {
  return Math.max(1, Math.floor(length / SOME_VALUES));
}

/** Sums over values in differences from a center near to them, so that a column far from 0 loses nothing. */
interface Moments extends Omit<Spread, 'mean'> {
  readonly center: number;
  readonly sum: number;
}

function meanOf({ center, sum, total }: Moments): number {
  return total > 0 ? center + sum / total : center;
}

function spreadAbout(
  center: number,
  values: Float64Array,
  weights: Float64Array | undefined,
): Spread {
  const moments = momentsAbout(center, values, weights, 1);
  const { total, sum, squares, missing } = moments;
  return { total, mean: meanOf(moments), squares: squares - (sum * sum) / total, missing };
}

/** Of every `step`-th value. */
function momentsAbout(
  center: number,
  values: Float64Array,
  weights: Float64Array | undefined,
  step: number,
): Moments {
  let total = 0;
  let sum = 0;
  let squares = 0;
  let missing = false;
  for (let i = 0; i < values.length; i += step) {
    const apart = values[i] - center;
    if (Number.isNaN(apart)) {
      missing = true;
      continue;
    }
    const weight = weights === undefined ? 1 : weights[i];
    total += weight;
    sum += weight * apart;
    squares += weight * apart * apart;
  }
  return { center, total, sum, squares, missing };
}

/**
 * The standard deviation (ddof 0); 1 of a column that does not vary, which so keeps its unit.
 * @throws RangeError if mean or variance exceed all numbers
 */
export function deviationOf({ total, mean, squares }: Spread, name: string): number {
  const deviation = total === 0 ? 0 : Math.sqrt(squares / total);
  if (!Number.isFinite(mean) || !Number.isFinite(deviation)) {
    throw new RangeError(
      `the variance of column '${name}' exceeds all numbers; scale or ignore it`,
    );
  }
  return deviation === 0 ? 1 : deviation;
}
