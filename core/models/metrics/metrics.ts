import { countMetric, isCountMetric } from './count-metrics.ts';
import { METRICS_OF_TASK } from './evaluation.ts';
import type { MetricName } from './evaluation.ts';
import { classRankings, isRankMetric, rankMetric } from './rank-metrics.ts';
import type { Scored } from './scored.ts';
import { rowTerms, sumMetric, sumTerms } from './sum-metrics.ts';

/**
 * Every metric of the task; one that is undefined on these rows is absent.
 *
 * Of classes. accuracy; balancedAccuracy = mean recall over the classes that occur; f1, precision, recall =
 * means over the classes that occur or are predicted, 0 ÷ 0 being 0 (macro averages); f1Micro, which is the
 * accuracy where every row has one class; specificity = share of the rows of other classes that are not given
 * the class: for two classes that of the second one (the share right of the first), else the mean over the
 * classes that occur or are predicted.
 *
 * Of probabilities. rocAuc, prAuc (average precision): for two classes of the second one, else the mean of one
 * against the rest over the classes that occur; logLoss = mean −ln p(true class), clipped; brier = mean
 * Σ_k (p_k − y_k)², half of it for two classes; ece = Σ_b |hits − Σ p| ÷ n over ten bins (0, 0.1], … of equal
 * width of the probability of the predicted class.
 *
 * Of numbers. r2 = 1 − Σe²/Σ(y − ȳ)², undefined where the outcomes do not vary; rmse; mae; mse;
 * mape = mean |e| ÷ |y|, a share, undefined where an outcome is 0.
 *
 * A true class that no model knows counts as one class of its own, with probability 0, in all but the areas,
 * where its rows are among the rest.
 *
 * Definitions and values are those of scikit-learn's `accuracy_score`, `balanced_accuracy_score`,
 * `f1_score`, `precision_score`, `recall_score` (average='macro', zero_division=0),
 * `multilabel_confusion_matrix`, `roc_auc_score(multi_class='ovr')`, `average_precision_score`, `log_loss`,
 * `brier_score_loss`, `r2_score`, `root_mean_squared_error`, `mean_absolute_error`, `mean_squared_error`,
 * `mean_absolute_percentage_error`, where these are defined.
 * @see Guo et al. (2017), On Calibration of Modern Neural Networks, ICML, eq. 3 (ece)
 */
export function metricsOf(scores: Scored): Partial<Record<MetricName, number>> {
  const metrics: Partial<Record<MetricName, number>> = {};
  const rankings = classRankings(scores);
  for (const name of METRICS_OF_TASK[scores.kind]) {
    const value = isRankMetric(name) ? rankMetric(name, rankings) : metricOf(name, scores);
    if (value !== undefined) metrics[name] = value;
  }
  return metrics;
}

/** One metric, or undefined where it is not defined on these rows. */
export function metricOf(metric: MetricName, scores: Scored): number | undefined {
  if (isCountMetric(metric)) {
    if (scores.kind !== 'classification') return undefined;
    return countMetric(metric, scores.classes, scores.truth, scores.labels);
  }
  if (isRankMetric(metric)) return rankMetric(metric, classRankings(scores));
  const terms = rowTerms(metric, scores);
  return terms === undefined ? undefined : sumMetric(metric, sumTerms(terms), scores.rows);
}
