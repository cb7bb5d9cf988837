import type { EncodedTable } from '../encoder.ts';
import { choleskyInPlace, solveCholeskyInto } from './cholesky.ts';
import { designWidth, forEachBlock } from './design.ts';
import type { Design } from './design.ts';
import { gramMatrix } from './gram.ts';
import { sigmoid, softmaxRows } from '../softmax.ts';

/** The gradient is taken for 0 when no component exceeds this a row. */
const GRADIENT_TOLERANCE = 1e-11;

/** Most steps of conjugate gradients for one Newton step. */
const MAX_INNER_STEPS = 200;

/** Share of the decrease that the gradient promises which a step must bring (Armijo). */
const SUFFICIENT_DECREASE = 1e-4;

/** A step that has been halved so often changes nothing any more. */
const MAX_HALVINGS = 40;

export interface LogLossProblem {
  readonly table: EncodedTable;
  readonly design: Design;
  /** class of each row */
  readonly labels: Int32Array;
  /** 1 for two classes, of which 1 is the one predicted, else the number of classes */
  readonly outputs: number;
  readonly l2: number;
  readonly maxIterations: number;
}

/** Whether a minimum was found, and in how many Newton steps. */
export interface Convergence {
  readonly converged: boolean;
  readonly iterations: number;
}

interface Point {
  readonly coefficients: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
}

/**
 * Coefficients of the least penalised log-loss, by Newton's method (iteratively reweighted least squares).
 *
 * The equations of a step are solved by conjugate gradients, the more exactly the nearer the minimum is, so
 * that neither the matrix of second derivatives nor the columns of all rows are ever held in memory. Their
 * preconditioner is the fixed bound of that matrix, XᵀX/4 (two classes) or XᵀX/2 a class, plus the penalty.
 *
 * @returns coefficients row-major, columns × outputs
 * @see Lin, Weng & Keerthi (2008), JMLR 9:627–650 (truncated Newton); Böhning (1992), Ann. Inst. Stat. Math.
 *   44:197–200 (the bound)
 */
export function minimiseLogLoss(problem: LogLossProblem): {
  readonly coefficients: Float64Array;
  readonly convergence: Convergence;
} {
  const { table, design, outputs, maxIterations } = problem;
  const tolerance = GRADIENT_TOLERANCE * Math.max(1, table.rows);
  let point = evaluate(problem, new Float64Array(designWidth(design) * outputs));
  const precondition = preconditioner(problem);
  const first = norm(point.gradient);
  let converged = largest(point.gradient) <= tolerance;
  let iterations = 0;
  while (!converged && iterations < maxIterations) {
    const forcing = Math.min(0.1, Math.sqrt(norm(point.gradient) / first));
    const step = newtonStep(problem, point, precondition, forcing);
    const next = searchAlong(problem, point, step);
    // Where rounding hides any further decrease, the minimum is as near as it can be told.
    if (next === undefined) return result(point, true, iterations, outputs);
    iterations++;
    point = next;
    converged = largest(point.gradient) <= tolerance;
  }
  return result(point, converged, iterations, outputs);
}

function result(
  { coefficients }: Point,
  converged: boolean,
  iterations: number,
  outputs: number,
): ReturnType<typeof minimiseLogLoss> {
  return { coefficients: centred(coefficients, outputs), convergence: { converged, iterations } };
}

/** Constants of all classes may be shifted together without changing any probability: their mean is made 0. */
function centred(coefficients: Float64Array, outputs: number): Float64Array {
  if (outputs === 1) return coefficients;
  const own = coefficients.slice();
  const constants = own.subarray(own.length - outputs);
  const mean = constants.reduce((sum, value) => sum + value, 0) / outputs;
  for (let k = 0; k < outputs; k++) constants[k] -= mean;
  return own;
}

/** Loss and gradient. */
function evaluate(problem: LogLossProblem, coefficients: Float64Array): Point {
  const { table, design, labels, outputs, l2 } = problem;
  const q = designWidth(design);
  const gradient = new Float64Array(q * outputs);
  let loss = 0;
  forEachBlock(table, design, (block, from, rows) => {
    const scores = timesBlock(block, rows, q, coefficients, outputs);
    for (let i = 0; i < rows; i++) {
      loss += rowLoss(scores.subarray(i * outputs, (i + 1) * outputs), labels[from + i]);
    }
    toProbabilities(scores, outputs);
    for (let i = 0; i < rows; i++) {
      if (outputs === 1) scores[i] -= labels[from + i];
      else scores[i * outputs + labels[from + i]] -= 1;
    }
    addTransposedBlock(block, rows, q, scores, outputs, gradient);
  });
  for (let at = 0; at < (q - 1) * outputs; at++) {
    loss += (l2 / 2) * coefficients[at] * coefficients[at];
    gradient[at] += l2 * coefficients[at];
  }
  return { coefficients, loss, gradient };
}

function rowLoss(scores: Float64Array, label: number): number {
  if (scores.length === 1) {
    const wrong = label === 1 ? -scores[0] : scores[0];
    return Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong)));
  }
  let high = -Infinity;
  for (const score of scores) high = Math.max(high, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - high);
  return high + Math.log(sum) - scores[label];
}

/** Second derivatives times a direction. */
function curvature(
  problem: LogLossProblem,
  at: Float64Array,
  direction: Float64Array,
): Float64Array {
  const { table, design, outputs, l2 } = problem;
  const q = designWidth(design);
  const out = new Float64Array(q * outputs);
  forEachBlock(table, design, (block, _, rows) => {
    const shares = timesBlock(block, rows, q, at, outputs);
    toProbabilities(shares, outputs);
    const along = timesBlock(block, rows, q, direction, outputs);
    for (let i = 0; i < rows; i++) {
      if (outputs === 1) {
        along[i] *= shares[i] * (1 - shares[i]);
        continue;
      }
      let mean = 0;
      for (let c = i * outputs; c < (i + 1) * outputs; c++) mean += shares[c] * along[c];
      for (let c = i * outputs; c < (i + 1) * outputs; c++)
        along[c] = shares[c] * (along[c] - mean);
    }
    addTransposedBlock(block, rows, q, along, outputs, out);
  });
  for (let c = 0; c < (q - 1) * outputs; c++) out[c] += l2 * direction[c];
  return out;
}

/** Solves curvature · step = −gradient by preconditioned conjugate gradients, to a share `forcing` of the gradient. */
function newtonStep(
  problem: LogLossProblem,
  { coefficients, gradient }: Point,
  precondition: (residual: Float64Array) => Float64Array,
  forcing: number,
): Float64Array {
  const step = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  let conditioned = precondition(residual);
  let direction = conditioned.slice();
  let product = dot(residual, conditioned);
  const target = forcing * forcing * product;
  for (let inner = 0; inner < MAX_INNER_STEPS && product > target; inner++) {
    const curved = curvature(problem, coefficients, direction);
    const bend = dot(direction, curved);
    if (!(bend > 0)) break;
    const length = product / bend;
    for (let c = 0; c < step.length; c++) {
      step[c] += length * direction[c];
      residual[c] -= length * curved[c];
    }
    conditioned = precondition(residual);
    const next = dot(residual, conditioned);
    const keep = next / product;
    direction = conditioned.map((value, c) => value + keep * direction[c]);
    product = next;
  }
  return step;
}

/** The first of the points at 1, ½, ¼, … of a step that decreases the loss enough; undefined if there is none. */
function searchAlong(problem: LogLossProblem, from: Point, step: Float64Array): Point | undefined {
  const slope = dot(from.gradient, step);
  if (!(slope < 0)) return undefined;
  for (let halving = 0, length = 1; halving < MAX_HALVINGS; halving++, length /= 2) {
    const moved = from.coefficients.map((value, c) => value + length * step[c]);
    const point = evaluate(problem, moved);
    if (point.loss <= from.loss + SUFFICIENT_DECREASE * length * slope) return point;
    // So near the minimum that the loss is all rounding, the gradient still tells.
    const indistinct = Math.abs(point.loss - from.loss) <= 1e-12 * Math.abs(from.loss);
    if (indistinct && norm(point.gradient) < 0.5 * norm(from.gradient)) return point;
  }
  return undefined;
}

function preconditioner(problem: LogLossProblem): (residual: Float64Array) => Float64Array {
  const { table, design, outputs, l2 } = problem;
  const q = designWidth(design);
  const factor = gramMatrix('logistic', table, design);
  const bound = outputs === 1 ? 0.25 : 0.5;
  for (let c = 0; c < factor.length; c++) factor[c] *= bound;
  for (let j = 0; j < q - 1; j++) factor[j * q + j] += l2;
  choleskyInPlace(factor, q);
  const column = new Float64Array(q);
  return (residual) => {
    const out = new Float64Array(residual.length);
    for (let k = 0; k < outputs; k++) {
      for (let j = 0; j < q; j++) column[j] = residual[j * outputs + k];
      solveCholeskyInto(factor, q, column, column);
      for (let j = 0; j < q; j++) out[j * outputs + k] = column[j];
    }
    return out;
  };
}

/** X·B of a block: row-major, rows × outputs. */
function timesBlock(
  block: Float64Array,
  rows: number,
  q: number,
  coefficients: Float64Array,
  outputs: number,
): Float64Array {
  const out = new Float64Array(rows * outputs);
  if (outputs === 1) {
    for (let i = 0, at = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < q; j++) sum += block[at++] * coefficients[j];
      out[i] = sum;
    }
    return out;
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < q; j++) {
      const x = block[i * q + j];
      if (x === 0) continue;
      for (let k = 0; k < outputs; k++) out[i * outputs + k] += x * coefficients[j * outputs + k];
    }
  }
  return out;
}

/** Adds XᵀR of a block to `out`: row-major, columns × outputs. */
function addTransposedBlock(
  block: Float64Array,
  rows: number,
  q: number,
  values: Float64Array,
  outputs: number,
  out: Float64Array,
): void {
  if (outputs === 1) {
    for (let i = 0, at = 0; i < rows; i++) {
      const value = values[i];
      for (let j = 0; j < q; j++) out[j] += block[at++] * value;
    }
    return;
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < q; j++) {
      const x = block[i * q + j];
      if (x === 0) continue;
      for (let k = 0; k < outputs; k++) out[j * outputs + k] += x * values[i * outputs + k];
    }
  }
}

function toProbabilities(scores: Float64Array, outputs: number): void {
  if (outputs > 1) softmaxRows(scores, outputs);
  else for (let i = 0; i < scores.length; i++) scores[i] = sigmoid(scores[i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function largest(a: Float64Array): number {
  return a.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
}
