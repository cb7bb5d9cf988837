import { beginLayout, layoutEnd, take } from './layout';

/**
 * What trees say of a chunk of rows. The codes of a chunk come column after column, `stride` bytes each, and are laid
 * out in tiles of 16 rows, so that the rows that walk together lie together. One tree at a time is copied in and
 * rearranged, then all rows of the chunk walk down it: the upper levels 16 rows at a time, the others 8 side by side,
 * so that one row's memory is waited for while others move.
 */

/** Levels that 16 rows pass at a time; from the next one on, that takes longer than row by row. */
const TOP_LEVELS: i32 = 5;
const TOP_NODES: i32 = 31;
const TOP_EXITS: i32 = 32;

/** Levels between two looks at whether all rows have arrived. */
const STEPS: i32 = 5;

const TILE: usize = 16;
/** Columns of a tile whose distances from its begin are below 2¹⁶. */
const NARROW: i32 = 4096;

const MISSING_LEFT: u32 = 0x8000;
const LAST_ENTRY: u32 = 0x8000;
const MISSING_BIN: i8 = -1;

/** What a leaf says: its first entry, the value of that, the share of the second class, or a value given with it. */
const FIRST_ENTRY: i32 = 0;
const ENTRY_VALUE: i32 = 1;
const SECOND_SHARE: i32 = 2;

let stride: usize = 0;
let columns: i32 = 0;
let width: i32 = 0;

/** are the distances of columns in a tile 32 bits wide, not 16? */
let isWide: bool = false;

/** bins of the chunk, column-major */
export let chunkCodes: usize = 0;
/**
 * the same by tiles: 16 bytes a column; behind the columns, those with missing values once more with all bins plus 1
 */
let tiles: usize = 0;
let tileBytes: usize = 0;
/** distance of the second copy of each column from the begin of its tile (u32); 0 = there is none */
let copies: usize = 0;
/** sums of what the trees say (f64): chunk rows × width row by row, or one value after the other, `capacity` rows each */
export let chunkSums: usize = 0;
/** leaf of each row of the chunk: its first entry (i32) */
export let chunkLeaves: usize = 0;
/** the tree as it is stored; the children of a leaf are not above 0 */
export let treeFeature: usize = 0;
export let treeBin: usize = 0;
export let treeLeft: usize = 0;
export let treeValue: usize = 0;
export let treeEntryClass: usize = 0;
export let treeEntryValue: usize = 0;
/**
 * `nodeBytes` each: address of the left child (u32), bin (u8), distance of the column in a tile (u16 or u32); a leaf
 * has its own address, and sends left. They are 7 or 15 bytes apart, which is what a negative number of 32 bits leaves
 * when it is shifted down by 29 or 28 bits.
 */
let nodes: usize = 0;
let nodeBytes: usize = 0;
/** what a leaf says, at twice the distance of its node: its value (f64), or its first entry (i32) */
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
  isWide = 2 * features > NARROW;
  nodeBytes = isWide ? 15 : 7;
  beginLayout(<f64>from);
  const cells = <f64>capacity * <f64>features;
  chunkCodes = take(cells);
  tiles = take(2 * cells);
  copies = take(4 * <f64>features);
  chunkSums = take(8 * <f64>capacity * <f64>sumWidth);
  chunkLeaves = take(4 * <f64>capacity);
  treeFeature = take(2 * <f64>mostNodes);
  treeBin = take(<f64>mostNodes);
  treeLeft = take(4 * <f64>mostNodes);
  treeValue = take(8 * <f64>mostNodes);
  treeEntryClass = take(2 * <f64>mostEntries);
  treeEntryValue = take(4 * <f64>mostEntries);
  nodes = take(<f64>nodeBytes * <f64>mostNodes);
  leafValues = take(2 * <f64>nodeBytes * <f64>mostNodes + 8);
  levels = take(2 * <f64>mostNodes);
  topColumns = take(4 * TOP_NODES);
  topBins = take(TOP_NODES);
  topExits = take(4 * TOP_EXITS);
  exits = take(16);
  return layoutEnd();
}

/**
 * Lays the codes of the chunk out in tiles. The columns that have a missing value come twice, the second time with all
 * bins one higher, round to 0: a node whose missing values go left reads that copy, so that one comparison decides.
 */
export function fillTiles(rows: i32): void {
  const missing = i8x16.splat(MISSING_BIN);
  let count = <u32>columns;
  for (let j: usize = 0; j < <usize>columns; j++) {
    const column = chunkCodes + j * stride;
    let any = i8x16.splat(0);
    for (let i: usize = 0; i < <usize>rows; i += TILE) {
      any = v128.or(any, i8x16.eq(v128.load(column + i), missing));
    }
    store<u32>(copies + 4 * j, v128.any_true(any) ? 16 * count++ : 0);
  }
  tileBytes = TILE * <usize>count;
  for (let j: usize = 0; j < <usize>columns; j++) placeColumn(j, <usize>rows);
}

function placeColumn(j: usize, rows: usize): void {
  const column = chunkCodes + j * stride;
  const copy = <usize>load<u32>(copies + 4 * j);
  const one = i8x16.splat(1);
  let tile = tiles;
  for (let i: usize = 0; i < rows; i += TILE) {
    const codes = v128.load(column + i);
    v128.store(tile + TILE * j, codes);
    if (copy != 0) v128.store(tile + copy, i8x16.add(codes, one));
    tile += tileBytes;
  }
}

/** Rearranges the tree that was copied in. `says`: what its leaves give, one of the constants above. */
export function prepareTree(count: i32, says: i32): void {
  depth = 0;
  memory.fill(levels, 0, 2);
  for (let i: usize = 0; i < <usize>count; i++) {
    const at = nodes + nodeBytes * i;
    const left = load<i32>(treeLeft + 4 * i);
    const level = <u32>load<u16>(levels + 2 * i);
    if (left <= 0) {
      depth = max(depth, <i32>level);
      placeNode(at, at, 255, 0);
      placeLeaf(i, left, says);
      continue;
    }
    const feature = <u32>load<u16>(treeFeature + 2 * i);
    const bin = <u32>load<u8>(treeBin + i);
    const j = feature & (MISSING_LEFT - 1);
    const copy = feature >= MISSING_LEFT ? load<u32>(copies + 4 * <usize>j) : 0;
    const child = nodes + nodeBytes * <usize>left;
    if (copy != 0) placeNode(at, child, bin + 1, copy);
    else placeNode(at, child, bin, 16 * j);
    store<u32>(levels + 2 * <usize>left, (level + 1) * 0x10001);
  }
  placeTop(0, 0, 0);
}

function placeNode(at: usize, child: usize, bin: u32, column: u32): void {
  store<u32>(at, <u32>child);
  store<u8>(at, <u8>bin, 4);
  if (isWide) store<u32>(at, column, 5);
  else store<u16>(at, <u16>column, 5);
}

function columnAt(node: usize): u32 {
  return isWide ? load<u32>(node, 5) : <u32>load<u16>(node, 5);
}

function placeLeaf(node: usize, left: i32, says: i32): void {
  const at = leafValues + 2 * nodeBytes * node;
  const entry = <usize>(-1 - left);
  if (says == FIRST_ENTRY) store<i32>(at, <i32>entry);
  else if (says == ENTRY_VALUE) store<f64>(at, <f64>valueOf(entry));
  else if (says == SECOND_SHARE) store<f64>(at, <f64>shareOfOne(entry));
  else store<f64>(at, load<f64>(treeValue + 8 * node));
}

/** Puts a node, and those below it, among the upper levels; below a leaf there is only itself, to the left. */
function placeTop(node: usize, place: i32, level: i32): void {
  const at = nodes + nodeBytes * node;
  if (level == TOP_LEVELS) {
    store<u32>(topExits + 4 * <usize>(place - TOP_NODES), <u32>at);
    return;
  }
  store<u32>(topColumns + 4 * <usize>place, columnAt(at));
  store<u8>(topBins + <usize>place, load<u8>(at, 4));
  const left = load<i32>(treeLeft + 4 * node);
  placeTop(left <= 0 ? node : <usize>left, 2 * place + 1, level + 1);
  placeTop(left <= 0 ? node : <usize>left + 1, 2 * place + 2, level + 1);
}

function valueOf(entry: usize): f32 {
  return load<f32>(treeEntryValue + 4 * entry);
}

function shareOfOne(entry: usize): f32 {
  const k = <u32>load<u16>(treeEntryClass + 2 * entry);
  if ((k & (LAST_ENTRY - 1)) == 1) return valueOf(entry);
  return k >= LAST_ENTRY ? 0 : valueOf(entry + 1);
}

/**
 * Walks rows of the chunk down the tree. Adds what their leaves say to the sums, from the one numbered `value` on, or
 * writes the leaves where that is below 0.
 */
export function walkTree(rows: i32, value: i32): void {
  if (isWide) walkRows<u32>(<usize>rows, value);
  else walkRows<u16>(<usize>rows, value);
}

function walkRows<Column>(rows: usize, value: i32): void {
  const sums = chunkSums + 8 * stride * <usize>max(0, value);
  let tile = tiles;
  for (let row: usize = 0; row < rows; row += TILE) {
    passTop(tile);
    walk8<Column>(tile, exits, value < 0 ? 0 : sums + 8 * row, chunkLeaves + 4 * row);
    walk8<Column>(
      tile + 8,
      exits + 8,
      value < 0 ? 0 : sums + 8 * (row + 8),
      chunkLeaves + 4 * (row + 8),
    );
    tile += tileBytes;
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

/** From the exits of 8 rows down to their leaves; `sum`: where their sums begin, or 0 if the leaves are written. */
function walk8<Column>(at: usize, exit: usize, sum: usize, to: usize): void {
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
      n0 = next<Column>(n0, <u32>load<u8>(at + <usize>load<Column>(n0, 5)));
      n1 = next<Column>(n1, <u32>load<u8>(at + <usize>load<Column>(n1, 5), 1));
      n2 = next<Column>(n2, <u32>load<u8>(at + <usize>load<Column>(n2, 5), 2));
      n3 = next<Column>(n3, <u32>load<u8>(at + <usize>load<Column>(n3, 5), 3));
      n4 = next<Column>(n4, <u32>load<u8>(at + <usize>load<Column>(n4, 5), 4));
      n5 = next<Column>(n5, <u32>load<u8>(at + <usize>load<Column>(n5, 5), 5));
      n6 = next<Column>(n6, <u32>load<u8>(at + <usize>load<Column>(n6, 5), 6));
      n7 = next<Column>(n7, <u32>load<u8>(at + <usize>load<Column>(n7, 5), 7));
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
  const leaf = leafValues - 2 * nodes;
  if (sum != 0) {
    add(sum, load<f64>(2 * n0 + leaf));
    add(sum + 8, load<f64>(2 * n1 + leaf));
    add(sum + 16, load<f64>(2 * n2 + leaf));
    add(sum + 24, load<f64>(2 * n3 + leaf));
    add(sum + 32, load<f64>(2 * n4 + leaf));
    add(sum + 40, load<f64>(2 * n5 + leaf));
    add(sum + 48, load<f64>(2 * n6 + leaf));
    add(sum + 56, load<f64>(2 * n7 + leaf));
    return;
  }
  store<u32>(to, load<u32>(2 * n0 + leaf));
  store<u32>(to, load<u32>(2 * n1 + leaf), 4);
  store<u32>(to, load<u32>(2 * n2 + leaf), 8);
  store<u32>(to, load<u32>(2 * n3 + leaf), 12);
  store<u32>(to, load<u32>(2 * n4 + leaf), 16);
  store<u32>(to, load<u32>(2 * n5 + leaf), 20);
  store<u32>(to, load<u32>(2 * n6 + leaf), 24);
  store<u32>(to, load<u32>(2 * n7 + leaf), 28);
}

function exitNode(exit: usize, i: usize): usize {
  return <usize>load<u32>(topExits + 4 * <usize>load<u8>(exit + i));
}

function next<Column>(node: usize, code: u32): usize {
  // The distance to the next node if the code is above the bin, as both are below 2²⁸; otherwise 0.
  const step = (<u32>load<u8>(node, 4) - code) >>> (sizeof<Column>() == 2 ? 29 : 28);
  return <usize>(load<u32>(node) + step);
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
