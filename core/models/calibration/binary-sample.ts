/** Probabilities are kept this far from 0 and 1 before their log-odds are taken. */
const EPSILON = 1e-12;

/** ln(p / (1 − p)) of a probability, finite for 0 and 1 too. */
export function logOdds(probability: number): number {
  const p = Math.min(Math.max(probability, EPSILON), 1 - EPSILON);
  return Math.log(p) - Math.log1p(-p);
}

/**
 * @param fit what is done with the sample, for the error
 * @throws RangeError unless there are as many probabilities in [0, 1] as outcomes of 0 or 1, and at least one, each
 *   with a weight above 0 where there are weights
 */
export function requireBinary(
  fit: string,
  probabilities: Float64Array,
  outcomes: Int32Array,
  weights?: Float64Array,
): void {
  requireWeightsAboveZero(fit, outcomes.length, weights);
  if (probabilities.length !== outcomes.length || outcomes.length === 0) {
    throw new RangeError(
      `${fit}: ${probabilities.length} probabilities and ${outcomes.length} outcomes; at least 1 and as many are needed`,
    );
  }
  requireProbabilities(fit, probabilities);
  const strange = outcomes.findIndex((outcome) => outcome !== 0 && outcome !== 1);
  if (strange >= 0) {
    throw new RangeError(`${fit}: outcome ${strange + 1} is ${outcomes[strange]}, not 0 or 1`);
  }
}

/** @throws RangeError unless there are as many weights as rows, all of them above 0, where there are any */
export function requireWeightsAboveZero(
  fit: string,
  rows: number,
  weights: Float64Array | undefined,
): void {
  if (weights === undefined) return;
  if (weights.length !== rows) {
    throw new RangeError(`${fit}: ${weights.length} weights for ${rows} rows`);
  }
  const strange = weights.findIndex((weight) => !(weight > 0 && weight < Infinity));
  if (strange >= 0) {
    throw new RangeError(`${fit}: weight ${strange + 1} is ${weights[strange]}, not above 0`);
  }
}

/** @throws RangeError naming the first value that is not in [0, 1] */
export function requireProbabilities(fit: string, probabilities: Float64Array): void {
  const strange = probabilities.findIndex((p) => !(p >= 0 && p <= 1));
  if (strange >= 0) {
    throw new RangeError(
      `${fit}: probability ${strange + 1} is ${probabilities[strange]}, not in [0, 1]`,
    );
  }
}
