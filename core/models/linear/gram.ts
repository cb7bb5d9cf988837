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
 * Adds XᵀWX of a block of rows to the lower triangle of `out`.
 *
 * Four rows at a time, so that an element of `out` is read and written once for them.
 * @param block row-major, rows × q
 * @param weights one a row; absent: all 1
 * @param out row-major, q × q
 */
export function addGramBlock(
  block: Float64Array,
  rows: number,
  q: number,
  weights: Float64Array | undefined,
  out: Float64Array,
): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const first = row * q;
    const w0 = weights === undefined ? 1 : weights[row];
    const w1 = weights === undefined ? 1 : weights[row + 1];
    const w2 = weights === undefined ? 1 : weights[row + 2];
    const w3 = weights === undefined ? 1 : weights[row + 3];
    for (let i = 0; i < q; i++) {
      let at = first + i;
      const x0 = w0 * block[at];
      const x1 = w1 * block[(at += q)];
      const x2 = w2 * block[(at += q)];
      const x3 = w3 * block[at + q];
      // Most columns of categories are 0 in most rows.
      if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
      const own = i * q;
      for (let j = 0; j <= i; j++) {
        let other = first + j;
        let sum = x0 * block[other];
        sum += x1 * block[(other += q)];
        sum += x2 * block[(other += q)];
        out[own + j] += sum + x3 * block[other + q];
      }
    }
  }
  for (; row < rows; row++) {
    const first = row * q;
    for (let i = 0; i < q; i++) {
      const x = (weights === undefined ? 1 : weights[row]) * block[first + i];
      if (x === 0) continue;
      for (let j = 0; j <= i; j++) out[i * q + j] += x * block[first + j];
    }
  }
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
