import { MEMORY_START, reserve } from '../web-assembly.ts';
import { BLOCK_ROWS } from './design.ts';
import { withLinearKernel } from './kernel/kernel.ts';
import type { LinearKernel } from './kernel/kernel.ts';

/** Most columns of a linear model: the products of all pairs then take 128 MB, and solving some ten seconds. */
const MAX_COLUMNS = 4000;

/**
 * Is the number of columns one that a linear model can have?
 * @throws RangeError if there are more than 4000
 */
export function requireColumns(estimator: string, q: number): void {
  if (q <= MAX_COLUMNS) return;
  throw new RangeError(
    `${estimator}: ${q} columns, numbers and categories, at most ${MAX_COLUMNS} are supported; ignore some, or use the estimator 'forest'`,
  );
}

/**
 * Adds XᵀWX of a block of rows to one of the matrices.
 * @param block row-major, rows × q
 * @param weights one a row; absent: all 1
 */
export type AddGram = (
  block: Float64Array,
  rows: number,
  weights?: Float64Array,
  matrix?: number,
) => void;

/**
 * Sums of products of all pairs of columns, over blocks of at most `BLOCK_ROWS` rows.
 * @param matrices how many there are to add to
 * @param visit adds all blocks
 * @returns row-major, q × q, the lower triangle filled
 */
export function sumGrams(
  q: number,
  matrices: number,
  visit: (add: AddGram) => void,
): readonly Float64Array[] {
  return withLinearKernel((kernel) => {
    const end = kernel.layout(MEMORY_START, BLOCK_ROWS, q, matrices);
    reserve(kernel.memory, end, `products of ${q} columns`);
    const stride = kernel.stride.value;
    const { buffer } = kernel.memory;
    const all = new Float64Array(buffer, kernel.grams.value, matrices * stride * stride);
    all.fill(0);
    visit(gramAdder(kernel, q));
    return Array.from({ length: matrices }, (_, matrix) =>
      lowerTriangle(all.subarray(matrix * stride * stride), stride, q),
    );
  });
}

function gramAdder(kernel: LinearKernel, q: number): AddGram {
  const { buffer } = kernel.memory;
  const block = new Float64Array(buffer, kernel.block.value, BLOCK_ROWS * q);
  const weights = new Float64Array(buffer, kernel.weights.value, BLOCK_ROWS);
  return (values, rows, own, matrix = 0) => {
    const filled = Math.ceil(rows / 4) * 4;
    block.set(values.subarray(0, rows * q));
    block.fill(0, rows * q, filled * q);
    if (own !== undefined) {
      weights.set(own.subarray(0, rows));
      weights.fill(0, rows, filled);
    }
    kernel.addGram(filled, own !== undefined, matrix);
  };
}

function lowerTriangle(gram: Float64Array, stride: number, q: number): Float64Array {
  const out = new Float64Array(q * q);
  for (let i = 0; i < q; i++) {
    out.set(gram.subarray(i * stride, i * stride + i + 1), i * q);
  }
  return out;
}

/** The lower triangle of a q × q matrix, row by row. */
export function packTriangle(matrix: Float64Array, q: number): Float64Array {
  const packed = new Float64Array((q * (q + 1)) / 2);
  for (let i = 0, at = 0; i < q; at += ++i) packed.set(matrix.subarray(i * q, i * q + i + 1), at);
  return packed;
}

/** The symmetric q × q matrix of a packed triangle. */
export function unpackTriangle(packed: Float64Array, q: number): Float64Array {
  const matrix = new Float64Array(q * q);
  for (let i = 0, at = 0; i < q; i++) {
    for (let j = 0; j <= i; j++, at++) matrix[i * q + j] = matrix[j * q + i] = packed[at];
  }
  return matrix;
}
