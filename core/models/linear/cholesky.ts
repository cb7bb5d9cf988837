/** A pivot this small a share of its diagonal is rounding: the column is a combination of those before it. */
const SINGULAR_SHARE = 1e-11;

/**
 * Cholesky factor L of a symmetric positive semidefinite matrix A = L·Lᵀ.
 *
 * A column that is a combination of those before it gets a zero row and column, and `solveCholeskyInto` the
 * solution 0, so that of several solutions the one without it is taken.
 *
 * @param matrix row-major, q × q; its lower triangle is read and overwritten by L
 * @see Golub & Van Loan (2013), Matrix Computations, 4th ed., §4.2
 */
export function choleskyInPlace(matrix: Float64Array, q: number): void {
  for (let i = 0; i < q; i++) {
    const own = i * q;
    const diagonal = matrix[own + i];
    for (let j = 0; j <= i; j++) {
      const other = j * q;
      let sum = matrix[own + j];
      for (let k = 0; k < j; k++) sum -= matrix[own + k] * matrix[other + k];
      if (j < i) matrix[own + j] = matrix[other + j] === 0 ? 0 : sum / matrix[other + j];
      else matrix[own + i] = sum > SINGULAR_SHARE * diagonal ? Math.sqrt(sum) : 0;
    }
    if (matrix[own + i] === 0) matrix.fill(0, own, own + i);
  }
}

/** Solves L·Lᵀ·x = b for a factor of `choleskyInPlace`; `b` and `out` may be the same. */
export function solveCholeskyInto(
  factor: Float64Array,
  q: number,
  b: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < q; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= factor[i * q + k] * out[k];
    out[i] = factor[i * q + i] === 0 ? 0 : sum / factor[i * q + i];
  }
  for (let i = q - 1; i >= 0; i--) {
    let sum = out[i];
    for (let k = i + 1; k < q; k++) sum -= factor[k * q + i] * out[k];
    out[i] = factor[i * q + i] === 0 ? 0 : sum / factor[i * q + i];
  }
}
