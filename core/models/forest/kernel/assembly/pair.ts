import { classOf, rowOf, weightOf } from './bag';
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
  rows,
} from './workspace';

/**
 * Gini impurity of two classes. A histogram holds for each bin the weight of all rows in its low 32 bits and of
 * class 1 in its high ones, so that both are added at once; it is 0 between searches.
 */
const LOW: u64 = 0xffffffff;

/** From about this many rows on, finding the occupied bins afterwards takes less than noting each. */
const DENSE_ROWS: i32 = 512;

let total: u64 = 0;

/** Sums up the node; is it pure, or too light for two leaves? */
export function enterPair(start: i32, end: i32): bool {
  let sum: u64 = 0;
  const stop = bag + 8 * <usize>end;
  for (let at = bag + 8 * <usize>start; at < stop; at += 8) sum += pairOf(load<u64>(at));
  total = sum;
  const weight = sum & LOW;
  const ones = sum >>> 32;
  return ones == 0 || ones == weight || weight < 2 * <u64>minLeaf;
}

/** Σ_k T_k²/T of the node. */
export function pairScore(): f64 {
  const weight = <f64>(total & LOW);
  const ones = <f64>(total >>> 32);
  return weight - (2 * (weight - ones) * ones) / weight;
}

export function pairLeaf(at: i32): i32 {
  const weight = <f64>(total & LOW);
  const ones = <f64>(total >>> 32);
  let to = <usize>at;
  if (ones < weight) {
    store<u16>(entryClass + 2 * to, ones == 0 ? 0x8000 : 0);
    store<f32>(entryValue + 4 * to, <f32>((weight - ones) / weight));
    to++;
  }
  if (ones > 0) {
    store<u16>(entryClass + 2 * to, 0x8001);
    store<f32>(entryValue + 4 * to, <f32>(ones / weight));
    to++;
  }
  return <i32>to;
}

/** Fills the histograms of four features in one pass. */
export function fillPairs(start: i32, end: i32, f0: i32, f1: i32, f2: i32, f3: i32): void {
  const c0 = codes + <usize>f0 * <usize>rows;
  const c1 = codes + <usize>f1 * <usize>rows;
  const c2 = codes + <usize>f2 * <usize>rows;
  const c3 = codes + <usize>f3 * <usize>rows;
  const h0 = histograms;
  const stop = bag + 8 * <usize>end;
  let at = bag + 8 * <usize>start;
  if (end - start > DENSE_ROWS) {
    for (; at < stop; at += 8) {
      const entry = load<u64>(at);
      const row = rowOf(entry);
      const pair = pairOf(entry);
      const a0 = h0 + ((<usize>load<u8>(c0 + row)) << 3);
      const a1 = h0 + ((<usize>load<u8>(c1 + row)) << 3);
      const a2 = h0 + ((<usize>load<u8>(c2 + row)) << 3);
      const a3 = h0 + ((<usize>load<u8>(c3 + row)) << 3);
      store<u64>(a0, load<u64>(a0) + pair);
      store<u64>(a1, load<u64>(a1, 2048) + pair, 2048);
      store<u64>(a2, load<u64>(a2, 4096) + pair, 4096);
      store<u64>(a3, load<u64>(a3, 6144) + pair, 6144);
    }
    for (let slot = 0; slot < 4; slot++) findOccupied(slot);
    return;
  }
  const o0 = occupied;
  for (; at < stop; at += 8) {
    const entry = load<u64>(at);
    const row = rowOf(entry);
    const pair = pairOf(entry);
    const b0 = <usize>load<u8>(c0 + row);
    const b1 = <usize>load<u8>(c1 + row);
    const b2 = <usize>load<u8>(c2 + row);
    const b3 = <usize>load<u8>(c3 + row);
    const a0 = h0 + (b0 << 3);
    const a1 = h0 + (b1 << 3);
    const a2 = h0 + (b2 << 3);
    const a3 = h0 + (b3 << 3);
    store<u64>(a0, load<u64>(a0) + pair);
    store<u64>(a1, load<u64>(a1, 2048) + pair, 2048);
    store<u64>(a2, load<u64>(a2, 4096) + pair, 4096);
    store<u64>(a3, load<u64>(a3, 6144) + pair, 6144);
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
export function fillPair(start: i32, end: i32, slot: i32, feature: i32): void {
  const column = codes + <usize>feature * <usize>rows;
  const histogram = histograms + <usize>slot * histogramBytes;
  const bits = occupied + <usize>slot * OCCUPIED_BYTES;
  const stop = bag + 8 * <usize>end;
  for (let at = bag + 8 * <usize>start; at < stop; at += 8) {
    const entry = load<u64>(at);
    const bin = <usize>load<u8>(column + rowOf(entry));
    const address = histogram + (bin << 3);
    store<u64>(address, load<u64>(address) + pairOf(entry));
    const word = bits + ((bin >>> 6) << 3);
    store<u64>(word, load<u64>(word) | ((<u64>1) << (<u64>bin)));
  }
}

/** Tries the splits of the feature whose histogram is in a slot. */
export function searchPair(slot: i32, feature: i32): void {
  const histogram = histograms + <usize>slot * histogramBytes;
  const bits = occupied + <usize>slot * OCCUPIED_BYTES;
  const missing = load<u64>(histogram, 8 * (BINS - 1));
  if (missing == 0) {
    sweep(histogram, bits, 0, feature, -1, 0);
    return;
  }
  sweep(histogram, bits, 0, feature, 0, LOW | (LOW << 32));
  store<u64>(histogram, 0, 8 * (BINS - 1));
  store<u64>(bits, load<u64>(bits, 24) & ~((<u64>1) << 63), 24);
  sweep(histogram, bits, missing, feature, 1, 0);
}

/**
 * Moves the occupied bins to the left one after the other. `kept` masks what is left of the histogram: nothing,
 * or all for another sweep.
 */
function sweep(
  histogram: usize,
  bits: usize,
  before: u64,
  feature: i32,
  side: i32,
  kept: u64,
): void {
  const weight = <f64>(total & LOW);
  const ones = <f64>(total >>> 32);
  const least = <f64>minLeaf;
  let score = bestScore;
  let cut = -1;
  let cutNext = 0;
  let moved = before;
  let last = -1;
  for (let word = 0; word < 4; word++) {
    let left = load<u64>(bits + ((<usize>word) << 3));
    store<u64>(bits + ((<usize>word) << 3), left & kept);
    while (left != 0) {
      const bin = (word << 6) + <i32>ctz(left);
      left &= left - 1;
      const address = histogram + ((<usize>bin) << 3);
      const here = load<u64>(address);
      store<u64>(address, here & kept);
      const l = <f64>(moved & LOW);
      const r = weight - l;
      if (last >= 0 && l >= least && r >= least) {
        const l1 = <f64>(moved >>> 32);
        const r1 = ones - l1;
        // Σ_k L_k²/L + Σ_k R_k²/R, as L_0²/L + L_1²/L = L − 2·L_0·L_1/L, with one division for both sides.
        const own = weight - (2 * ((l - l1) * l1 * r + (r - r1) * r1 * l)) / (l * r);
        if (own > score) {
          score = own;
          cut = last;
          cutNext = bin;
        }
      }
      moved += here;
      last = bin;
    }
  }
  if (cut >= 0) record(score, feature, cut, cutNext, side);
}

function findOccupied(slot: i32): void {
  let at = histograms + <usize>slot * histogramBytes;
  const bits = occupied + <usize>slot * OCCUPIED_BYTES;
  for (let word: usize = 0; word < 4; word++) {
    let found: u64 = 0;
    for (let b: u64 = 0; b < 64; b++, at += 8) found |= (<u64>(load<u64>(at) != 0)) << b;
    store<u64>(bits + (word << 3), found);
  }
}

function pairOf(entry: u64): u64 {
  const weight = weightOf(entry);
  return weight | ((weight * classOf(entry)) << 32);
}
