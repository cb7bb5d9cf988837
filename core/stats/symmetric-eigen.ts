/** Eigenvalues of a symmetric matrix with their vectors. */
export interface SymmetricEigen {
  /** p values in descending order */
  readonly values: Float64Array;
  /** row-major, p × p: row k is the unit eigenvector of values[k] */
  readonly vectors: Float64Array;
}

/** Jacobi's method converges quadratically: 6 to 10 sweeps are usual. */
const MAX_SWEEPS = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations: slower than tridiagonal
 * methods for hundreds of rows, but as short as it is accurate.
 *
 * @param matrix row-major, p × p, finite, symmetric; not changed
 * @throws RangeError if the length is not p², or the rotations do not converge
 * @see Golub & Van Loan (2013), Matrix Computations, 4th ed., section 8.5. O(p³) a sweep.
 */
export function symmetricEigen(matrix: Float64Array, p: number): SymmetricEigen {
  if (matrix.length !== p * p) {
    throw new RangeError(`eigen: a ${p} × ${p} matrix has ${p * p} elements, got ${matrix.length}`);
  }
  const a = matrix.slice();
  const vectors = new Float64Array(p * p);
  for (let k = 0; k < p; k++) vectors[k * p + k] = 1;
  for (let sweep = 0; !isDiagonal(a, p); sweep++) {
    if (sweep === MAX_SWEEPS) {
      throw new RangeError(
        `eigen: no convergence in ${MAX_SWEEPS} sweeps; are all elements finite?`,
      );
    }
    for (let i = 0; i < p; i++) for (let j = i + 1; j < p; j++) rotate(a, vectors, p, i, j);
  }
  const order = Array.from({ length: p }, (_, k) => k).sort(
    (k, l) => a[l * p + l] - a[k * p + k] || k - l,
  );
  return {
    values: Float64Array.from(order, (k) => a[k * p + k]),
    vectors: Float64Array.from(
      vectors,
      (_, at) => vectors[order[Math.floor(at / p)] * p + (at % p)],
    ),
  };
}

/** Are the elements beside the diagonal nothing next to the whole matrix? */
function isDiagonal(a: Float64Array, p: number): boolean {
  let beside = 0;
  let all = 0;
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      const square = a[i * p + j] * a[i * p + j];
      all += square;
      if (i !== j) beside += square;
    }
  }
  return beside <= all * Number.EPSILON ** 2;
}

/** Annihilates a[i, j] by a rotation of the plane of i and j; the rows of `vectors` follow. */
function rotate(a: Float64Array, vectors: Float64Array, p: number, i: number, j: number): void {
  const element = a[i * p + j];
  if (element === 0) return;
  const theta = (a[j * p + j] - a[i * p + i]) / (2 * element);
  // The smaller of both angles, for the sake of stability.
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < p; k++) {
    const x = a[k * p + i];
    const y = a[k * p + j];
    a[k * p + i] = c * x - s * y;
    a[k * p + j] = s * x + c * y;
  }
  for (let k = 0; k < p; k++) {
    const x = a[i * p + k];
    const y = a[j * p + k];
    a[i * p + k] = c * x - s * y;
    a[j * p + k] = s * x + c * y;
    const v = vectors[i * p + k];
    const w = vectors[j * p + k];
    vectors[i * p + k] = c * v - s * w;
    vectors[j * p + k] = s * v + c * w;
  }
  a[i * p + j] = 0;
  a[j * p + i] = 0;
}
