import type { Scored } from '../../models/metrics/scored.ts';

/** How a model erred on some rows. */
export interface RowErrors {
  /** 1 for a wrong class and 0 for the right one, or the size of the error in the unit of the target */
  readonly losses: Float64Array;
  /**
   * in which direction: outcome minus prediction; of two classes 1 or 0 for the second one minus its probability; of
   * more, 1 or 0 for a hit minus the probability of the predicted class
   */
  readonly residuals: Float64Array;
}

export function rowErrors(scores: Scored): RowErrors {
  const { rows, truth } = scores;
  if (scores.kind === 'regression') {
    const residuals = Float64Array.from(truth, (y, i) => y - scores.values[i]);
    return { losses: residuals.map(Math.abs), residuals };
  }
  const { labels, probabilities, classes } = scores;
  const losses = new Float64Array(rows);
  const residuals = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    losses[i] = Number(labels[i] !== truth[i]);
    residuals[i] =
      classes === 2 && truth[i] >= 0
        ? truth[i] - probabilities[i * 2 + 1]
        : 1 - losses[i] - probabilities[i * classes + labels[i]];
  }
  return { losses, residuals };
}
