import { block, columns, grams, stride, weights } from './memory';

/**
 * Sums of products of the columns of a block of rows. Four rows and two columns at a time are multiplied by all columns
 * up to those, two by two, so that what is read from memory serves for four products or more.
 */

/**
 * Adds XᵀWX of the block to the lower triangle of a matrix; other elements of it are left undefined.
 * @param rows a multiple of four
 * @param weighted do the weights count?
 */
export function addGram(rows: i32, weighted: bool, matrix: i32): void {
  const gram = grams + 8 * <usize>matrix * stride * stride;
  const rowBytes: usize = 8 * columns;
  const ones = f64x2.splat(1);
  for (let row: usize = 0; row < <usize>rows; row += 4) {
    const first = block + row * rowBytes;
    const w = weights + 8 * row;
    const w0 = weighted ? v128.load64_splat(w) : ones;
    const w1 = weighted ? v128.load64_splat(w, 8) : ones;
    const w2 = weighted ? v128.load64_splat(w, 16) : ones;
    const w3 = weighted ? v128.load64_splat(w, 24) : ones;
    for (let i: usize = 0; i < columns; i += 2) {
      const at = first + 8 * i;
      const x0 = v128.load(at);
      const x1 = v128.load(at + rowBytes);
      const x2 = v128.load(at + 2 * rowBytes);
      const x3 = v128.load(at + 3 * rowBytes);
      // Most columns of categories are 0 in most rows.
      if (!v128.any_true(v128.or(v128.or(x0, x1), v128.or(x2, x3)))) continue;
      addRows(
        first,
        rowBytes,
        i,
        f64x2.mul(w0, x0),
        f64x2.mul(w1, x1),
        f64x2.mul(w2, x2),
        f64x2.mul(w3, x3),
        gram + 8 * i * stride,
      );
    }
  }
}

/** Adds the products of columns i and i + 1 of four rows with all columns up to those to rows i and i + 1. */
function addRows(
  first: usize,
  rowBytes: usize,
  i: usize,
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  out: usize,
): void {
  const a0 = v128.shuffle<f64>(x0, x0, 0, 0);
  const a1 = v128.shuffle<f64>(x1, x1, 0, 0);
  const a2 = v128.shuffle<f64>(x2, x2, 0, 0);
  const a3 = v128.shuffle<f64>(x3, x3, 0, 0);
  const b0 = v128.shuffle<f64>(x0, x0, 1, 1);
  const b1 = v128.shuffle<f64>(x1, x1, 1, 1);
  const b2 = v128.shuffle<f64>(x2, x2, 1, 1);
  const b3 = v128.shuffle<f64>(x3, x3, 1, 1);
  const below = out + 8 * stride;
  for (let at: usize = 0; at <= 8 * i; at += 16) {
    const other = first + at;
    const y0 = v128.load(other);
    const y1 = v128.load(other + rowBytes);
    const y2 = v128.load(other + 2 * rowBytes);
    const y3 = v128.load(other + 3 * rowBytes);
    v128.store(out + at, f64x2.add(v128.load(out + at), dot(a0, a1, a2, a3, y0, y1, y2, y3)));
    v128.store(below + at, f64x2.add(v128.load(below + at), dot(b0, b1, b2, b3, y0, y1, y2, y3)));
  }
}

function dot(x0: v128, x1: v128, x2: v128, x3: v128, y0: v128, y1: v128, y2: v128, y3: v128): v128 {
  const early = f64x2.add(f64x2.mul(x0, y0), f64x2.mul(x1, y1));
  return f64x2.add(early, f64x2.add(f64x2.mul(x2, y2), f64x2.mul(x3, y3)));
}
