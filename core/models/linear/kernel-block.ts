import { MEMORY_START, reserve } from '../../web-assembly.ts';
import { BLOCK_ROWS } from './design.ts';
import { withLinearKernel } from './kernel/kernel.ts';
import type { LinearKernel } from './kernel/kernel.ts';

/** A kernel with memory for blocks of at most `BLOCK_ROWS` rows, and for what is summed up over them. */
export interface KernelBlock {
  readonly kernel: LinearKernel;
  /** one a column; all 0 at first */
  readonly coefficients: Float64Array;
  readonly gradient: Float64Array;
  /** e^−|score| of each row, see the kernel's `addLogLoss` */
  readonly smalls: Float64Array;
  /**
   * Brings in a block.
   * @param block row-major, rows × q
   * @param weights one a row; absent: they do not count
   * @param labels of the rows, 0 or 1, where they are asked for
   * @returns the number of rows, filled up to a multiple of four with rows of zeros
   */
  bring(block: Float64Array, rows: number, weights?: Float64Array, labels?: Int32Array): number;
  /** The lower triangle of a matrix of sums, row-major, q × q; the others are 0. */
  matrix(index: number): Float64Array;
}

/**
 * Lends a kernel for blocks of q columns.
 * @param matrices of sums that there is to be room for
 * @throws RangeError if there can be no such memory
 */
export function withKernelBlock<T>(q: number, matrices: number, use: (block: KernelBlock) => T): T {
  return withLinearKernel((kernel) => {
    const end = kernel.layout(MEMORY_START, BLOCK_ROWS, q, matrices);
    reserve(kernel.memory, end, `products of ${q} columns`);
    return use(kernelBlock(kernel, q, matrices));
  });
}

function kernelBlock(kernel: LinearKernel, q: number, matrices: number): KernelBlock {
  const { buffer } = kernel.memory;
  const stride = kernel.stride.value;
  const own = new Float64Array(buffer, kernel.block.value, BLOCK_ROWS * q);
  const ownWeights = new Float64Array(buffer, kernel.weights.value, BLOCK_ROWS);
  const outcomes = new Float64Array(buffer, kernel.outcomes.value, BLOCK_ROWS);
  const coefficients = new Float64Array(buffer, kernel.coefficients.value, stride);
  const gradient = new Float64Array(buffer, kernel.gradient.value, stride);
  const grams = new Float64Array(buffer, kernel.grams.value, matrices * stride * stride);
  for (const sums of [coefficients, gradient, grams]) sums.fill(0);
  return {
    kernel,
    coefficients: coefficients.subarray(0, q),
    gradient: gradient.subarray(0, q),
    smalls: new Float64Array(buffer, kernel.smalls.value, BLOCK_ROWS),
    bring(block, rows, weights, labels) {
      const filled = Math.ceil(rows / 4) * 4;
      own.set(block.subarray(0, rows * q));
      own.fill(0, rows * q, filled * q);
      if (weights !== undefined) ownWeights.set(weights.subarray(0, rows));
      if (labels !== undefined) outcomes.set(labels);
      ownWeights.fill(0, rows, filled);
      outcomes.fill(0, rows, filled);
      return filled;
    },
    matrix(index) {
      const out = new Float64Array(q * q);
      const from = index * stride * stride;
      for (let i = 0; i < q; i++) {
        out.set(grams.subarray(from + i * stride, from + i * stride + i + 1), i * q);
      }
      return out;
    },
  };
}
