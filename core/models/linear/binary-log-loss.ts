import { designWidth } from './design.ts';
import { withKernelBlock } from './kernel-block.ts';
import type { LogLossProblem, Point } from './log-loss-problem.ts';

/** The log-loss of the rows of a problem of two classes, without penalty and prior, and its gradient. */
export function binaryLogLoss(
  { blocks, design, labels, weights }: LogLossProblem,
  coefficients: Float64Array,
): Pick<Point, 'loss' | 'gradient'> {
  return withKernelBlock(designWidth(design), 0, (memory) => {
    const { kernel, gradient, smalls } = memory;
    memory.coefficients.set(coefficients);
    let loss = 0;
    blocks((block, from, rows) => {
      const own = weights?.subarray(from, from + rows);
      const filled = memory.bring(block, rows, own, labels.subarray(from, from + rows));
      loss += kernel.addLogLoss(filled, own !== undefined);
      loss += logarithms(smalls.subarray(0, rows), own);
    });
    return { loss, gradient: gradient.slice() };
  });
}

/** Σ w·ln(1 + s) for s up to 1. */
function logarithms(smalls: Float64Array, weights: Float64Array | undefined): number {
  if (weights === undefined) {
    // One logarithm, of a product that for the rows of a block is far from the largest number.
    return Math.log(smalls.reduce((product, small) => product * (1 + small), 1));
  }
  return smalls.reduce((sum, small, i) => sum + weights[i] * Math.log1p(small), 0);
}

/** Second derivatives of that loss: row-major, q × q, the lower triangle filled. */
export function binaryInformation(
  { blocks, design, weights }: LogLossProblem,
  coefficients: Float64Array,
): Float64Array {
  return withKernelBlock(designWidth(design), 1, (memory) => {
    const { kernel } = memory;
    memory.coefficients.set(coefficients);
    blocks((block, from, rows) => {
      const own = weights?.subarray(from, from + rows);
      const filled = memory.bring(block, rows, own);
      kernel.weighByCurvature(filled, own !== undefined);
      kernel.addGram(filled, true, 0);
    });
    return memory.matrix(0);
  });
}
