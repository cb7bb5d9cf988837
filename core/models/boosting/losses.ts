import { sigmoid, softmaxRows } from '../softmax.ts';
import { classCounts } from '../targets.ts';
import type { Targets } from '../targets.ts';

/** What boosting makes small: the loss of scores, and its derivatives by them. */
export interface Loss {
  /** scores a row: one for regression and two classes, else one a class */
  readonly outputs: number;
  /** is the second derivative 1 everywhere? */
  readonly constantCurvature: boolean;
  /** the constant scores of least loss, one an output */
  initial(targets: Targets): Float64Array;
  /** Derivatives of each row's loss by output k. `shares` are those of `prepare`. */
  derivativesInto(
    k: number,
    shares: Float64Array,
    gradients: Float64Array,
    curvatures: Float64Array,
  ): void;
  /** What `derivativesInto` needs of the scores (row-major, rows × outputs), computed once an iteration. */
  prepare(scores: Float64Array): Float64Array;
  /** mean loss */
  mean(targets: Targets, scores: Float64Array): number;
}

/** The loss for some training targets: squared error, or log-loss of the logistic or multinomial model. */
export function lossOf(targets: Targets): Loss {
  if (targets.kind === 'regression') return squaredError(targets.values);
  return targets.classes <= 2
    ? binaryLogLoss(targets.labels)
    : multinomialLogLoss(targets.labels, targets.classes);
}

/** Half the squared error. */
function squaredError(values: Float64Array): Loss {
  return {
    outputs: 1,
    constantCurvature: true,
    // Outcomes are scaled: their mean is 0.
    initial: () => new Float64Array(1),
    prepare: (scores) => scores,
    derivativesInto(_, scores, gradients) {
      for (let i = 0; i < values.length; i++) gradients[i] = scores[i] - values[i];
    },
    mean(targets, scores) {
      if (targets.kind !== 'regression') return NaN;
      let sum = 0;
      targets.values.forEach((value, i) => (sum += (scores[i] - value) ** 2 / 2));
      return sum / scores.length;
    },
  };
}

function binaryLogLoss(labels: Int32Array): Loss {
  const shares = new Float64Array(labels.length);
  return {
    outputs: 1,
    constantCurvature: false,
    initial(targets) {
      const [p0 = 0.5, p1 = 0.5] = priorShares(targets);
      return Float64Array.of(Math.log(p1 / p0));
    },
    prepare(scores) {
      for (let i = 0; i < shares.length; i++) shares[i] = sigmoid(scores[i]);
      return shares;
    },
    derivativesInto(_, own, gradients, curvatures) {
      for (let i = 0; i < labels.length; i++) {
        const p = own[i];
        gradients[i] = p - labels[i];
        curvatures[i] = p * (1 - p);
      }
    },
    mean(targets, scores) {
      if (targets.kind !== 'classification') return NaN;
      let sum = 0;
      targets.labels.forEach((label, i) => {
        const wrong = label === 1 ? -scores[i] : scores[i];
        sum += Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong)));
      });
      return sum / scores.length;
    },
  };
}

function multinomialLogLoss(labels: Int32Array, classes: number): Loss {
  const shares = new Float64Array(labels.length * classes);
  return {
    outputs: classes,
    constantCurvature: false,
    initial: (targets) => Float64Array.from(priorShares(targets), Math.log),
    prepare(scores) {
      shares.set(scores);
      softmaxRows(shares, classes);
      return shares;
    },
    derivativesInto(k, own, gradients, curvatures) {
      for (let i = 0; i < labels.length; i++) {
        const p = own[i * classes + k];
        gradients[i] = p - (labels[i] === k ? 1 : 0);
        curvatures[i] = p * (1 - p);
      }
    },
    mean(targets, scores) {
      if (targets.kind !== 'classification') return NaN;
      const own = scores.slice();
      softmaxRows(own, classes);
      let sum = 0;
      targets.labels.forEach((label, i) => {
        sum -= Math.log(Math.max(Number.MIN_VALUE, own[i * classes + label]));
      });
      return sum / targets.labels.length;
    },
  };
}

/** Class shares; that of a class without rows is half a row's, so that its logarithm is a number. */
function priorShares(targets: Targets): Float64Array {
  if (targets.kind !== 'classification') return new Float64Array(0);
  const counts = classCounts(targets);
  return counts.map((count) => Math.max(0.5, count) / targets.labels.length);
}
