import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import { assertClose, normal } from './fixtures/samples.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

test('a small matrix agrees with numpy', () => {
  // numpy 2.4, linalg.eigh
  const { values, vectors } = symmetricEigen(Float64Array.of(4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2), 3);
  [4.72157008, 2.39834302, 1.8800869].forEach((value, k) => {
    assertClose(values[k] ?? NaN, value, `eigenvalue ${k}`, 1e-8);
  });
  const sign = Math.sign(vectors[0] ?? NaN);
  [0.83886476, 0.50952107, 0.19155729].forEach((element, j) => {
    assertClose((vectors[j] ?? NaN) * sign, element, `element ${j}`, 1e-7);
  });
});

test('vectors are orthonormal and give the matrix back, with equal eigenvalues too', () => {
  const random = createRandom(2);
  for (const p of [1, 2, 7, 30]) {
    const matrix = new Float64Array(p * p);
    for (let i = 0; i < p; i++) {
      for (let j = 0; j <= i; j++) {
        // Half of the matrix is a multiple of the identity.
        const element = i < p / 2 ? (i === j ? 3 : 0) : normal(random) * 10 ** (j % 5);
        matrix[i * p + j] = matrix[j * p + i] = element;
      }
    }
    const { values, vectors } = symmetricEigen(matrix, p);
    const size = Math.max(...matrix.map(Math.abs));
    for (let i = 0; i < p; i++) {
      if (i > 0) assert.ok((values[i - 1] ?? NaN) >= (values[i] ?? NaN));
      for (let j = 0; j < p; j++) {
        let product = 0;
        let element = 0;
        for (let k = 0; k < p; k++) {
          product += (vectors[i * p + k] ?? NaN) * (vectors[j * p + k] ?? NaN);
          element += (values[k] ?? NaN) * (vectors[k * p + i] ?? NaN) * (vectors[k * p + j] ?? NaN);
        }
        assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-12);
        assert.ok(Math.abs(element - (matrix[i * p + j] ?? NaN)) < 1e-12 * size);
      }
    }
  }
});

test('a zero matrix is its own answer; what is not a matrix is refused', () => {
  assert.deepEqual(symmetricEigen(new Float64Array(4), 2).values, new Float64Array(2));
  assert.throws(() => symmetricEigen(new Float64Array(5), 2), /2 × 2 matrix has 4 elements, got 5/);
  assert.throws(() => symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2), /no convergence/);
});
