import { drawBag, partition } from './bag';
import { bestBin, bestFeature, bestMissing, bestScore, resetBest } from './best';
import { classesLeaf, classesScore, enterClasses, searchClasses } from './classes';
import { enterPair, fillPair, fillPairs, pairLeaf, pairScore, searchPair } from './pair';
import { randomBelow, seedRandom } from './random';
import {
  enterSquares,
  fillSquares,
  fillSquares4,
  searchSquares,
  squaresLeaf,
  squaresScore,
} from './squares';
import {
  clearSearchMemory,
  features,
  gains,
  maxDepth,
  nodeBin,
  nodeFeature,
  nodeLeft,
  order,
  PAIR,
  purpose,
  SLOTS,
  SQUARES,
  stack,
  tried,
} from './workspace';

/** Set in the feature of a node whose missing values go left. */
const MISSING_LEFT: i32 = 0x8000;

let entries: i32 = 0;

/** Entries of the tree that was grown last. */
export function entryCount(): i32 {
  return entries;
}

/** Draws the rows of the tree of a seed, and does not grow it: see `draws`. */
export function drawRows(seed: u32): void {
  seedRandom(seed);
  drawBag();
}

/** Grows a tree from a seed; returns how many nodes it has. */
export function growTree(seed: u32): i32 {
  clearSearchMemory();
  seedRandom(seed);
  for (let j = 0; j < features; j++) store<u16>(order + 2 * <usize>j, <u16>j);
  memory.fill(gains, 0, 8 * <usize>features);
  let nodes = 1;
  entries = 0;
  let top = push(stack, 0, drawBag(), 0, 0);
  while (top > stack) {
    top -= 16;
    const start = load<i32>(top);
    const end = load<i32>(top, 4);
    const depth = load<i32>(top, 8);
    const node = <usize>load<i32>(top, 12);
    resetBest();
    if (!enterNode(start, end) && depth < maxDepth) findSplit(start, end);
    if (bestFeature < 0) {
      store<u16>(nodeFeature + 2 * node, 0);
      store<u8>(nodeBin + node, 0);
      store<i32>(nodeLeft + 4 * node, -1 - entries);
      entries = writeLeaf(entries);
      continue;
    }
    const gain = gains + 8 * <usize>bestFeature;
    store<f64>(gain, load<f64>(gain) + max(0, bestScore - nodeScore()));
    const middle = partition(start, end, bestFeature, bestBin, bestMissing == 1);
    // A side that no missing value of the node asked for is the one that most of its rows take.
    const missingLeft = bestMissing == -1 ? 2 * (middle - start) >= end - start : bestMissing == 1;
    store<u16>(nodeFeature + 2 * node, <u16>(bestFeature | (missingLeft ? MISSING_LEFT : 0)));
    store<u8>(nodeBin + node, <u8>bestBin);
    store<i32>(nodeLeft + 4 * node, nodes);
    top = push(top, middle, end, depth + 1, nodes + 1);
    top = push(top, start, middle, depth + 1, nodes);
    nodes += 2;
  }
  return nodes;
}

/**
 * The best split of a random choice of features. Where none of them can be split, more are drawn, as scikit-learn
 * does.
 */
function findSplit(start: i32, end: i32): void {
  let drawn = 0;
  while (drawn < features) {
    if (drawn >= tried && bestFeature >= 0) return;
    const count = min(SLOTS, max(1, tried - drawn));
    for (let i = 0; i < count; i++) draw(drawn + i);
    if (purpose == PAIR) searchPairs(start, end, drawn, count);
    else if (purpose == SQUARES) searchMeans(start, end, drawn, count);
    else for (let i = 0; i < count; i++) searchClasses(start, end, drawnAt(drawn + i));
    drawn += count;
  }
}

function searchPairs(start: i32, end: i32, at: i32, count: i32): void {
  if (count == SLOTS) {
    fillPairs(start, end, drawnAt(at), drawnAt(at + 1), drawnAt(at + 2), drawnAt(at + 3));
  } else {
    for (let i = 0; i < count; i++) fillPair(start, end, i, drawnAt(at + i));
  }
  for (let i = 0; i < count; i++) searchPair(i, drawnAt(at + i));
}

function searchMeans(start: i32, end: i32, at: i32, count: i32): void {
  if (count == SLOTS) {
    fillSquares4(start, end, drawnAt(at), drawnAt(at + 1), drawnAt(at + 2), drawnAt(at + 3));
  } else {
    for (let i = 0; i < count; i++) fillSquares(start, end, i, drawnAt(at + i));
  }
  for (let i = 0; i < count; i++) searchSquares(i, drawnAt(at + i));
}

/** Swaps a random one of the features not yet drawn to a place in the order. */
function draw(place: i32): void {
  const other = order + 2 * <usize>(place + randomBelow(<f64>(features - place)));
  const here = order + 2 * <usize>place;
  const feature = load<u16>(other);
  store<u16>(other, load<u16>(here));
  store<u16>(here, feature);
}

function drawnAt(place: i32): i32 {
  return <i32>load<u16>(order + 2 * <usize>place);
}

function enterNode(start: i32, end: i32): bool {
  if (purpose == PAIR) return enterPair(start, end);
  return purpose == SQUARES ? enterSquares(start, end) : enterClasses(start, end);
}

function nodeScore(): f64 {
  if (purpose == PAIR) return pairScore();
  return purpose == SQUARES ? squaresScore() : classesScore();
}

function writeLeaf(at: i32): i32 {
  if (purpose == PAIR) return pairLeaf(at);
  return purpose == SQUARES ? squaresLeaf(at) : classesLeaf(at);
}

function push(top: usize, start: i32, end: i32, depth: i32, node: i32): usize {
  store<i32>(top, start);
  store<i32>(top, end, 4);
  store<i32>(top, depth, 8);
  store<i32>(top, node, 12);
  return top + 16;
}
