import { BIN_BYTES, BINS, FEATURE_BYTES, features, histograms, slotBytes } from './memory';

/** The bin of missing values. */
const MISSING_BIN: i32 = 255;

/** How far rounding may take a packed curvature below 0 without being taken for a row. */
const ROUNDING: f64 = 0.25;

/** A node's children need this much curvature; less is rounding, or rows that are all but certain (scikit-learn's). */
const MIN_CURVATURE: f64 = 1e-3;

/** What was found: by how much the loss falls, twice (0: there is no split), and the split. */
export let gain: f64 = 0;
export let splitFeature: i32 = 0;
export let splitBin: i32 = 0;
/** side of missing values: 1 = left, 0 = right, −1 = the node has none, so none was learned */
export let missingSide: i32 = 0;

let gradient: f64 = 0;
let curvature: f64 = 0;
let count: f64 = 0;

/**
 * Finds the split of a node that lowers the loss most; of equals the one of the first feature and bin.
 *
 * @param share as which a curvature of 1 is packed beside the 1 of its row; 0: curvatures are the rows
 * @see Chen & Guestrin (2016), XGBoost, KDD, eq. 7, algorithm 3 (missing values to either side)
 */
export function findSplit(slot: i32, minLeaf: i32, l2: f64, share: f64): void {
  const node = histograms + <usize>slot * slotBytes;
  sumUp(node, share);
  let best = (gradient * gradient) / (curvature + l2);
  const before = best;
  splitFeature = -1;
  splitBin = 0;
  missingSide = -1;
  for (let j: i32 = 0; j < features; j++) {
    const first = node + <usize>j * FEATURE_BYTES;
    const missing = first + <usize>MISSING_BIN * BIN_BYTES;
    const missingRows = Math.floor(load<f64>(missing, 8) + ROUNDING);
    if (missingRows == 0) {
      best = scan(first, j, -1, 0, 0, 0, MISSING_BIN, best, minLeaf, l2, share);
      continue;
    }
    // With missing values on the right, all present ones may go left.
    best = scan(first, j, 0, 0, 0, 0, MISSING_BIN + 1, best, minLeaf, l2, share);
    const packed = load<f64>(missing, 8);
    const own = share == 0 ? missingRows : (packed - missingRows) / share;
    const missingGradient = load<f64>(missing);
    best = scan(
      first,
      j,
      1,
      missingGradient,
      missingRows,
      own,
      MISSING_BIN,
      best,
      minLeaf,
      l2,
      share,
    );
  }
  gain = splitFeature < 0 ? 0 : best - before;
}

/** Tries the cuts of a feature, given what is on the left before its first bin; returns the best score so far. */
function scan(
  first: usize,
  feature: i32,
  side: i32,
  startGradient: f64,
  startRows: f64,
  startCurvature: f64,
  end: i32,
  bestBefore: f64,
  minLeaf: i32,
  l2: f64,
  share: f64,
): f64 {
  let best = bestBefore;
  let leftGradient = startGradient;
  let leftRows = startRows;
  let leftCurvature = startCurvature;
  const fewest = <f64>minLeaf;
  let bin: i32 = -1;
  for (let next: i32 = 0, at = first; next < end; next++, at += BIN_BYTES) {
    const packed = load<f64>(at, 8);
    if (packed < 0.5) continue;
    if (bin >= 0 && leftRows >= fewest && leftCurvature >= MIN_CURVATURE) {
      const right = curvature - leftCurvature;
      if (count - leftRows < fewest || right < MIN_CURVATURE) break;
      const rightGradient = gradient - leftGradient;
      const score =
        (leftGradient * leftGradient * (right + l2) +
          rightGradient * rightGradient * (leftCurvature + l2)) /
        ((leftCurvature + l2) * (right + l2));
      if (score > best) {
        best = score;
        splitFeature = feature;
        splitBin = next == MISSING_BIN ? MISSING_BIN - 1 : (bin + next) >> 1;
        missingSide = side;
      }
    }
    const own = Math.floor(packed + ROUNDING);
    leftGradient += load<f64>(at);
    leftCurvature += share == 0 ? own : (packed - own) / share;
    leftRows += own;
    bin = next;
  }
  return best;
}

/** Sums over a node, from the histogram of its first feature. */
function sumUp(node: usize, share: f64): void {
  gradient = 0;
  curvature = 0;
  count = 0;
  for (let bin: i32 = 0, at = node; bin < BINS; bin++, at += BIN_BYTES) {
    const packed = load<f64>(at, 8);
    const own = Math.floor(packed + ROUNDING);
    if (own == 0) continue;
    gradient += load<f64>(at);
    curvature += share == 0 ? own : (packed - own) / share;
    count += own;
  }
}
