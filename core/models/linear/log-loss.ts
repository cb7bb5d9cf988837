import { softmaxRows } from '../softmax.ts';
import { binaryInformation, binaryLogLoss } from './binary-log-loss.ts';
import { addTransposedBlock, timesBlockInto } from './block-products.ts';
import { BLOCK_ROWS, designWidth } from './design.ts';
import { sumGrams } from './gram.ts';
import { addInformation, priorAt } from './laplace-prior.ts';
import type { LogLossProblem, Point } from './log-loss-problem.ts';

/** Loss and gradient at some coefficients. */
export function evaluate(problem: LogLossProblem, coefficients: Float64Array): Point {
  const { design, outputs, l2, prior } = problem;
  const ofRows = outputs === 1 ? binaryLogLoss : multinomialLogLoss;
  const { loss: own, gradient } = ofRows(problem, coefficients);
  let loss = own;
  for (let at = 0; at < (designWidth(design) - 1) * outputs; at++) {
    loss += (l2 / 2) * coefficients[at] * coefficients[at];
    gradient[at] += l2 * coefficients[at];
  }
  if (prior !== undefined) loss += priorAt(prior, coefficients, gradient);
  return { coefficients, loss, gradient };
}

function multinomialLogLoss(
  { blocks, design, labels, weights, outputs }: LogLossProblem,
  coefficients: Float64Array,
): Pick<Point, 'loss' | 'gradient'> {
  const q = designWidth(design);
  const gradient = new Float64Array(q * outputs);
  const scores = new Float64Array(BLOCK_ROWS * outputs);
  let loss = 0;
  blocks((block, from, rows) => {
    timesBlockInto(block, rows, q, coefficients, outputs, scores);
    const own = labels.subarray(from, from + rows);
    const weight = weights?.subarray(from, from + rows);
    loss += multinomialResiduals(scores.subarray(0, rows * outputs), own, weight, outputs);
    addTransposedBlock(block, rows, q, scores, outputs, gradient);
  });
  return { loss, gradient };
}

/** Turns scores into probabilities less outcomes, times weights; returns the log-loss. */
function multinomialResiduals(
  scores: Float64Array,
  labels: Int32Array,
  weights: Float64Array | undefined,
  outputs: number,
): number {
  let loss = 0;
  for (let i = 0, first = 0; i < labels.length; i++, first += outputs) {
    let high = -Infinity;
    for (let k = 0; k < outputs; k++) high = Math.max(high, scores[first + k]);
    const own = scores[first + labels[i]] - high;
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += scores[first + k] = Math.exp(scores[first + k] - high);
    const weight = weights === undefined ? 1 : weights[i];
    loss += weight * (Math.log(sum) - own);
    for (let k = 0; k < outputs; k++) scores[first + k] *= weight / sum;
    scores[first + labels[i]] -= weight;
  }
  return loss;
}

/** Second derivatives times a direction, without ever holding them. */
export function curvatureAlong(
  problem: LogLossProblem,
  at: Float64Array,
  direction: Float64Array,
): Float64Array {
  const { blocks, design, weights, outputs, l2, prior } = problem;
  const q = designWidth(design);
  const out = new Float64Array(q * outputs);
  const shares = new Float64Array(BLOCK_ROWS * outputs);
  const along = new Float64Array(BLOCK_ROWS * outputs);
  blocks((block, from, rows) => {
    timesBlockInto(block, rows, q, at, outputs, shares);
    toProbabilities(shares.subarray(0, rows * outputs), outputs);
    timesBlockInto(block, rows, q, direction, outputs, along);
    for (let i = 0; i < rows; i++) {
      const weight = weights === undefined ? 1 : weights[from + i];
      if (outputs === 1) {
        along[i] *= weight * shares[i] * (1 - shares[i]);
        continue;
      }
      let mean = 0;
      const end = (i + 1) * outputs;
      for (let c = i * outputs; c < end; c++) mean += shares[c] * along[c];
      for (let c = i * outputs; c < end; c++) along[c] = weight * shares[c] * (along[c] - mean);
    }
    addTransposedBlock(block, rows, q, along, outputs, out);
  });
  for (let c = 0; c < (q - 1) * outputs; c++) out[c] += l2 * direction[c];
  if (prior !== undefined) addInformation(prior, direction, out);
  return out;
}

/**
 * Second derivatives of the log-loss of the rows alone, without penalty and prior: the information in them.
 * @returns row-major, D × D for D = columns × outputs, the lower triangle filled
 */
export function informationAt(problem: LogLossProblem, at: Float64Array): Float64Array {
  if (problem.outputs === 1) return binaryInformation(problem, at);
  const { blocks, design, weights, outputs } = problem;
  const q = designWidth(design);
  const shares = new Float64Array(BLOCK_ROWS * outputs);
  const own = new Float64Array(BLOCK_ROWS);
  const pairs = sumGrams(q, (outputs * (outputs + 1)) / 2, (add) => {
    blocks((block, from, rows) => {
      timesBlockInto(block, rows, q, at, outputs, shares);
      toProbabilities(shares.subarray(0, rows * outputs), outputs);
      for (let k = 0, pair = 0; k < outputs; k++) {
        for (let l = 0; l <= k; l++, pair++) {
          for (let i = 0; i < rows; i++) {
            const p = shares[i * outputs + k];
            const weight = weights === undefined ? 1 : weights[from + i];
            own[i] = weight * p * (k === l ? 1 - p : -shares[i * outputs + l]);
          }
          add(block, rows, own, pair);
        }
      }
    });
  });
  return interleaved(pairs, q, outputs);
}

/** One matrix of the matrices of pairs of outputs. */
function interleaved(pairs: readonly Float64Array[], q: number, outputs: number): Float64Array {
  const size = q * outputs;
  const out = new Float64Array(size * size);
  for (let i = 0; i < q; i++) {
    for (let j = 0; j <= i; j++) {
      for (let k = 0; k < outputs; k++) {
        for (let l = 0; l < outputs; l++) {
          const pair = k >= l ? (k * (k + 1)) / 2 + l : (l * (l + 1)) / 2 + k;
          out[(i * outputs + k) * size + j * outputs + l] = pairs[pair][i * q + j];
        }
      }
    }
  }
  return out;
}

/** The diagonal of `informationAt`. */
export function informationDiagonalAt(problem: LogLossProblem, at: Float64Array): Float64Array {
  const { blocks, design, weights, outputs } = problem;
  const q = designWidth(design);
  const shares = new Float64Array(BLOCK_ROWS * outputs);
  const out = new Float64Array(q * outputs);
  blocks((block, from, rows) => {
    timesBlockInto(block, rows, q, at, outputs, shares);
    toProbabilities(shares.subarray(0, rows * outputs), outputs);
    for (let i = 0; i < rows; i++) {
      const weight = weights === undefined ? 1 : weights[from + i];
      for (let j = 0; j < q; j++) {
        const square = weight * block[i * q + j] ** 2;
        if (square === 0) continue;
        for (let k = 0; k < outputs; k++) {
          const p = shares[i * outputs + k];
          out[j * outputs + k] += square * p * (1 - p);
        }
      }
    }
  });
  return out;
}

function toProbabilities(scores: Float64Array, outputs: number): void {
  if (outputs > 1) {
    softmaxRows(scores, outputs);
    return;
  }
  for (let i = 0; i < scores.length; i++) scores[i] = 1 / (1 + Math.exp(-scores[i]));
}
