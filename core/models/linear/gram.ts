import { withKernelBlock } from './kernel-block.ts';

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
  return withKernelBlock(q, matrices, (memory) => {
    visit((block, rows, weights, index = 0) => {
      memory.kernel.addGram(memory.bring(block, rows, weights), weights !== undefined, index);
    });
    return Array.from({ length: matrices }, (_, index) => memory.matrix(index));
  });
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
