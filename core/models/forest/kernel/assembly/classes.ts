import { classOf, rowOf, weightOf } from './bag';
import { bestScore, record } from './best';
import {
  bag,
  BINS,
  classes,
  codes,
  entryClass,
  entryValue,
  heads,
  histogramBytes,
  histograms,
  leftTotals,
  links,
  LIST_ROWS,
  minLeaf,
  occupied,
  OCCUPIED_BYTES,
  rows,
  totals,
} from './workspace';

/**
 * Gini impurity of any number of classes: the score is Σ_k L_k²/L + Σ_k R_k²/R. Both sums of squares are kept up to
 * date while rows move from right to left, so that a move costs the same for any number of classes.
 */

/** A histogram pays from about this many rows for each class. */
const HISTOGRAM_ROWS_PER_CLASS: i32 = 100;

let weight: f64 = 0;
let squares: f64 = 0;
let nodeStart: usize = 0;

// The state of a sweep.
let leftWeight: f64 = 0;
let leftSquares: f64 = 0;
let rightSquares: f64 = 0;

/** Sums up the node; is it pure, or too light for two leaves? */
export function enterClasses(start: i32, end: i32): bool {
  memory.fill(totals, 0, 8 * <usize>classes);
  nodeStart = bag + 8 * <usize>start;
  const stop = bag + 8 * <usize>end;
  let sum: u64 = 0;
  for (let at = nodeStart; at < stop; at += 8) {
    const entry = load<u64>(at);
    const w = weightOf(entry);
    const total = totals + 8 * <usize>classOf(entry);
    store<f64>(total, load<f64>(total) + <f64>w);
    sum += w;
  }
  weight = <f64>sum;
  squares = 0;
  for (let k: usize = 0; k < <usize>classes; k++) {
    const own = load<f64>(totals + 8 * k);
    squares += own * own;
  }
  return squares == weight * weight || sum < 2 * <u64>minLeaf;
}

export function classesScore(): f64 {
  return squares / weight;
}

export function classesLeaf(at: i32): i32 {
  let to = <usize>at;
  for (let k: usize = 0; k < <usize>classes; k++) {
    const own = load<f64>(totals + 8 * k);
    if (own == 0) continue;
    store<u16>(entryClass + 2 * to, <u16>k);
    store<f32>(entryValue + 4 * to, <f32>(own / weight));
    to++;
  }
  const last = entryClass + 2 * (to - 1);
  store<u16>(last, load<u16>(last) | 0x8000);
  return <i32>to;
}

/** Tries the splits of a feature at the node that was entered last. */
export function searchClasses(start: i32, end: i32, feature: i32): void {
  const column = codes + <usize>feature * <usize>rows;
  const lists = end - start <= min(LIST_ROWS, HISTOGRAM_ROWS_PER_CLASS * classes);
  if (lists) fillLists(start, end, column);
  else fillHistogram(start, end, column);
  const last = load<u64>(occupied, 24);
  const missing = last >>> 63 != 0;
  sweep(feature, lists, missing ? 0 : -1);
  if (missing) {
    store<u64>(occupied, last & ~((<u64>1) << 63), 24);
    sweep(feature, lists, 1);
  }
  if (lists) memory.fill(heads, 0, 4 * BINS);
  else memory.fill(histograms, 0, histogramBytes);
  memory.fill(occupied, 0, OCCUPIED_BYTES);
}

/** A list of the rows of each bin: one more than a row's position in the node, 0 at the end. */
function fillLists(start: i32, end: i32, column: usize): void {
  for (let i = end - start - 1; i >= 0; i--) {
    const bin = <usize>load<u8>(column + rowOf(load<u64>(nodeStart + 8 * <usize>i)));
    note(bin);
    const head = heads + 4 * bin;
    store<i32>(links + 4 * <usize>i, load<i32>(head));
    store<i32>(head, i + 1);
  }
}

function fillHistogram(start: i32, end: i32, column: usize): void {
  for (let i = start; i < end; i++) {
    const entry = load<u64>(bag + 8 * <usize>i);
    const bin = <usize>load<u8>(column + rowOf(entry));
    note(bin);
    const at = histograms + 4 * (bin * <usize>classes + <usize>classOf(entry));
    store<u32>(at, load<u32>(at) + <u32>weightOf(entry));
  }
}

function note(bin: usize): void {
  const word = occupied + ((bin >>> 6) << 3);
  store<u64>(word, load<u64>(word) | ((<u64>1) << (<u64>bin)));
}

function sweep(feature: i32, lists: bool, side: i32): void {
  memory.fill(leftTotals, 0, 8 * <usize>classes);
  leftWeight = 0;
  leftSquares = 0;
  rightSquares = squares;
  if (side == 1) moveBin(BINS - 1, lists);
  const least = <f64>minLeaf;
  let score = bestScore;
  let cut = -1;
  let cutNext = 0;
  let last = -1;
  for (let word = 0; word < 4; word++) {
    let left = load<u64>(occupied + ((<usize>word) << 3));
    while (left != 0) {
      const bin = (word << 6) + <i32>ctz(left);
      left &= left - 1;
      const rightWeight = weight - leftWeight;
      if (last >= 0 && leftWeight >= least && rightWeight >= least) {
        const own = leftSquares / leftWeight + rightSquares / rightWeight;
        if (own > score) {
          score = own;
          cut = last;
          cutNext = bin;
        }
      }
      moveBin(bin, lists);
      last = bin;
    }
  }
  if (cut >= 0) record(score, feature, cut, cutNext, side);
}

/** Moves the rows of a bin to the left. */
function moveBin(bin: i32, lists: bool): void {
  if (lists) {
    for (
      let i = load<i32>(heads + 4 * <usize>bin);
      i != 0;
      i = load<i32>(links + 4 * <usize>(i - 1))
    ) {
      const entry = load<u64>(nodeStart + 8 * <usize>(i - 1));
      moveWeight(<usize>classOf(entry), <f64>weightOf(entry));
    }
    return;
  }
  const from = histograms + 4 * <usize>bin * <usize>classes;
  for (let k: usize = 0; k < <usize>classes; k++) moveWeight(k, <f64>load<u32>(from + 4 * k));
}

function moveWeight(k: usize, w: f64): void {
  const at = leftTotals + 8 * k;
  const left = load<f64>(at);
  leftSquares += w * (2 * left + w);
  rightSquares += w * (w - 2 * (load<f64>(totals + 8 * k) - left));
  store<f64>(at, left + w);
  leftWeight += w;
}
