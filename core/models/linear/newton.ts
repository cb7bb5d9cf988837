import type { EncodedTable } from '../input/encoder.ts';
import { choleskyInPlace, solveCholeskyInto } from './cholesky.ts';
import { conjugateStep, gramPreconditioner } from './conjugate-gradients.ts';
import { blocksOf, designWidth } from './design.ts';
import { requireColumns } from './gram.ts';
import { evaluate, informationAt, informationDiagonalAt } from './log-loss.ts';
import type { LogLossProblem, Point } from './log-loss-problem.ts';
import { dot, norm } from './vectors.ts';

/** The gradient is taken for 0 when no component exceeds this a row. */
const GRADIENT_TOLERANCE = 1e-11;

/** The same where only a start is looked for. */
const START_TOLERANCE = 1e-4;

/** Up to so many coefficients their second derivatives are held as a matrix. */
const MAX_DENSE = 200;

/** Second derivatives serve a further step as long as the last one left less than this of the gradient. */
const REUSE_SHARE = 1 / 30;

/** With more rows than this, a start is looked for on an eighth of them. */
const START_ROWS = 8192;
const START_STRIDE = 8;

/** Most steps on the way to a start. */
const START_STEPS = 10;

/** Share of the decrease that the gradient promises which a step must bring (Armijo). */
const SUFFICIENT_DECREASE = 1e-4;

/** A step that has been halved so often changes nothing any more. */
const MAX_HALVINGS = 40;

/** Whether a minimum was found, and in how many steps. */
export interface Convergence {
  readonly converged: boolean;
  readonly iterations: number;
}

export interface Minimum {
  /** row-major, columns × outputs */
  readonly coefficients: Float64Array;
  readonly convergence: Convergence;
  /**
   * second derivatives of the log-loss of the rows alone, within a few per cent of those at the minimum: the lower
   * triangle of a D × D matrix, row-major, or for more than 200 coefficients their diagonal, D numbers
   */
  readonly information: Float64Array;
}

/**
 * Coefficients of the least penalised log-loss, by Newton's method (iteratively reweighted least squares).
 *
 * The start is the minimum over an eighth of the rows, found in the same way, so that few steps are left to be
 * made on all of them; and second derivatives serve for several steps as long as these come near the minimum fast
 * (Shamanskii 1967). For more than 200 coefficients the equations of a step are solved by conjugate gradients,
 * without ever holding the matrix of second derivatives.
 *
 * @see Nocedal & Wright (2006), Numerical Optimization, 2nd ed., §3.3, §7.1; Lin, Weng & Keerthi (2008), JMLR
 *   9:627–650 (truncated Newton)
 */
export function minimiseLogLoss(
  data: Omit<LogLossProblem, 'blocks'>,
  maxIterations: number,
): Minimum {
  requireColumns('logistic', designWidth(data.design));
  const problem = { ...data, blocks: blocksOf(data.table, data.design) };
  const { coefficients, convergence, information } = descend(
    problem,
    startOf(problem),
    GRADIENT_TOLERANCE,
    maxIterations,
  );
  return {
    coefficients: centred(coefficients, problem.outputs),
    convergence,
    information: information ?? informationAtMinimum(problem, coefficients),
  };
}

function informationAtMinimum(problem: LogLossProblem, at: Float64Array): Float64Array {
  return at.length <= MAX_DENSE ? informationAt(problem, at) : informationDiagonalAt(problem, at);
}

function startOf(problem: LogLossProblem): Float64Array {
  const { table, labels, weights, prior, l2 } = problem;
  if (prior !== undefined) return prior.center;
  const zero = new Float64Array(designWidth(problem.design) * problem.outputs);
  if (table.rows <= START_ROWS) return zero;
  const some = strided(table);
  const fewer: LogLossProblem = {
    ...problem,
    table: some,
    blocks: blocksOf(some, problem.design),
    labels: labels.filter((_, i) => i % START_STRIDE === 0),
    weights: weights?.filter((_, i) => i % START_STRIDE === 0),
    l2: l2 / START_STRIDE,
  };
  return descend(fewer, startOf(fewer), START_TOLERANCE, START_STEPS).coefficients;
}

/** Every eighth row of a table. */
function strided({ rows, columns }: EncodedTable): EncodedTable {
  const length = Math.ceil(rows / START_STRIDE);
  const taken = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
    for (let i = 0; i < length; i++) into[i] = from[i * START_STRIDE];
    return into;
  };
  return {
    rows: length,
    columns: columns.map((column) =>
      column.kind === 'numeric'
        ? { ...column, values: taken(column.values, new Float64Array(length)) }
        : { ...column, codes: taken(column.codes, new Int32Array(length)) },
    ),
  };
}

interface Descent {
  readonly coefficients: Float64Array;
  readonly convergence: Convergence;
  readonly information: Float64Array | undefined;
}

function descend(
  problem: LogLossProblem,
  start: Float64Array,
  tolerance: number,
  maxIterations: number,
): Descent {
  const small = tolerance * Math.max(1, problem.table.rows);
  let point = evaluate(problem, start);
  const stepper = createStepper(problem, point);
  const end = (converged: boolean, iterations: number): Descent => ({
    coefficients: point.coefficients,
    convergence: { converged, iterations },
    information: stepper.information(),
  });
  let iterations = 0;
  while (largest(point.gradient) > small) {
    if (iterations === maxIterations) return end(false, iterations);
    const next = searchAlong(problem, point, stepper.step(point));
    // Where rounding hides any further decrease, the minimum is as near as it can be told.
    if (next === undefined) {
      if (stepper.refresh()) continue;
      return end(true, iterations);
    }
    iterations++;
    stepper.moved(norm(next.gradient) / norm(point.gradient));
    point = next;
  }
  return end(true, iterations);
}

/** Makes steps towards the minimum. */
interface Stepper {
  step(point: Point): Float64Array;
  /** How much of the gradient did the step leave? */
  moved(share: number): void;
  /** Forgets second derivatives of an earlier point; false if there are none. */
  refresh(): boolean;
  information(): Float64Array | undefined;
}

function createStepper(problem: LogLossProblem, start: Point): Stepper {
  if (start.gradient.length <= MAX_DENSE) return denseStepper(problem);
  const precondition = gramPreconditioner(problem);
  const first = norm(start.gradient);
  return {
    step(point) {
      const forcing = Math.min(0.1, Math.sqrt(norm(point.gradient) / first));
      return conjugateStep(problem, point, precondition, forcing);
    },
    moved: () => undefined,
    refresh: () => false,
    information: () => undefined,
  };
}

function denseStepper(problem: LogLossProblem): Stepper {
  const { outputs, l2, prior } = problem;
  const size = designWidth(problem.design) * outputs;
  let information: Float64Array | undefined;
  let factor: Float64Array | undefined;
  let isOld = false;
  const factorAt = (point: Point): Float64Array => {
    information = informationAt(problem, point.coefficients);
    const own = information.map((value, at) => value + (prior?.information[at] ?? 0));
    for (let c = 0; c < size - outputs; c++) own[c * size + c] += l2;
    choleskyInPlace(own, size);
    isOld = false;
    return own;
  };
  return {
    step(point) {
      factor ??= factorAt(point);
      const step = point.gradient.map((value) => -value);
      solveCholeskyInto(factor, size, step, step);
      return step;
    },
    moved(share) {
      isOld = true;
      if (share > REUSE_SHARE) factor = undefined;
    },
    refresh() {
      if (factor === undefined || !isOld) return false;
      factor = undefined;
      return true;
    },
    information: () => information,
  };
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

/** Constants of all classes may be shifted together without changing any probability: their mean is made 0. */
function centred(coefficients: Float64Array, outputs: number): Float64Array {
  if (outputs === 1) return coefficients;
  const own = coefficients.slice();
  const constants = own.subarray(own.length - outputs);
  const mean = constants.reduce((sum, value) => sum + value, 0) / outputs;
  for (let k = 0; k < outputs; k++) constants[k] -= mean;
  return own;
}

function largest(a: Float64Array): number {
  return a.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
}
