import { beginLayout, layoutEnd, take } from './layout';

/**
 * What trees say of a chunk of rows. The codes of a chunk lie column after column, `stride` bytes each; one tree at a
 * time is copied in and rearranged, then all rows of the chunk walk down it: the upper levels 16 rows at a time, the
 * others 8 side by side, so that one row's memory is waited for while others move.
 */

/** Levels that 16 rows pass at a time; from the next one on, that takes longer than row by row. */
const TOP_LEVELS: i32 = 5;
const TOP_NODES: i32 = 31;
const TOP_EXITS: i32 = 32;

/** Levels between two looks at whether all rows have arrived. */
const STEPS: i32 = 5;

const MISSING_LEFT: u32 = 0x8000;
const LAST_ENTRY: u32 = 0x8000;
const MISSING_BIN: i8 = -1;

let stride: usize = 0;
let columns: i32 = 0;
let width: i32 = 0;

/** bins of the chunk, column-major; behind them, columns with missing values once more with all bins plus 1 */
export let chunkCodes: usize = 0;
let shifted: usize = 0;
let hasMissing: usize = 0;
/** sums of what the trees say, chunk rows × width (f64) */
export let chunkSums: usize = 0;
/** leaf of each row of the chunk: its first entry (i32) */
export let chunkLeaves: usize = 0;
/** the tree as it is stored */
export let treeFeature: usize = 0;
export let treeBin: usize = 0;
export let treeLeft: usize = 0;
export let treeEntryClass: usize = 0;
export let treeEntryValue: usize = 0;
/** a node: address of its children (u32), column << 8 | bin (u32); a leaf has its own address, and sends left */
let nodes: usize = 0;
/** what a leaf says, at the same distance as its node: its value (f64), or its first entry (i32) */
let leafValues: usize = 0;
/** level of each node (u16), and of the deepest one */
let levels: usize = 0;
let depth: i32 = 0;
/** upper levels: column (u32) and bin (u8) of each node in breadth-first order; node (u32) behind each exit */
let topColumns: usize = 0;
let topBins: usize = 0;
let topExits: usize = 0;
/** which exit each of 16 rows takes (u8) */
let exits: usize = 0;

/**
 * Lays out the memory for chunks of up to `capacity` rows, a multiple of 16, and trees of up to `mostNodes` nodes and
 * `mostEntries` entries. `sumWidth`: sums a row, 0 where only leaves are asked for.
 */
export function chunkLayout(
  from: usize,
  capacity: i32,
  features: i32,
  sumWidth: i32,
  mostNodes: i32,
  mostEntries: i32,
): f64 {
  stride = <usize>capacity;
  columns = features;
  width = sumWidth;
  beginLayout(<f64>from);
  const cells = <f64>capacity * <f64>features;
  chunkCodes = take(2 * cells);
  shifted = chunkCodes + <usize>cells;
  hasMissing = take(<f64>features);
  chunkSums = take(8 * <f64>capacity * <f64>sumWidth);
  chunkLeaves = take(4 * <f64>capacity);
  treeFeature = take(2 * <f64>mostNodes);
  treeBin = take(<f64>mostNodes);
  treeLeft = take(4 * <f64>mostNodes);
  treeEntryClass = take(2 * <f64>mostEntries);
  treeEntryValue = take(4 * <f64>mostEntries);
  nodes = take(8 * <f64>mostNodes);
  leafValues = take(8 * <f64>mostNodes);
  levels = take(2 * <f64>mostNodes);
  topColumns = take(4 * TOP_NODES);
  topBins = take(TOP_NODES);
  topExits = take(4 * TOP_EXITS);
  exits = take(16);
  return layoutEnd();
}

export function clearSums(): void {
  memory.fill(chunkSums, 0, 8 * stride * <usize>width);
}

/**
 * Copies the columns that have a missing value with all bins one higher, round to 0: a node whose missing values go
 * left reads the copy, so that one comparison decides.
 */
export function findMissing(rows: i32): void {
  const missing = i8x16.splat(MISSING_BIN);
  const one = i8x16.splat(1);
  for (let j: usize = 0; j < <usize>columns; j++) {
    const column = chunkCodes + j * stride;
    let any = i8x16.splat(0);
    for (let i: usize = 0; i < <usize>rows; i += 16) {
      any = v128.or(any, i8x16.eq(v128.load(column + i), missing));
    }
    const found = v128.any_true(any);
    store<u8>(hasMissing + j, <u8>found);
    if (!found) continue;
    const copy = shifted + j * stride;
    for (let i: usize = 0; i < <usize>rows; i += 16) {
      v128.store(copy + i, i8x16.add(v128.load(column + i), one));
    }
  }
}

/** Rearranges the tree that was copied in. `valued`: leaves give their value, that of class 1 where there are two. */
export function prepareTree(count: i32, valued: bool, pair: bool): void {
  depth = 0;
  memory.fill(levels, 0, 2);
  for (let i: usize = 0; i < <usize>count; i++) {
    const at = nodes + 8 * i;
    const left = load<i32>(treeLeft + 4 * i);
    const level = <u32>load<u16>(levels + 2 * i);
    if (left < 0) {
      depth = max(depth, <i32>level);
      const entry = <usize>(-1 - left);
      store<u32>(at, <u32>at);
      store<u32>(at, 255, 4);
      if (valued) store<f64>(leafValues + 8 * i, <f64>(pair ? shareOfOne(entry) : valueOf(entry)));
      else store<i32>(leafValues + 8 * i, <i32>entry);
      continue;
    }
    store<u32>(at, <u32>(nodes + 8 * <usize>left));
    store<u32>(at, columnAndBin(i), 4);
    store<u32>(levels + 2 * <usize>left, (level + 1) * 0x10001);
  }
  placeTop(0, 0, 0);
}

function columnAndBin(node: usize): u32 {
  const feature = <u32>load<u16>(treeFeature + 2 * node);
  const j = <usize>(feature & (MISSING_LEFT - 1));
  const bin = <u32>load<u8>(treeBin + node);
  if (feature >= MISSING_LEFT && load<u8>(hasMissing + j) != 0) {
    return ((<u32>(shifted - chunkCodes + j * stride)) << 8) | (bin + 1);
  }
  return ((<u32>(j * stride)) << 8) | bin;
}

/** Puts a node, and those below it, among the upper levels; below a leaf there is only itself, to the left. */
function placeTop(node: usize, place: i32, level: i32): void {
  const at = nodes + 8 * node;
  if (level == TOP_LEVELS) {
    store<u32>(topExits + 4 * <usize>(place - TOP_NODES), <u32>at);
    return;
  }
  const split = load<u32>(at, 4);
  store<u32>(topColumns + 4 * <usize>place, split >>> 8);
  store<u8>(topBins + <usize>place, <u8>split);
  const left = load<i32>(treeLeft + 4 * node);
  placeTop(left < 0 ? node : <usize>left, 2 * place + 1, level + 1);
  placeTop(left < 0 ? node : <usize>left + 1, 2 * place + 2, level + 1);
}

function valueOf(entry: usize): f32 {
  return load<f32>(treeEntryValue + 4 * entry);
}

function shareOfOne(entry: usize): f32 {
  const k = <u32>load<u16>(treeEntryClass + 2 * entry);
  if ((k & (LAST_ENTRY - 1)) == 1) return valueOf(entry);
  return k >= LAST_ENTRY ? 0 : valueOf(entry + 1);
}

/** Walks rows of the chunk down the tree; adds the values of their leaves to the sums, or writes the leaves. */
export function walkTree(rows: i32, valued: bool): void {
  for (let row: usize = 0; row < <usize>rows; row += 16) {
    passTop(chunkCodes + row);
    walk8(chunkCodes + row, exits, row, valued);
    walk8(chunkCodes + row + 8, exits + 8, row + 8, valued);
  }
}

/** Which of 16 rows go left at a node of the upper levels. */
function goLeft(at: usize, node: usize): v128 {
  const values = v128.load(at + <usize>load<u32>(topColumns + 4 * node));
  return i8x16.le_u(values, v128.load_splat<u8>(topBins + node));
}

/** Of two answers, the one for the side that a row took. */
function choose(left: v128, ifLeft: v128, ifRight: v128): v128 {
  return v128.bitselect(ifLeft, ifRight, left);
}

/** The answers of the four nodes from `node` on for the way that was taken: `above` at the parents' parent. */
function chooseOfFour(at: usize, node: usize, above: v128, parent: v128): v128 {
  return choose(
    above,
    choose(parent, goLeft(at, node), goLeft(at, node + 1)),
    choose(parent, goLeft(at, node + 2), goLeft(at, node + 3)),
  );
}

/** Exits of the 16 rows whose codes begin at an address. */
function passTop(at: usize): void {
  const a = goLeft(at, 0);
  const b = choose(a, goLeft(at, 1), goLeft(at, 2));
  const c = chooseOfFour(at, 3, a, b);
  const d = choose(a, chooseOfFour(at, 7, b, c), chooseOfFour(at, 11, b, c));
  const e = choose(
    a,
    choose(b, chooseOfFour(at, 15, c, d), chooseOfFour(at, 19, c, d)),
    choose(b, chooseOfFour(at, 23, c, d), chooseOfFour(at, 27, c, d)),
  );
  let exit = v128.andnot(i8x16.splat(16), a);
  exit = v128.or(exit, v128.andnot(i8x16.splat(8), b));
  exit = v128.or(exit, v128.andnot(i8x16.splat(4), c));
  exit = v128.or(exit, v128.andnot(i8x16.splat(2), d));
  exit = v128.or(exit, v128.andnot(i8x16.splat(1), e));
  v128.store(exits, exit);
}

function walk8(at: usize, exit: usize, row: usize, valued: bool): void {
  let n0 = exitNode(exit, 0);
  let n1 = exitNode(exit, 1);
  let n2 = exitNode(exit, 2);
  let n3 = exitNode(exit, 3);
  let n4 = exitNode(exit, 4);
  let n5 = exitNode(exit, 5);
  let n6 = exitNode(exit, 6);
  let n7 = exitNode(exit, 7);
  for (let level = TOP_LEVELS; level < depth;) {
    const stop = min(level + STEPS, depth);
    for (; level < stop; level++) {
      n0 = next(n0, <u32>load<u8>(at + (load<u32>(n0, 4) >>> 8)));
      n1 = next(n1, <u32>load<u8>(at + (load<u32>(n1, 4) >>> 8), 1));
      n2 = next(n2, <u32>load<u8>(at + (load<u32>(n2, 4) >>> 8), 2));
      n3 = next(n3, <u32>load<u8>(at + (load<u32>(n3, 4) >>> 8), 3));
      n4 = next(n4, <u32>load<u8>(at + (load<u32>(n4, 4) >>> 8), 4));
      n5 = next(n5, <u32>load<u8>(at + (load<u32>(n5, 4) >>> 8), 5));
      n6 = next(n6, <u32>load<u8>(at + (load<u32>(n6, 4) >>> 8), 6));
      n7 = next(n7, <u32>load<u8>(at + (load<u32>(n7, 4) >>> 8), 7));
    }
    if (level == depth) break;
    const moving =
      ((<usize>load<u32>(n0)) ^ n0) |
      ((<usize>load<u32>(n1)) ^ n1) |
      ((<usize>load<u32>(n2)) ^ n2) |
      ((<usize>load<u32>(n3)) ^ n3) |
      ((<usize>load<u32>(n4)) ^ n4) |
      ((<usize>load<u32>(n5)) ^ n5) |
      ((<usize>load<u32>(n6)) ^ n6) |
      ((<usize>load<u32>(n7)) ^ n7);
    if (moving == 0) break;
  }
  const leaf = leafValues - nodes;
  if (valued) {
    const sum = chunkSums + 8 * row;
    add(sum, load<f64>(n0 + leaf));
    add(sum + 8, load<f64>(n1 + leaf));
    add(sum + 16, load<f64>(n2 + leaf));
    add(sum + 24, load<f64>(n3 + leaf));
    add(sum + 32, load<f64>(n4 + leaf));
    add(sum + 40, load<f64>(n5 + leaf));
    add(sum + 48, load<f64>(n6 + leaf));
    add(sum + 56, load<f64>(n7 + leaf));
    return;
  }
  const to = chunkLeaves + 4 * row;
  store<u32>(to, load<u32>(n0 + leaf));
  store<u32>(to, load<u32>(n1 + leaf), 4);
  store<u32>(to, load<u32>(n2 + leaf), 8);
  store<u32>(to, load<u32>(n3 + leaf), 12);
  store<u32>(to, load<u32>(n4 + leaf), 16);
  store<u32>(to, load<u32>(n5 + leaf), 20);
  store<u32>(to, load<u32>(n6 + leaf), 24);
  store<u32>(to, load<u32>(n7 + leaf), 28);
}

function exitNode(exit: usize, i: usize): usize {
  return <usize>load<u32>(topExits + 4 * <usize>load<u8>(exit + i));
}

function next(node: usize, code: u32): usize {
  // 8 if the code is above the bin, as both are below 2³¹.
  return <usize>(load<u32>(node) + (((<u32>load<u8>(node, 4) - code) >>> 28) & 8));
}

function add(sum: usize, value: f64): void {
  store<f64>(sum, load<f64>(sum) + value);
}

/** Adds the class shares of the leaf of each row to the sums. */
export function accumulate(rows: i32): void {
  const w = <usize>width;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const sums = chunkSums + 8 * row * w;
    let entry = <usize>load<i32>(chunkLeaves + 4 * row);
    for (;;) {
      const k = <u32>load<u16>(treeEntryClass + 2 * entry);
      const at = sums + 8 * <usize>(k & (LAST_ENTRY - 1));
      store<f64>(at, load<f64>(at) + <f64>valueOf(entry));
      if (k >= LAST_ENTRY) break;
      entry++;
    }
  }
}
