import type { Outcomes, Predictions } from '../model.ts';
import { overClasses } from '../predictions.ts';

/** Predictions with the outcomes they are to be compared with, over the same classes. */
export type Scored =
  | {
      readonly kind: 'classification';
      readonly rows: number;
      readonly classes: number;
      /** −1 = a class that no model knows */
      readonly truth: Int32Array;
      readonly labels: Int32Array;
      /** row-major, rows × classes */
      readonly probabilities: Float64Array;
    }
  | {
      readonly kind: 'regression';
      readonly rows: number;
      readonly truth: Float64Array;
      readonly values: Float64Array;
    };

/**
 * Pairs predictions with outcomes.
 * @throws RangeError if there is no row, the two differ in length or task, or the model knows a class that the
 *   outcomes are not over
 */
export function scored(predictions: Predictions, outcomes: Outcomes): Scored {
  if (predictions.kind === 'classification' && outcomes.kind === 'classification') {
    const { labels, probabilities } = overClasses(predictions, outcomes.classes);
    const rows = sameLength(labels.length, outcomes.labels.length);
    const classes = outcomes.classes.length;
    return { kind: 'classification', rows, classes, truth: outcomes.labels, labels, probabilities };
  }
  if (predictions.kind === 'regression' && outcomes.kind === 'regression') {
    const rows = sameLength(predictions.values.length, outcomes.values.length);
    return { kind: 'regression', rows, truth: outcomes.values, values: predictions.values };
  }
  throw new RangeError(`predictions of ${predictions.kind}, outcomes of ${outcomes.kind}`);
}

function sameLength(predictions: number, outcomes: number): number {
  if (predictions !== outcomes || predictions === 0) {
    throw new RangeError(
      `${predictions} predictions and ${outcomes} outcomes; at least 1 and as many are needed`,
    );
  }
  return predictions;
}
