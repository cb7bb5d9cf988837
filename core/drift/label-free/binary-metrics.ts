/** Metrics of a classifier with two classes that calibrated probabilities can stand in for the outcomes of. */
export const BINARY_METRICS = [
  'accuracy',
  'f1',
  'precision',
  'recall',
  'specificity',
  'rocAuc',
] as const;

export type BinaryMetric = (typeof BINARY_METRICS)[number];

/** Those, and average precision, whose sampling error has no formula. */
export type ExpectedBinaryMetric = BinaryMetric | 'prAuc';

/** What a classifier with two classes said of some rows. */
export interface BinaryPredictions {
  /** n probabilities of the positive class as the classifier gave them, in [0, 1] */
  readonly probabilities: Float64Array;
  /** n predicted classes, 1 = positive, 0 = negative */
  readonly predicted: Int32Array;
}

/**
 * A metric of predictions, given how likely each row is positive.
 *
 * With outcomes of 0 and 1 as `positive` this is the realised metric; with calibrated probabilities it is the
 * estimated one, each cell of the confusion matrix being its expected count: TP = Σ c_i over predicted
 * positives, FP = Σ (1 − c_i), and so on. rocAuc ranks rows by the classifier's own probabilities, ties half; prAuc is the
 * average precision in that order, Σ ΔTP · TP/(TP + FP) ÷ TP of all, rows of equal probability together.
 *
 * @param positive n probabilities that the row is positive, in [0, 1]
 * @returns in [0, 1]; undefined where the metric is, as precision is without a predicted positive
 */
export function binaryMetric(
  metric: ExpectedBinaryMetric,
  { probabilities, predicted }: BinaryPredictions,
  positive: Float64Array,
): number | undefined {
  if (metric === 'rocAuc') return expectedAuc(probabilities, positive);
  if (metric === 'prAuc') return expectedAveragePrecision(probabilities, positive);
  let tp = 0;
  let fp = 0;
  let fn = 0;
  let tn = 0;
  for (let i = 0; i < positive.length; i++) {
    if (predicted[i] === 1) {
      tp += positive[i];
      fp += 1 - positive[i];
    } else {
      fn += positive[i];
      tn += 1 - positive[i];
    }
  }
  switch (metric) {
    case 'accuracy':
      return share(tp + tn, positive.length);
    case 'f1':
      return share(2 * tp, 2 * tp + fp + fn);
    case 'precision':
      return share(tp, tp + fp);
    case 'recall':
      return share(tp, tp + fn);
    case 'specificity':
      return share(tn, tn + fp);
  }
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

/** Σ c_i (1 − c_j) over pairs that score_i > score_j, equal scores half, ÷ Σ c · Σ (1 − c). */
function expectedAuc(scores: Float64Array, positive: Float64Array): number | undefined {
  const { positives, negatives } = countsByScore(scores, positive);
  let below = 0;
  let wins = 0;
  let all = 0;
  for (let g = 0; g < positives.length; g++) {
    wins += positives[g] * (below + negatives[g] / 2);
    below += negatives[g];
    all += positives[g];
  }
  const pairs = all * below;
  return pairs > 0 ? Math.min(1, wins / pairs) : undefined;
}

function expectedAveragePrecision(
  scores: Float64Array,
  positive: Float64Array,
): number | undefined {
  const { positives, negatives } = countsByScore(scores, positive);
  let tp = 0;
  let fp = 0;
  let sum = 0;
  for (let g = positives.length - 1; g >= 0; g--) {
    tp += positives[g];
    fp += negatives[g];
    sum += positives[g] * (tp / (tp + fp));
  }
  return tp > 0 ? Math.min(1, sum / tp) : undefined;
}

/** Expected positives and negatives of each different score, in ascending order. */
function countsByScore(
  scores: Float64Array,
  positive: Float64Array,
): { readonly positives: Float64Array; readonly negatives: Float64Array } {
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const positives = new Float64Array(order.length);
  const negatives = new Float64Array(order.length);
  let groups = 0;
  for (let i = 0; i < order.length; i++) {
    if (i === 0 || scores[order[i]] !== scores[order[i - 1]]) groups++;
    positives[groups - 1] += positive[order[i]];
    negatives[groups - 1] += 1 - positive[order[i]];
  }
  return { positives: positives.subarray(0, groups), negatives: negatives.subarray(0, groups) };
}
