/** Metrics of a regression that can be estimated without labels: each is a mean loss, or the root of one. */
export const REGRESSION_METRICS = ['mae', 'mape', 'mse', 'rmse', 'msle', 'rmsle'] as const;

export type RegressionMetric = (typeof REGRESSION_METRICS)[number];

/** What is lost on a row. */
export type RowLoss = 'absolute' | 'percentage' | 'squared' | 'squaredLog';

/** The loss whose mean a metric is, or is the root of. */
export const LOSS_OF_METRIC: Readonly<Record<RegressionMetric, RowLoss>> = {
  mae: 'absolute',
  mape: 'percentage',
  mse: 'squared',
  rmse: 'squared',
  msle: 'squaredLog',
  rmsle: 'squaredLog',
};

/** Is the metric the root of the mean loss? */
export function isRoot(metric: RegressionMetric): boolean {
  return metric === 'rmse' || metric === 'rmsle';
}

/** A metric of its mean loss; a mean estimated below 0 counts as 0. */
export function metricOfMeanLoss(metric: RegressionMetric, meanLoss: number): number {
  const mean = Math.max(0, meanLoss);
  return isRoot(metric) ? Math.sqrt(mean) : mean;
}

/**
 * The loss of each row: |e|, |e/y|, e², (ln(1 + y) − ln(1 + ŷ))², with e = y − ŷ.
 *
 * @param outcomes n finite numbers
 * @param predictions n finite numbers
 * @returns undefined if the loss is not defined, or not finite, on some row: percentage where y = 0, squaredLog
 *   where y or ŷ ≤ −1
 */
export function rowLosses(
  loss: RowLoss,
  outcomes: Float64Array,
  predictions: Float64Array,
): Float64Array | undefined {
  const losses = outcomes.map((y, i) => rowLoss(loss, y, predictions[i]));
  return losses.every((value) => Number.isFinite(value)) ? losses : undefined;
}

function rowLoss(loss: RowLoss, y: number, predicted: number): number {
  switch (loss) {
    case 'absolute':
      return Math.abs(y - predicted);
    case 'percentage':
      return Math.abs((y - predicted) / y);
    case 'squared':
      return (y - predicted) ** 2;
    case 'squaredLog':
      return (Math.log1p(y) - Math.log1p(predicted)) ** 2;
  }
}
