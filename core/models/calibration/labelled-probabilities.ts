import { requireProbabilities, requireWeightsAboveZero } from './binary-sample.ts';

/**
 * @param fit what is done with the sample, for the error
 * @param probabilities row-major, n × classes
 * @param labels n indices of the true class
 * @throws RangeError unless there are 2 classes or more, a row of probabilities in [0, 1] for each label, at
 *   least one label, every label is a class, and every weight, where there are any, above 0
 */
export function requireLabelled(
  fit: string,
  probabilities: Float64Array,
  labels: Int32Array,
  classes: number,
  weights?: Float64Array,
): void {
  requireWeightsAboveZero(fit, labels.length, weights);
  if (!Number.isInteger(classes) || classes < 2) {
    throw new RangeError(`${fit}: at least 2 classes are needed, got ${classes}`);
  }
  if (labels.length === 0 || probabilities.length !== labels.length * classes) {
    throw new RangeError(
      `${fit}: ${probabilities.length} probabilities of ${classes} classes and ${labels.length} labels; at least 1 label and ${classes} probabilities a label are needed`,
    );
  }
  requireProbabilities(fit, probabilities);
  const strange = labels.findIndex((label) => label < 0 || label >= classes);
  if (strange >= 0) {
    throw new RangeError(
      `${fit}: label ${strange + 1} is ${labels[strange]}; those of ${classes} classes are 0 to ${classes - 1}`,
    );
  }
}
