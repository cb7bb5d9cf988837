import {
  codes,
  FEATURE_BYTES,
  groups,
  histograms,
  ordered,
  pairs,
  positions,
  rows,
  slotBytes,
} from './memory';

/** Bits of a bin's number times the bytes of a bin. */
const BIN_MASK: u32 = 0xff0;

/**
 * Sums the derivatives of the rows at positions [start, end) by bin of each feature, into a slot.
 *
 * Both sums of a bin are added to at once, and four features in one pass, so that their histograms stay in the
 * first cache and a row's derivatives are read once for them.
 */
export function fill(start: i32, end: i32, slot: i32): void {
  const count = end - start;
  const firstRow = positions + ((<usize>start) << 2);
  let source = pairs;
  if (count < rows) {
    gather(firstRow, count);
    source = ordered;
  }
  const out = histograms + <usize>slot * slotBytes;
  memory.fill(out, 0, slotBytes);
  for (let group: i32 = 0; group < groups; group++) {
    const base = codes + ((<usize>group * <usize>rows) << 2);
    addGroup(firstRow, count, source, base, out + <usize>(4 * group) * FEATURE_BYTES);
  }
}

/** Brings the derivatives of a node's rows side by side. */
function gather(firstRow: usize, count: i32): void {
  for (let i: i32 = 0; i < count; i++) {
    const row = load<u32>(firstRow + ((<usize>i) << 2));
    v128.store(ordered + ((<usize>i) << 4), v128.load(pairs + ((<usize>row) << 4)));
  }
}

function addGroup(firstRow: usize, count: i32, source: usize, base: usize, out: usize): void {
  const last = source + ((<usize>count) << 4);
  for (let at = source, rowAt = firstRow; at < last; at += 16, rowAt += 4) {
    const own = v128.load(at);
    const four = load<u32>(base + ((<usize>load<u32>(rowAt)) << 2));
    const first = out + <usize>((four << 4) & BIN_MASK);
    v128.store(first, f64x2.add(v128.load(first), own));
    const second = out + <usize>((four >>> 4) & BIN_MASK);
    v128.store(second, f64x2.add(v128.load(second, 4096), own), 4096);
    const third = out + <usize>((four >>> 12) & BIN_MASK);
    v128.store(third, f64x2.add(v128.load(third, 8192), own), 8192);
    const fourth = out + <usize>((four >>> 20) & BIN_MASK);
    v128.store(fourth, f64x2.add(v128.load(fourth, 12288), own), 12288);
  }
}

/** Turns the histograms of a node into those of the one child, given those of the other. */
export function subtract(slot: i32, childSlot: i32): void {
  const node = histograms + <usize>slot * slotBytes;
  const child = histograms + <usize>childSlot * slotBytes;
  for (let at: usize = 0; at < slotBytes; at += 16) {
    v128.store(node + at, f64x2.sub(v128.load(node + at), v128.load(child + at)));
  }
}
