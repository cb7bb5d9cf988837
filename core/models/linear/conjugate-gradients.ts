import { choleskyInPlace, solveCholeskyInto } from './cholesky.ts';
import { designWidth } from './design.ts';
import { sumGrams } from './gram.ts';
import { curvatureAlong } from './log-loss.ts';
import type { LogLossProblem, Point } from './log-loss-problem.ts';
import { dot } from './vectors.ts';

/** Most steps of conjugate gradients for one Newton step. */
const MAX_INNER_STEPS = 200;

type Precondition = (residual: Float64Array) => Float64Array;

/** Solves curvature · step = −gradient by preconditioned conjugate gradients, to a share `forcing` of the gradient. */
export function conjugateStep(
  problem: LogLossProblem,
  { coefficients, gradient }: Point,
  precondition: Precondition,
  forcing: number,
): Float64Array {
  const step = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  let conditioned = precondition(residual);
  let direction = conditioned.slice();
  let product = dot(residual, conditioned);
  const target = forcing * forcing * product;
  for (let inner = 0; inner < MAX_INNER_STEPS && product > target; inner++) {
    const curved = curvatureAlong(problem, coefficients, direction);
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

/**
 * The fixed bound of the second derivatives, XᵀWX/4 (two classes) or XᵀWX/2 a class, plus the penalty.
 * @see Böhning (1992), Ann. Inst. Stat. Math. 44:197–200
 */
export function gramPreconditioner(problem: LogLossProblem): Precondition {
  const { blocks, design, weights, outputs, l2 } = problem;
  const q = designWidth(design);
  const [factor = new Float64Array(0)] = sumGrams(q, 1, (add) => {
    blocks((block, from, rows) => add(block, rows, weights?.subarray(from, from + rows)));
  });
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
