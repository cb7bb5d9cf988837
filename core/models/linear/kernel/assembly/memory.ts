/** Where everything lies in memory. Numbers are doubles, and matrices row-major. */

export let columns: usize = 0;

/** numbers from a row of a matrix of sums to the next: the columns, filled up to an even number */
export let stride: usize = 0;
/** rows × columns, of which the number of rows is filled up to a multiple of four with zeros */
export let block: usize = 0;
/** of the rows, filled up in the same way */
export let weights: usize = 0;
/** one a column */
export let coefficients: usize = 0;
/** one a column */
export let gradient: usize = 0;
/** of the rows: 0 or 1; filled up like the weights */
export let outcomes: usize = 0;
/** of the rows: xβ, then what is asked for of them */
export let scores: usize = 0;
/** of the rows: e^−|xβ| */
export let smalls: usize = 0;
/** matrices of `stride` × `stride`, one after the other */
export let grams: usize = 0;

/** Lays out the memory for blocks of up to `rows` rows, a multiple of four; returns where it ends. */
export function layout(from: usize, rows: i32, q: i32, matrices: i32): f64 {
  const rowBytes: usize = 8 * <usize>rows;
  columns = <usize>q;
  stride = (columns + 1) & ~1;
  block = from;
  // The last number of a row is read together with what follows it.
  weights = block + rowBytes * columns + 16;
  outcomes = weights + rowBytes;
  scores = outcomes + rowBytes;
  smalls = scores + rowBytes;
  coefficients = smalls + rowBytes;
  gradient = coefficients + 8 * stride;
  grams = gradient + 8 * stride;
  return <f64>grams + 8 * <f64>matrices * <f64>stride * <f64>stride;
}
