import { sigmoid } from '../softmax.ts';
import { weightOf } from '../input/weights.ts';
import { logOdds, requireBinary } from './binary-sample.ts';

/** A calibrated probability is sigmoid(slope · logit(p) + intercept); slope 1 and intercept 0 change nothing. */
export interface PlattParams {
  readonly kind: 'platt';
  readonly slope: number;
  readonly intercept: number;
}

const MAX_ITERATIONS = 100;

/** The likelihood is met when no derivative, a row, is larger. */
const GRADIENT_TOLERANCE = 1e-10;

/** Added to the diagonal of the Hessian, so that constant scores can be solved (Lin, Lin & Weng's σ). */
const RIDGE = 1e-12;

const SMALLEST_STEP = 1e-10;

/**
 * Platt scaling: a logistic regression of the outcome on the log-odds that the model gave.
 *
 * Maximises Σ t_i ln q_i + (1 − t_i) ln(1 − q_i), q_i = sigmoid(a·logit(p_i) + b), where the targets are
 * t = (n₊ + 1)/(n₊ + 2) of positives and 1/(n₋ + 2) of negatives, so that separable outcomes have a finite
 * fit. Newton's method with backtracking.
 *
 * @param probabilities n probabilities of the positive class, in [0, 1]
 * @param outcomes n outcomes, 1 = positive, 0 = negative
 * @param weights of the rows, above 0; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if n is 0, the lengths differ, or a value is out of range
 * @see Platt (1999), Advances in Large Margin Classifiers 61–74; Lin, Lin & Weng (2007), Machine Learning
 *   68:267–276
 */
export function fitPlatt(
  probabilities: Float64Array,
  outcomes: Int32Array,
  weights?: Float64Array,
): PlattParams {
  requireBinary('platt', probabilities, outcomes, weights);
  const total = weightOf(outcomes, weights);
  const own = weights ?? new Float64Array(outcomes.length).fill(1);
  const sample = {
    scores: probabilities.map(logOdds),
    targets: smoothedTargets(outcomes, own, total),
    weights: own,
  };
  let slope = 1;
  let intercept = 0;
  let loss = lossOf(sample, slope, intercept);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { gradient, step } = newtonStep(sample, slope, intercept);
    if (gradient < GRADIENT_TOLERANCE * total) break;
    let scale = 1;
    let next = lossOf(sample, slope - step[0], intercept - step[1]);
    while (!(next < loss) && scale > SMALLEST_STEP) {
      scale /= 2;
      next = lossOf(sample, slope - scale * step[0], intercept - scale * step[1]);
    }
    if (!(next < loss)) break;
    slope -= scale * step[0];
    intercept -= scale * step[1];
    loss = next;
  }
  return { kind: 'platt', slope, intercept };
}

/**
 * Calibrated probabilities of the positive class.
 * @param probabilities in [0, 1]
 */
export function applyPlatt(
  { slope, intercept }: PlattParams,
  probabilities: Float64Array,
): Float64Array {
  return probabilities.map((p) => sigmoid(slope * logOdds(p) + intercept));
}

/** Of each row: log-odds, the outcome aimed at, weight. */
interface PlattSample {
  readonly scores: Float64Array;
  readonly targets: Float64Array;
  readonly weights: Float64Array;
}

function smoothedTargets(outcomes: Int32Array, weights: Float64Array, total: number): Float64Array {
  let positives = 0;
  outcomes.forEach((outcome, i) => (positives += outcome * weights[i]));
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (total - positives + 2);
  return Float64Array.from(outcomes, (outcome) => (outcome === 1 ? high : low));
}

function lossOf(
  { scores, targets, weights }: PlattSample,
  slope: number,
  intercept: number,
): number {
  let loss = 0;
  for (let i = 0; i < scores.length; i++) {
    const z = slope * scores[i] + intercept;
    // ln(1 + e^z) − t·z without overflow
    const own = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - targets[i] * z;
    loss += weights[i] * own;
  }
  return loss;
}

function newtonStep(
  { scores, targets, weights }: PlattSample,
  slope: number,
  intercept: number,
): { readonly gradient: number; readonly step: readonly [number, number] } {
  let gradientSlope = 0;
  let gradientIntercept = 0;
  let h11 = RIDGE;
  let h12 = 0;
  let h22 = RIDGE;
  for (let i = 0; i < scores.length; i++) {
    const x = scores[i];
    const q = sigmoid(slope * x + intercept);
    const weight = weights[i] * q * (1 - q);
    const residual = weights[i] * (q - targets[i]);
    gradientSlope += residual * x;
    gradientIntercept += residual;
    h11 += weight * x * x;
    h12 += weight * x;
    h22 += weight;
  }
  const determinant = h11 * h22 - h12 * h12;
  return {
    gradient: Math.max(Math.abs(gradientSlope), Math.abs(gradientIntercept)),
    step: [
      (h22 * gradientSlope - h12 * gradientIntercept) / determinant,
      (h11 * gradientIntercept - h12 * gradientSlope) / determinant,
    ],
  };
}
