/**
 * X·B of a block of rows into `out`.
 *
 * Four rows at a time where there is one output, so that their sums do not wait for each other.
 * @param block row-major, rows × q
 * @param coefficients row-major, q × outputs
 * @param out row-major, rows × outputs; overwritten
 */
export function timesBlockInto(
  block: Float64Array,
  rows: number,
  q: number,
  coefficients: Float64Array,
  outputs: number,
  out: Float64Array,
): void {
  if (outputs === 1) {
    timesVectorInto(block, rows, q, coefficients, out);
    return;
  }
  out.fill(0, 0, rows * outputs);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < q; j++) {
      const x = block[i * q + j];
      if (x === 0) continue;
      for (let k = 0; k < outputs; k++) out[i * outputs + k] += x * coefficients[j * outputs + k];
    }
  }
}

function timesVectorInto(
  block: Float64Array,
  rows: number,
  q: number,
  vector: Float64Array,
  out: Float64Array,
): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const first = i * q;
    const second = first + q;
    const third = second + q;
    const fourth = third + q;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < q; j++) {
      const factor = vector[j];
      s0 += block[first + j] * factor;
      s1 += block[second + j] * factor;
      s2 += block[third + j] * factor;
      s3 += block[fourth + j] * factor;
    }
    out[i] = s0;
    out[i + 1] = s1;
    out[i + 2] = s2;
    out[i + 3] = s3;
  }
  for (; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < q; j++) sum += block[i * q + j] * vector[j];
    out[i] = sum;
  }
}

/** Adds XᵀR of a block to `out`: row-major, q × outputs. `values` is R, row-major, rows × outputs. */
export function addTransposedBlock(
  block: Float64Array,
  rows: number,
  q: number,
  values: Float64Array,
  outputs: number,
  out: Float64Array,
): void {
  if (outputs === 1) {
    addTransposedVector(block, rows, q, values, out);
    return;
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < q; j++) {
      const x = block[i * q + j];
      if (x === 0) continue;
      for (let k = 0; k < outputs; k++) out[j * outputs + k] += x * values[i * outputs + k];
    }
  }
}

function addTransposedVector(
  block: Float64Array,
  rows: number,
  q: number,
  values: Float64Array,
  out: Float64Array,
): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const first = i * q;
    const second = first + q;
    const third = second + q;
    const fourth = third + q;
    const v0 = values[i];
    const v1 = values[i + 1];
    const v2 = values[i + 2];
    const v3 = values[i + 3];
    for (let j = 0; j < q; j++) {
      out[j] +=
        block[first + j] * v0 +
        block[second + j] * v1 +
        (block[third + j] * v2 + block[fourth + j] * v3);
    }
  }
  for (; i < rows; i++) {
    for (let j = 0; j < q; j++) out[j] += block[i * q + j] * values[i];
  }
}
