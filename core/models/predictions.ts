import type { Predictions } from './model.ts';

/**
 * The most probable class of each row, the first of equals.
 * @param probabilities row-major, rows × classes
 */
export function mostProbable(probabilities: Float64Array, classes: number): Int32Array {
  const labels = new Int32Array(classes === 0 ? 0 : probabilities.length / classes);
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (probabilities[i * classes + k] > probabilities[i * classes + best]) best = k;
    }
    labels[i] = best;
  }
  return labels;
}

/**
 * Class predictions in the terms of another list of classes, in which those that the model does not know have
 * probability 0.
 * @throws RangeError if the model knows a class that is not in the list
 */
export function overClasses(
  predictions: Extract<Predictions, { kind: 'classification' }>,
  classes: readonly string[],
): Extract<Predictions, { kind: 'classification' }> {
  const own = predictions.classes;
  if (own.length === classes.length && own.every((name, k) => name === classes[k])) {
    return predictions;
  }
  const target = own.map((name) => {
    const k = classes.indexOf(name);
    if (k < 0) {
      throw new RangeError(
        `the model predicts class '${name}', the outcomes are over ${classes.join(', ')}; make them over the classes of every model compared`,
      );
    }
    return k;
  });
  const rows = predictions.labels.length;
  const probabilities = new Float64Array(rows * classes.length);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < own.length; k++) {
      probabilities[i * classes.length + target[k]] = predictions.probabilities[i * own.length + k];
    }
  }
  return {
    kind: 'classification',
    classes,
    probabilities,
    labels: predictions.labels.map((label) => target[label]),
  };
}
