import { softmaxRows } from '../softmax.ts';
import { classCounts } from '../input/targets.ts';
import type { Targets } from '../input/targets.ts';
import type { BoostingMemory } from './kernel/kernel.ts';

/** What boosting makes small: the loss of the scores of some rows, and its derivatives by them. */
export interface Loss {
  /** scores a row: one for regression and two classes, else one a class */
  readonly outputs: number;
  /** the most that the second derivatives of all rows can add up to; null where each of them is 1 */
  readonly mostCurvature: number | null;
  /** the constant scores of least loss, one an output */
  initial(): Float64Array;
  /** The derivatives at the scores in the memory of a kernel. */
  derivativesIn(memory: BoostingMemory): Derivatives;
  /** mean loss */
  mean(scores: Float64Array): number;
}

export interface Derivatives {
  /** Computes what all outputs have in common, once an iteration. */
  prepare(): void;
  /** Writes gradient and curvature of each row's loss by output k into the memory. */
  write(k: number): void;
}

/** Scores a row for some targets. */
export function outputsOf(targets: Targets): number {
  return targets.kind === 'regression' || targets.classes <= 2 ? 1 : targets.classes;
}

/**
 * The loss for some training targets: squared error, or log-loss of the logistic or multinomial model.
 * @param weights of the rows, above 0; absent: all 1
 */
export function lossOf(targets: Targets, weights: Float64Array | undefined): Loss {
  if (targets.kind === 'regression') return squaredError(targets.values, weights);
  return targets.classes <= 2
    ? binaryLogLoss(targets, weights)
    : multinomialLogLoss(targets, weights);
}

/** The largest second derivative of a log-loss: p(1 − p). */
const LARGEST_CURVATURE = 0.25;

/** Half the squared error. */
function squaredError(values: Float64Array, weights: Float64Array | undefined): Loss {
  const total = totalWeight(values.length, weights);
  return {
    outputs: 1,
    mostCurvature: weights === undefined ? null : total,
    // Outcomes are scaled: their mean is 0.
    initial: () => new Float64Array(1),
    derivativesIn: ({ scores, gradients, curvatures }) => ({
      prepare: () => undefined,
      write() {
        for (let i = 0; i < values.length; i++) {
          const weight = weights === undefined ? 1 : weights[i];
          gradients[i] = weight * (scores[i] - values[i]);
          curvatures[i] = weight;
        }
      },
    }),
    mean: (scores) => weightedMean(weights, total, (i) => (scores[i] - values[i]) ** 2 / 2, values),
  };
}

type ClassTargets = Extract<Targets, { kind: 'classification' }>;

function binaryLogLoss(targets: ClassTargets, weights: Float64Array | undefined): Loss {
  const { labels } = targets;
  const total = totalWeight(labels.length, weights);
  return {
    outputs: 1,
    mostCurvature: LARGEST_CURVATURE * total,
    initial() {
      const [p0 = 0.5, p1 = 0.5] = priorShares(targets, weights, total);
      return Float64Array.of(Math.log(p1 / p0));
    },
    derivativesIn(memory) {
      memory.outcomes.set(labels);
      if (weights !== undefined) memory.weights.set(weights);
      return {
        prepare: () => undefined,
        write: () => memory.kernel.logisticDerivatives(weights !== undefined),
      };
    },
    mean(scores) {
      const lossAt = (i: number): number => {
        const wrong = labels[i] === 1 ? -scores[i] : scores[i];
        return Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong)));
      };
      return weightedMean(weights, total, lossAt, labels);
    },
  };
}

function multinomialLogLoss(targets: ClassTargets, weights: Float64Array | undefined): Loss {
  const { labels, classes } = targets;
  const total = totalWeight(labels.length, weights);
  return {
    outputs: classes,
    mostCurvature: LARGEST_CURVATURE * total,
    initial: () => Float64Array.from(priorShares(targets, weights, total), Math.log),
    derivativesIn({ scores, gradients, curvatures }) {
      const shares = new Float64Array(labels.length * classes);
      return {
        prepare() {
          shares.set(scores);
          softmaxRows(shares, classes);
        },
        write(k) {
          for (let i = 0; i < labels.length; i++) {
            const p = shares[i * classes + k];
            const weight = weights === undefined ? 1 : weights[i];
            gradients[i] = weight * (p - (labels[i] === k ? 1 : 0));
            curvatures[i] = weight * p * (1 - p);
          }
        },
      };
    },
    mean(scores) {
      const own = scores.slice();
      softmaxRows(own, classes);
      const lossAt = (i: number): number =>
        -Math.log(Math.max(Number.MIN_VALUE, own[i * classes + labels[i]]));
      return weightedMean(weights, total, lossAt, labels);
    },
  };
}

function totalWeight(rows: number, weights: Float64Array | undefined): number {
  return weights === undefined ? rows : weights.reduce((sum, weight) => sum + weight, 0);
}

function weightedMean(
  weights: Float64Array | undefined,
  total: number,
  lossAt: (row: number) => number,
  { length }: { readonly length: number },
): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (weights === undefined ? 1 : weights[i]) * lossAt(i);
  return sum / total;
}

/** Class shares; that of a class without rows is half a row's, so that its logarithm is a number. */
function priorShares(
  targets: ClassTargets,
  weights: Float64Array | undefined,
  total: number,
): Float64Array {
  const row = total / targets.labels.length;
  const counts = classCounts(targets, weights);
  return counts.map((count) => Math.max(row / 2, count) / total);
}
