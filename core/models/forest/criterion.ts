import { MISSING_BIN } from '../binning/bins.ts';

/** Bits of a payload that hold the class; the ones above hold the bootstrap weight. */
export const CLASS_BITS = 16;
export const CLASS_MASK: number = (1 << CLASS_BITS) - 1;

/** Set in the class of the last entry of a leaf. */
export const LAST_ENTRY = 0x8000;

/** The best split of a node so far. A larger score is a smaller impurity of the two children. */
export interface BestSplit {
  score: number;
  /** −1 = none yet */
  feature: number;
  /** bins up to this one go left */
  bin: number;
  /** side of missing values: 1 = left, 0 = right, −1 = the node has none, so none was learned */
  missingLeft: -1 | 0 | 1;
}

/** Rows of one tree, those of a node beside each other; a node is a range of positions. */
export interface Bag {
  /** row at each position */
  readonly rows: Int32Array;
  /** weight << CLASS_BITS | class, of the row at each position; the class is 0 for regression */
  readonly payloads: Int32Array;
}

/** What the purpose of the trees decides: how good a split is, and what a leaf says. */
export interface Criterion {
  /** Sums up the node at positions [start, end); is it pure, or too light for two leaves? */
  enterNode(start: number, end: number): boolean;
  /** Tries the splits of a feature at that node; improves `best`. */
  searchFeature(feature: number, start: number, end: number, best: BestSplit): void;
  /** Appends what that node says as a leaf to the entries; returns how many there are then. */
  writeLeaf(classes: Uint16Array, values: Float32Array, at: number): number;
}

/** Half way between two neighbouring occupied bins, so that values between them go with the nearer one. */
export function cutBetween(bin: number, next: number): number {
  return next === MISSING_BIN ? MISSING_BIN - 1 : (bin + next) >> 1;
}

/** Records a split that is better than the best so far. */
export function record(
  best: BestSplit,
  score: number,
  feature: number,
  bin: number,
  missingLeft: BestSplit['missingLeft'],
): void {
  best.score = score;
  best.feature = feature;
  best.bin = bin;
  best.missingLeft = missingLeft;
}
