import type { EncodedTable } from '../input/encoder.ts';
import type { Design, Blocks } from './design.ts';
import type { LaplacePrior } from './laplace-prior.ts';

/** What logistic regression makes small: the penalised log-loss of the rows of a table. */
export interface LogLossProblem {
  readonly table: EncodedTable;
  readonly design: Design;
  /** of the table by the design */
  readonly blocks: Blocks;
  /** class of each row */
  readonly labels: Int32Array;
  /** of the rows, above 0; absent: all 1 */
  readonly weights: Float64Array | undefined;
  /** 1 for two classes, of which 1 is the one predicted, else the number of classes */
  readonly outputs: number;
  readonly l2: number;
  /** what rows that are no longer there had to say; absent: nothing */
  readonly prior?: LaplacePrior | undefined;
}

/** Coefficients, row-major, columns × outputs, with the loss there and its derivatives. */
export interface Point {
  readonly coefficients: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
}
