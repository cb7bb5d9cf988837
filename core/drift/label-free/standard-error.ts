import { bootstrapMetric } from '../../models/metrics/bootstrap.ts';
import { METRIC_DIRECTION } from '../../models/metrics/evaluation.ts';
import type { MetricName } from '../../models/metrics/evaluation.ts';
import type { Scored } from '../../models/metrics/scored.ts';
import { momentsOf } from '../../stats/mean-test.ts';

/**
 * The standard error of a metric on as many rows as were scored: the standard deviation (ddof 1) of its bootstrap
 * resamples. On m other rows of the same kind it is √(n ÷ m) times as large.
 *
 * NannyML has formulas instead, which agree where a metric is a mean of independent terms; that of F1 is about half too
 * large, that of ROC-AUC a quarter too small, average precision has none. Where all resamples are equal, as if
 * every row was right, a metric with the ends 0 and 1 gets the error that one more hit and one more miss would
 * give: n equal rows do not prove that the next one is equal too.
 *
 * @throws RangeError if nothing was scored
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 6; Agresti & Caffo (2000), Am. Stat. 54:280–288
 */
export function standardError(metric: MetricName, scores: Scored, seed: number): number {
  if (scores.rows < 1) throw new RangeError('standard error: no rows');
  const [resampled] = bootstrapMetric(metric, [scores], seed);
  const error = Math.sqrt(momentsOf(resampled).variance);
  if (error > 0 || METRIC_DIRECTION[metric] === 'lower') return error;
  const share = 1 / (scores.rows + 2);
  return Math.sqrt((share * (1 - share)) / scores.rows);
}
