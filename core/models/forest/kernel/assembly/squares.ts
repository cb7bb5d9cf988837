import { rowOf, weightOf } from './bag';
import { bestScore, record } from './best';
import {
  bag,
  BINS,
  codes,
  entryClass,
  entryValue,
  histogramBytes,
  histograms,
  minLeaf,
  occupied,
  OCCUPIED_BYTES,
  outcomes,
  rows,
} from './workspace';

/**
 * Squared error: the score is S_L²/L + S_R²/R with S the weighted sum of the outcomes. A histogram holds for each
 * bin weight and sum side by side, so that both are added at once; it is 0 between searches.
 */
let weight: f64 = 0;
let sum: f64 = 0;

/** Sums up the node; is it pure, or too light for two leaves? */
export function enterSquares(start: i32, end: i32): bool {
  let w: f64 = 0;
  let s: f64 = 0;
  let low = f64.POSITIVE_INFINITY;
  let high = f64.NEGATIVE_INFINITY;
  const stop = bag + 8 * <usize>end;
  for (let at = bag + 8 * <usize>start; at < stop; at += 8) {
    const entry = load<u64>(at);
    const y = load<f64>(outcomes + 8 * rowOf(entry));
    const own = <f64>weightOf(entry);
    w += own;
    s += own * y;
    low = min(low, y);
    high = max(high, y);
  }
  weight = w;
  sum = s;
  return low == high || w < 2 * <f64>minLeaf;
}

export function squaresScore(): f64 {
  return (sum * sum) / weight;
}

export function squaresLeaf(at: i32): i32 {
  store<u16>(entryClass + 2 * <usize>at, 0x8000);
  store<f32>(entryValue + 4 * <usize>at, <f32>(sum / weight));
  return at + 1;
}

/** Fills the histograms of four features in one pass. */
export function fillSquares4(start: i32, end: i32, f0: i32, f1: i32, f2: i32, f3: i32): void {
  const c0 = codes + <usize>f0 * <usize>rows;
  const c1 = codes + <usize>f1 * <usize>rows;
  const c2 = codes + <usize>f2 * <usize>rows;
  const c3 = codes + <usize>f3 * <usize>rows;
  const h0 = histograms;
  const o0 = occupied;
  const stop = bag + 8 * <usize>end;
  for (let at = bag + 8 * <usize>start; at < stop; at += 8) {
    const entry = load<u64>(at);
    const row = rowOf(entry);
    const own = ownOf(entry);
    const b0 = <usize>load<u8>(c0 + row);
    const b1 = <usize>load<u8>(c1 + row);
    const b2 = <usize>load<u8>(c2 + row);
    const b3 = <usize>load<u8>(c3 + row);
    const a0 = h0 + (b0 << 4);
    const a1 = h0 + (b1 << 4);
    const a2 = h0 + (b2 << 4);
    const a3 = h0 + (b3 << 4);
    v128.store(a0, f64x2.add(v128.load(a0), own));
    v128.store(a1, f64x2.add(v128.load(a1, 4096), own), 4096);
    v128.store(a2, f64x2.add(v128.load(a2, 8192), own), 8192);
    v128.store(a3, f64x2.add(v128.load(a3, 12288), own), 12288);
    const w0 = o0 + ((b0 >>> 6) << 3);
    const w1 = o0 + ((b1 >>> 6) << 3);
    const w2 = o0 + ((b2 >>> 6) << 3);
    const w3 = o0 + ((b3 >>> 6) << 3);
    store<u64>(w0, load<u64>(w0) | ((<u64>1) << (<u64>b0)));
    store<u64>(w1, load<u64>(w1, 32) | ((<u64>1) << (<u64>b1)), 32);
    store<u64>(w2, load<u64>(w2, 64) | ((<u64>1) << (<u64>b2)), 64);
    store<u64>(w3, load<u64>(w3, 96) | ((<u64>1) << (<u64>b3)), 96);
  }
}

/** Fills the histogram of one feature. */
export function fillSquares(start: i32, end: i32, slot: i32, feature: i32): void {
  const column = codes + <usize>feature * <usize>rows;
  const histogram = histograms + <usize>slot * histogramBytes;
  const bits = occupied + <usize>slot * OCCUPIED_BYTES;
  const stop = bag + 8 * <usize>end;
  for (let at = bag + 8 * <usize>start; at < stop; at += 8) {
    const entry = load<u64>(at);
    const bin = <usize>load<u8>(column + rowOf(entry));
    const address = histogram + (bin << 4);
    v128.store(address, f64x2.add(v128.load(address), ownOf(entry)));
    const word = bits + ((bin >>> 6) << 3);
    store<u64>(word, load<u64>(word) | ((<u64>1) << (<u64>bin)));
  }
}

/** Tries the splits of the feature whose histogram is in a slot. */
export function searchSquares(slot: i32, feature: i32): void {
  const histogram = histograms + <usize>slot * histogramBytes;
  const bits = occupied + <usize>slot * OCCUPIED_BYTES;
  const missingWeight = load<f64>(histogram, 16 * (BINS - 1));
  if (missingWeight == 0) {
    sweep(histogram, bits, 0, 0, feature, -1);
  } else {
    const missingSum = load<f64>(histogram, 16 * (BINS - 1) + 8);
    sweep(histogram, bits, 0, 0, feature, 0);
    v128.store(histogram, v128.splat<f64>(0), 16 * (BINS - 1));
    store<u64>(bits, load<u64>(bits, 24) & ~((<u64>1) << 63), 24);
    sweep(histogram, bits, missingWeight, missingSum, feature, 1);
  }
  clear(histogram, bits);
}

function sweep(histogram: usize, bits: usize, w0: f64, s0: f64, feature: i32, side: i32): void {
  const least = <f64>minLeaf;
  let score = bestScore;
  let cut = -1;
  let cutNext = 0;
  let l = w0;
  let ls = s0;
  let last = -1;
  for (let word = 0; word < 4; word++) {
    let left = load<u64>(bits + ((<usize>word) << 3));
    while (left != 0) {
      const bin = (word << 6) + <i32>ctz(left);
      left &= left - 1;
      const r = weight - l;
      if (last >= 0 && l >= least && r >= least) {
        const rs = sum - ls;
        const own = (ls * ls * r + rs * rs * l) / (l * r);
        if (own > score) {
          score = own;
          cut = last;
          cutNext = bin;
        }
      }
      const address = histogram + ((<usize>bin) << 4);
      l += load<f64>(address);
      ls += load<f64>(address, 8);
      last = bin;
    }
  }
  if (cut >= 0) record(score, feature, cut, cutNext, side);
}

function clear(histogram: usize, bits: usize): void {
  for (let word = 0; word < 4; word++) {
    let left = load<u64>(bits + ((<usize>word) << 3));
    store<u64>(bits + ((<usize>word) << 3), 0);
    while (left != 0) {
      const bin = ((<usize>word) << 6) + <usize>ctz(left);
      left &= left - 1;
      v128.store(histogram + (bin << 4), v128.splat<f64>(0));
    }
  }
}

/** Weight and weighted outcome of a row. */
function ownOf(entry: u64): v128 {
  const w = <f64>weightOf(entry);
  const y = load<f64>(outcomes + 8 * rowOf(entry));
  return f64x2.replace_lane(f64x2.splat(w), 1, w * y);
}
