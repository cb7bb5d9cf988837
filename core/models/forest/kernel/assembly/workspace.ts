/**
 * Where everything lies in memory, and how large it is. The caller asks for a layout, makes the memory that
 * large, writes codes and outcomes to it, and reads trees from it.
 */

import { beginLayout, layoutEnd, take } from '../../../trees/kernel/assembly/layout';

/** Purposes: class shares of two classes, of any number of classes, and means. */
export const PAIR: i32 = 0;
export const CLASSES: i32 = 1;
export const SQUARES: i32 = 2;

/** Bins of a feature, the one of missing values included. */
export const BINS: i32 = 256;

/** Features whose histograms are filled in one pass over the rows of a node. */
export const SLOTS: i32 = 4;

/** Bytes of the bits that tell which bins have a row. */
export const OCCUPIED_BYTES: usize = 32;

/** Most rows of a node that are kept in a list for each bin. */
export const LIST_ROWS: i32 = 1024;

export let purpose: i32 = 0;
export let rows: i32 = 0;
export let features: i32 = 0;
export let classes: i32 = 0;
export let tried: i32 = 0;
export let maxDepth: i32 = 0;
export let minLeaf: i32 = 0;
export let weighted: bool = false;

/** bins, features × rows */
export let codes: usize = 0;
/** class of each row (u16), or its outcome (f64) */
export let outcomes: usize = 0;
/** weight of the rows up to and including each (f64), and the first row of each n-th part of their sum (i32) */
export let cumulative: usize = 0;
export let guide: usize = 0;
/** how often each row was drawn (u32); the same memory as `moved` */
export let draws: usize = 0;
/** rows of the tree, see bag.ts (u64) */
export let bag: usize = 0;
export let moved: usize = 0;
/** the tree */
export let nodeFeature: usize = 0;
export let nodeBin: usize = 0;
export let nodeLeft: usize = 0;
export let entryClass: usize = 0;
export let entryValue: usize = 0;
/** impurity taken away by the splits of each feature (f64) */
export let gains: usize = 0;
/** features in the order of their drawing (u16) */
export let order: usize = 0;
/** nodes that wait: start, end, depth, node (i32) */
export let stack: usize = 0;
/** histograms, bits of occupied bins, and lists, of each slot */
export let histograms: usize = 0;
export let histogramBytes: usize = 0;
export let occupied: usize = 0;
export let heads: usize = 0;
export let links: usize = 0;
/** weight of each class in the node, and left of the cut (f64) */
export let totals: usize = 0;
export let leftTotals: usize = 0;

/** Lays out the memory from an address on; returns where it ends, which may be more than there can be. */
export function layout(
  from: usize,
  newPurpose: i32,
  newRows: i32,
  newFeatures: i32,
  newClasses: i32,
  newTried: i32,
  newMaxDepth: i32,
  newMinLeaf: i32,
  newWeighted: bool,
): f64 {
  purpose = newPurpose;
  rows = newRows;
  features = newFeatures;
  classes = newClasses;
  tried = newTried;
  maxDepth = newMaxDepth;
  minLeaf = newMinLeaf;
  weighted = newWeighted;
  beginLayout(<f64>from);
  const n = <f64>rows;
  const p = <f64>features;
  codes = take(n * p);
  outcomes = take(n * (purpose == SQUARES ? 8 : 2));
  cumulative = take(weighted ? 8 * n : 0);
  guide = take(weighted ? 4 * n : 0);
  bag = take(8 * n);
  moved = take(8 * n);
  draws = moved;
  nodeFeature = take(4 * n);
  nodeBin = take(2 * n);
  nodeLeft = take(8 * n);
  entryClass = take(2 * n);
  entryValue = take(4 * n);
  gains = take(8 * p);
  order = take(2 * p);
  stack = take(16 * (<f64>maxDepth + 2));
  const binBytes = purpose == PAIR ? 8 : purpose == SQUARES ? 16 : 4 * classes;
  histogramBytes = <usize>(BINS * binBytes);
  histograms = take(SLOTS * <f64>histogramBytes);
  occupied = take(SLOTS * <f64>OCCUPIED_BYTES);
  heads = take(purpose == CLASSES ? 4 * SLOTS * BINS : 0);
  links = take(purpose == CLASSES ? 4 * SLOTS * LIST_ROWS : 0);
  totals = take(8 * <f64>classes);
  leftTotals = take(8 * <f64>classes);
  return layoutEnd();
}

/** Bring the memory that is 0 between searches to 0. */
export function clearSearchMemory(): void {
  memory.fill(histograms, 0, <usize>SLOTS * histogramBytes);
  memory.fill(occupied, 0, <usize>SLOTS * OCCUPIED_BYTES);
  if (purpose == CLASSES) memory.fill(heads, 0, 4 * SLOTS * BINS);
}
