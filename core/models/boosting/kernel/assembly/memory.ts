/**
 * Where everything lies in memory. The caller asks for a layout, makes the memory that large, and writes bins,
 * derivatives and scores to it.
 */

/** Bins of a feature, that of missing values included, and bytes of a bin: two sums of 8 bytes. */
export const BINS: i32 = 256;
export const BIN_BYTES: usize = 16;
export const FEATURE_BYTES: usize = 4096;

export let rows: i32 = 0;
export let features: i32 = 0;
/** features are taken four at a time */
export let groups: i32 = 0;
/** bins: a group's of a row are the four bytes at (group · rows + row) · 4 */
export let codes: usize = 0;
/** row at each position; those of a node stand together (i32) */
export let positions: usize = 0;
/** memory for the rows that go right (i32) */
export let moved: usize = 0;
/** derivatives of the loss by the score of each row (f64); curvatures are not used where they are all 1 */
export let gradients: usize = 0;
export let curvatures: usize = 0;
/** outcome of each row, 0 or 1, and its weight (f64); not used by every loss */
export let outcomes: usize = 0;
export let weights: usize = 0;
/** gradient and packed curvature of each row (2 × f64) */
export let pairs: usize = 0;
/** those of the rows of a node, in their order */
export let ordered: usize = 0;
/** scores of each row, rows × outputs (f64) */
export let scores: usize = 0;
/** histograms: slots × features, filled up to a multiple of four, × bins × (gradient, packed curvature) */
export let histograms: usize = 0;
export let slotBytes: usize = 0;

let end: f64 = 0;

/** Lays out the memory from an address on; returns where it ends, which may be more than there can be. */
export function layout(from: usize, newRows: i32, newFeatures: i32, outputs: i32, slots: i32): f64 {
  rows = newRows;
  features = newFeatures;
  groups = (features + 3) >> 2;
  end = <f64>from;
  const n = <f64>rows;
  codes = take(4 * n * groups);
  positions = take(4 * n);
  moved = take(4 * n);
  // Rows are taken two at a time, the last one with one that there is not.
  gradients = take(8 * n + 8);
  curvatures = take(8 * n + 8);
  outcomes = take(8 * n + 8);
  weights = take(8 * n + 8);
  pairs = take(16 * n);
  ordered = take(16 * n);
  scores = take(8 * n * outputs + 8);
  slotBytes = <usize>(4 * groups) * FEATURE_BYTES;
  histograms = take(<f64>slots * <f64>slotBytes);
  return end;
}

/** Where the next part begins, a multiple of 64; 0 where there can be no memory. */
function take(bytes: f64): usize {
  const at = Math.ceil(end / 64) * 64;
  end = at + bytes;
  return end < 4294967296 ? <usize>at : 0;
}
