import { beginLayout, layoutEnd, take } from './layout';

/**
 * What trees say of a chunk of rows. The codes of a chunk come column after column, `stride` bytes each, and are laid
 * out in tiles of 16 rows, so that the rows that walk together lie together. One tree at a time is copied in and
 * rearranged, then all rows of the chunk walk down it: the upper levels 16 rows in one step, the others side by side,
 * so that one row's memory is waited for while others move.
 */

/** Levels that 16 rows pass at a time; from the next one on, that takes longer than row by row. */
const TOP_LEVELS: i32 = 5;
const TOP_NODES: i32 = 31;
const TOP_EXITS: i32 = 32;

/** Levels between two looks at whether all rows have arrived. */
const STEPS: i32 = 5;

const TILE: usize = 16;

const NODE_BYTES: usize = 16;

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
 * Nodes, `NODE_BYTES` each, the last one first, so that a right child lies before its left one. First a word (u64), from
 * the lowest bit on: bin (8 bits), address of the left child without its lowest 4 bits, which are 0, and from bit 40
 * on the distance of the column in a tile. A code above the bin, taken from the word, borrows from the address what
 * leads to the right child. A leaf has its own address, a bin that no code is above, and then what it says: its value
 * (f64), or its first entry (i32).
 */
let nodes: usize = 0;
/** address of the first node */
let root: usize = 0;
/** level of each node (u16), and of the deepest one */
let levels: usize = 0;
let depth: i32 = 0;
/** upper levels: column (u32) and bin (u8) of each node in breadth-first order; node (u32) behind each exit */
let topColumns: usize = 0;
let topBins: usize = 0;
let topExits: usize = 0;
/** which exit each of 16 rows takes (u8), and the node that it has come to (u32) */
let exits: usize = 0;
let places: usize = 0;

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
  nodes = take(<f64>NODE_BYTES * <f64>mostNodes);
  levels = take(2 * <f64>mostNodes);
  topColumns = take(4 * TOP_NODES);
  topBins = take(TOP_NODES);
  topExits = take(4 * TOP_EXITS);
  exits = take(TILE);
  places = take(4 * <f64>TILE);
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
  root = nodes + NODE_BYTES * <usize>(count - 1);
  memory.fill(levels, 0, 2);
  for (let i: usize = 0; i < <usize>count; i++) {
    const left = load<i32>(treeLeft + 4 * i);
    const level = <u32>load<u16>(levels + 2 * i);
    if (left <= 0) {
      depth = max(depth, <i32>level);
      placeNode(i, i, 255, 0);
      placeLeaf(i, left, says);
      continue;
    }
    const feature = <u32>load<u16>(treeFeature + 2 * i);
    const bin = <u32>load<u8>(treeBin + i);
    const j = feature & (MISSING_LEFT - 1);
    const copy = feature >= MISSING_LEFT ? load<u32>(copies + 4 * <usize>j) : 0;
    if (copy != 0) placeNode(i, <usize>left, bin + 1, copy);
    else placeNode(i, <usize>left, bin, <u32>TILE * j);
    store<u32>(levels + 2 * <usize>left, (level + 1) * 0x10001);
  }
  placeTop(0, 0, 0);
}

function addressOf(node: usize): usize {
  return root - NODE_BYTES * node;
}

function placeNode(node: usize, left: usize, bin: u32, column: u32): void {
  store<u64>(addressOf(node), ((<u64>column) << 40) | ((<u64>addressOf(left)) << 4) | (<u64>bin));
}

function placeLeaf(node: usize, left: i32, says: i32): void {
  const at = addressOf(node) + 8;
  const entry = <usize>(-1 - left);
  if (says == FIRST_ENTRY) store<i32>(at, <i32>entry);
  else if (says == ENTRY_VALUE) store<f64>(at, <f64>valueOf(entry));
  else if (says == SECOND_SHARE) store<f64>(at, <f64>shareOfOne(entry));
  else store<f64>(at, load<f64>(treeValue + 8 * node));
}

/** Puts a node, and those below it, among the upper levels; below a leaf there is only itself, to the left. */
function placeTop(node: usize, place: i32, level: i32): void {
  const at = addressOf(node);
  if (level == TOP_LEVELS) {
    store<u32>(topExits + 4 * <usize>(place - TOP_NODES), <u32>at);
    return;
  }
  const word = load<u64>(at);
  store<u32>(topColumns + 4 * <usize>place, <u32>(word >> 40));
  store<u8>(topBins + <usize>place, <u8>word);
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
  const sums = chunkSums + 8 * stride * <usize>max(0, value);
  let tile = tiles;
  for (let row: usize = 0; row < <usize>rows; row += TILE) {
    passTop(tile, topColumns);
    enter(exits, topExits, places);
    for (let level = TOP_LEVELS; level < depth;) {
      const stop = min(level + STEPS, depth);
      for (; level < stop; level++) step16(tile, places);
      if (level == depth || !anyMoves()) break;
    }
    if (value < 0) writeLeaves(places, chunkLeaves + 4 * row);
    else addValues(places, sums + 8 * row);
    tile += tileBytes;
  }
}

function codesAt(tile: usize, columns: usize, node: usize): v128 {
  return v128.load(tile + <usize>load<u32>(columns + 4 * node));
}

/** Of two vectors, the one for the side that a row took. */
function choose(left: v128, ifLeft: v128, ifRight: v128): v128 {
  return v128.bitselect(ifLeft, ifRight, left);
}

/** The codes that four nodes from `node` on ask for, by the way that was taken: `above` at the parents' parent. */
function codesOfFour(tile: usize, columns: usize, node: usize, above: v128, parent: v128): v128 {
  return choose(
    above,
    choose(parent, codesAt(tile, columns, node), codesAt(tile, columns, node + 1)),
    choose(parent, codesAt(tile, columns, node + 2), codesAt(tile, columns, node + 3)),
  );
}

/** Which of 16 rows go left, each at the node at its place among those from `first` on. */
function goLeft(codes: v128, first: usize, place: v128): v128 {
  return i8x16.le_u(codes, i8x16.swizzle(v128.load(topBins + first), place));
}

/** Places on the next level. */
function placeBelow(place: v128, left: v128): v128 {
  return i8x16.add(i8x16.add(i8x16.add(place, place), i8x16.splat(1)), left);
}

/** Exits of the 16 rows of a tile. */
function passTop(tile: usize, columns: usize): void {
  let place = i8x16.splat(0);
  const a = goLeft(codesAt(tile, columns, 0), 0, place);
  place = placeBelow(place, a);
  const b = goLeft(choose(a, codesAt(tile, columns, 1), codesAt(tile, columns, 2)), 1, place);
  place = placeBelow(place, b);
  const c = goLeft(codesOfFour(tile, columns, 3, a, b), 3, place);
  place = placeBelow(place, c);
  const dCodes = choose(
    a,
    codesOfFour(tile, columns, 7, b, c),
    codesOfFour(tile, columns, 11, b, c),
  );
  const d = goLeft(dCodes, 7, place);
  place = placeBelow(place, d);
  const eCodes = choose(
    a,
    choose(b, codesOfFour(tile, columns, 15, c, d), codesOfFour(tile, columns, 19, c, d)),
    choose(b, codesOfFour(tile, columns, 23, c, d), codesOfFour(tile, columns, 27, c, d)),
  );
  v128.store(exits, placeBelow(place, goLeft(eCodes, 15, place)));
}

/** Puts the 16 rows to the nodes behind their exits. */
function enter(from: usize, exitNodes: usize, to: usize): void {
  for (const end = from + TILE; from < end; from += 4) {
    store<u32>(to, load<u32>(exitNodes + 4 * <usize>load<u8>(from)));
    store<u32>(to, load<u32>(exitNodes + 4 * <usize>load<u8>(from, 1)), 4);
    store<u32>(to, load<u32>(exitNodes + 4 * <usize>load<u8>(from, 2)), 8);
    store<u32>(to, load<u32>(exitNodes + 4 * <usize>load<u8>(from, 3)), 12);
    to += 16;
  }
}

/**
 * All 16 rows of a tile go a level down. Where they are is kept in memory: in registers, of which there are fewer, the
 * compiler would hold what it has loaded for all rows before it goes on with any, and so write it to memory anyway.
 */
function step16(tile: usize, at: usize): void {
  step(tile, at, 0);
  step(tile, at, 1);
  step(tile, at, 2);
  step(tile, at, 3);
  step(tile, at, 4);
  step(tile, at, 5);
  step(tile, at, 6);
  step(tile, at, 7);
  step(tile, at, 8);
  step(tile, at, 9);
  step(tile, at, 10);
  step(tile, at, 11);
  step(tile, at, 12);
  step(tile, at, 13);
  step(tile, at, 14);
  step(tile, at, 15);
}

function step(tile: usize, at: usize, i: usize): void {
  const word = load<u64>(<usize>load<u32>(at + 4 * i));
  const code = <u64>load<u8>(tile + <usize>(word >> 40) + i);
  store<u32>(at + 4 * i, childOf(word - code));
}

function childOf(word: u64): u32 {
  return (<u32>(word >> 4)) & ~15;
}

/** Is a row of the tile not at a leaf? */
function anyMoves(): bool {
  let moves: u32 = 0;
  for (let i: usize = 0; i < TILE; i++) {
    const node = load<u32>(places + 4 * i);
    moves |= childOf(load<u64>(<usize>node)) ^ node;
  }
  return moves != 0;
}

function writeLeaves(at: usize, to: usize): void {
  for (let i: usize = 0; i < TILE; i++) {
    store<u32>(to + 4 * i, load<u32>(<usize>load<u32>(at + 4 * i), 8));
  }
}

function addValues(at: usize, sums: usize): void {
  for (const end = at + 4 * TILE; at < end; at += 16) {
    addPair(sums, load<u32>(at), load<u32>(at, 4));
    addPair(sums + 16, load<u32>(at, 8), load<u32>(at, 12));
    sums += 32;
  }
}

function addPair(sums: usize, first: usize, second: usize): void {
  const values = v128.load64_lane(second, v128.load64_zero(first, 8), 1, 8);
  v128.store(sums, f64x2.add(v128.load(sums), values));
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
