import { forEachDistinct } from '../../stats/two-sample.ts';
import type { BinaryMetric, BinaryPredictions } from './binary-metrics.ts';

/** How far a metric of n rows strays by chance: deviation / √(n · share). */
export interface SamplingError {
  /** standard deviation (ddof 0) of the terms of which the metric is the mean */
  readonly deviation: number;
  /** share of rows that have such a term, in (0, 1] */
  readonly share: number;
}

/** Of a sample whose outcomes are known. */
export interface LabelledPredictions extends BinaryPredictions {
  /** n outcomes, 1 = positive, 0 = negative */
  readonly outcomes: Int32Array;
}

/** The sampling error of a metric on n rows. */
export function samplingErrorOf({ deviation, share }: SamplingError, n: number): number {
  return deviation / Math.sqrt(n * share);
}

/**
 * What chance does to a metric, learned from labelled rows by NannyML's formulas, so that figures compare.
 *
 * accuracy: of right or wrong, a row. precision, recall, specificity: of right or wrong, a row that is predicted
 * positive, is positive, is negative. f1: of TP·m/(TP + (FP + FN)/2), a row of the m that are no true negatives.
 * rocAuc: of the placement of each row of the rarer class, the share of the other class that it outranks, ties
 * half.
 *
 * Two of them are rough. f1 takes its denominator for fixed, and is about half too large. rocAuc leaves out the
 * placements of the other class, which DeLong's variance adds, and is about a quarter too small. NannyML also
 * breaks ties by where its sort happens to leave them, differently on different processors, which moves its figure
 * by up to 1.5 % on scores of two decimals; halves are in the middle of all such orders.
 *
 * @returns undefined where no row has a term
 * @see NannyML 0.13.1, "Estimation of standard error"; DeLong et al. (1988), Biometrics 44:837–845
 */
export function learnSamplingError(
  metric: BinaryMetric,
  sample: LabelledPredictions,
): SamplingError | undefined {
  const terms = metric === 'rocAuc' ? placements(sample) : termsOf(metric, sample);
  if (terms.length === 0) return undefined;
  return { deviation: deviationOf(terms), share: terms.length / sample.outcomes.length };
}

/** What NannyML multiplies the error of a macro-averaged AUC by, having found it too small without. */
const AUC_FACTOR = 1.2;

/**
 * What chance does to a mean of a metric over classes, each against the rest: √(Σ_k deviation²_k / share_k) / K, as if
 * classes did not depend on each other. The terms are those of `learnSamplingError`, but that f1 has right or wrong
 * for each relevant row, and the error of rocAuc is multiplied by 1.2.
 *
 * @param classes the predictions and outcomes of each class
 * @returns undefined where no row of some class has a term
 * @see NannyML 0.13.1, `sampling_error/multiclass_classification.py`
 */
export function learnMacroSamplingError(
  metric: Exclude<BinaryMetric, 'accuracy'>,
  classes: readonly LabelledPredictions[],
): SamplingError | undefined {
  let variance = 0;
  for (const sample of classes) {
    const terms =
      metric === 'rocAuc'
        ? placements(sample)
        : metric === 'f1'
          ? rightOfRelevant(sample)
          : termsOf(metric, sample);
    if (terms.length === 0) return undefined;
    variance += deviationOf(terms) ** 2 / (terms.length / sample.outcomes.length);
  }
  const factor = metric === 'rocAuc' ? AUC_FACTOR : 1;
  return { deviation: (factor * Math.sqrt(variance)) / classes.length, share: 1 };
}

function termsOf(
  metric: Exclude<BinaryMetric, 'rocAuc'>,
  sample: LabelledPredictions,
): Float64Array {
  const { predicted, outcomes } = sample;
  const right = rightOrWrong(sample);
  switch (metric) {
    case 'accuracy':
      return right;
    case 'precision':
      return right.filter((_, i) => predicted[i] === 1);
    case 'recall':
      return right.filter((_, i) => outcomes[i] === 1);
    case 'specificity':
      return right.filter((_, i) => outcomes[i] === 0);
    case 'f1': {
      const relevant = rightOfRelevant(sample);
      const hits = relevant.reduce((sum, x) => sum + x, 0);
      const weight = relevant.length / (hits + (relevant.length - hits) / 2);
      return relevant.map((x) => x * weight);
    }
  }
}

/** 1 = right, 0 = wrong. */
function rightOrWrong({ predicted, outcomes }: LabelledPredictions): Float64Array {
  return Float64Array.from(outcomes, (outcome, i) => (outcome === predicted[i] ? 1 : 0));
}

/** Of the rows that are positive or predicted so. */
function rightOfRelevant(sample: LabelledPredictions): Float64Array {
  const { predicted, outcomes } = sample;
  return rightOrWrong(sample).filter((_, i) => predicted[i] === 1 || outcomes[i] === 1);
}

/** For each row of the rarer class, the share of the other class on its far side, ties half. */
function placements({ probabilities, outcomes }: LabelledPredictions): Float64Array {
  const positives = probabilities.filter((_, i) => outcomes[i] === 1).sort();
  const negatives = probabilities.filter((_, i) => outcomes[i] === 0).sort();
  const [rarer, other] =
    positives.length <= negatives.length ? [positives, negatives] : [negatives, positives];
  if (rarer.length === 0) return new Float64Array(0);
  const out = new Float64Array(rarer.length);
  // Which side is far does not matter: the standard deviation is the same.
  forEachDistinct(other, rarer, (_, below, equal, first, many) => {
    out.fill((below + equal / 2) / other.length, first, first + many);
  });
  return out;
}

/** Standard deviation, ddof 0, in two passes. */
function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}
