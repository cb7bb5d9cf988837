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
 * positives, FP = Σ (1 − c_i), and so on. rocAuc ranks rows by the classifier's own probabilities, ties half.
 *
 * @param positive n probabilities that the row is positive, in [0, 1]
 * @returns in [0, 1]; undefined where the metric is, as precision is without a predicted positive
 */
export function binaryMetric(
  metric: BinaryMetric,
  { probabilities, predicted }: BinaryPredictions,
  positive: Float64Array,
): number | undefined {
  if (metric === 'rocAuc') return expectedAuc(probabilities, positive);
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
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let positives = 0;
  let negatives = 0;
  let wins = 0;
  for (let from = 0; from < order.length;) {
    const score = scores[order[from]];
    let p = 0;
    let n = 0;
    let to = from;
    for (; to < order.length && scores[order[to]] === score; to++) {
      p += positive[order[to]];
      n += 1 - positive[order[to]];
    }
    wins += p * (negatives + n / 2);
    positives += p;
    negatives += n;
    from = to;
  }
  const pairs = positives * negatives;
  return pairs > 0 ? Math.min(1, wins / pairs) : undefined;
}
