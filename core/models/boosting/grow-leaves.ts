import { MISSING_BIN } from '../binning/bins.ts';
import {
  bestSplit,
  FEATURE_SIZE,
  curvatureShare,
  fillHistograms,
  subtractHistograms,
} from './histogram.ts';
import type { BoostedRows, BoostedSplit } from './histogram.ts';
import type { BoostingParams } from './params.ts';

/** Set in the feature of a node whose missing values go left. */
export const MISSING_LEFT = 0x8000;

/**
 * A tree as parallel arrays, 15 bytes a node. An inner node sends a row left when its bin of `feature` (15 bits;
 * bit 15: missing goes left) is at most `bin`; its children are nodes `left` and `left + 1`. A leaf has `left`
 * 0, and adds `value` to the score.
 */
export interface BoostedTree {
  readonly feature: Uint16Array;
  readonly bin: Uint8Array;
  readonly left: Int32Array;
  readonly value: Float64Array;
}

/** Grows trees one after the other, reusing its memory. */
export interface LeafGrower {
  /** The tree that lowers the loss; adds what it says of each row to `scores[row · stride + offset]`. */
  grow(
    gradients: Float64Array,
    curvatures: Float64Array,
    scores: Float64Array,
    stride: number,
    offset: number,
  ): BoostedTree;
}

interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly histograms: Float64Array;
  readonly split: BoostedSplit;
}

export interface GrowerOptions {
  /** column-major, features × rows */
  readonly codes: Uint8Array;
  readonly rows: number;
  readonly constantCurvature: boolean;
  readonly params: BoostingParams;
}

/**
 * A grower of regression trees on derivatives: the leaf whose split gains most is split next, until there are
 * `maxLeaves`. Only the smaller child of a split is summed up; the other is what is left of its parent.
 * @see Ke et al. (2017), LightGBM, NeurIPS 30 (leaf-wise growth, histogram subtraction)
 */
export function createLeafGrower({
  codes,
  rows,
  constantCurvature,
  params,
}: GrowerOptions): LeafGrower {
  const { maxLeaves, minLeaf, learningRate, l2 } = params;
  const share = curvatureShare(rows, constantCurvature);
  const own = { rows: new Int32Array(rows), share };
  const rightRows = new Int32Array(rows);
  const ordered = new Float64Array(2 * rows);
  const pool: Float64Array[] = [];
  const size = (codes.length / rows) * FEATURE_SIZE;

  function sumUp(bag: BoostedRows, node: number, start: number, end: number): Leaf {
    const histograms = pool.pop() ?? new Float64Array(size);
    fillHistograms(bag, codes, start, end, ordered, histograms);
    return leafOf(node, start, end, histograms);
  }

  function leafOf(node: number, start: number, end: number, histograms: Float64Array): Leaf {
    const split = bestSplit(histograms, { minLeaf, l2, share });
    return { node, start, end, histograms, split };
  }

  function split(bag: BoostedRows, leaf: Leaf, nodes: number): readonly [Leaf, Leaf] {
    const { start, end, histograms } = leaf;
    const middle = partition(bag.rows, rightRows, codes, rows, leaf);
    const leftIsSmaller = middle - start <= end - middle;
    const smaller = leftIsSmaller
      ? sumUp(bag, nodes, start, middle)
      : sumUp(bag, nodes + 1, middle, end);
    subtractHistograms(histograms, smaller.histograms);
    return leftIsSmaller
      ? [smaller, leafOf(nodes + 1, middle, end, histograms)]
      : [leafOf(nodes, start, middle, histograms), smaller];
  }

  return {
    grow(gradients, curvatures, scores, stride, offset) {
      const bag = { ...own, gradients, curvatures };
      for (let i = 0; i < rows; i++) bag.rows[i] = i;
      const tree = emptyTree(2 * maxLeaves - 1);
      const leaves: Leaf[] = [sumUp(bag, 0, 0, rows)];
      let nodes = 1;
      while (leaves.length < maxLeaves) {
        const widest = mostGaining(leaves);
        if (widest < 0) break;
        const leaf = leaves[widest];
        writeSplit(tree, leaf, nodes, split(bag, leaf, nodes), leaves, widest);
        nodes += 2;
      }
      for (const { node, start, end, histograms } of leaves) {
        const value = learningRate * leafValue(bag, start, end, l2);
        tree.value[node] = value;
        for (let i = start; i < end; i++) scores[bag.rows[i] * stride + offset] += value;
        pool.push(histograms);
      }
      return trimmed(tree, nodes);
    },
  };
}

function emptyTree(nodes: number): BoostedTree {
  return {
    feature: new Uint16Array(nodes),
    bin: new Uint8Array(nodes),
    left: new Int32Array(nodes),
    value: new Float64Array(nodes),
  };
}

function trimmed(tree: BoostedTree, nodes: number): BoostedTree {
  return {
    feature: tree.feature.slice(0, nodes),
    bin: tree.bin.slice(0, nodes),
    left: tree.left.slice(0, nodes),
    value: tree.value.slice(0, nodes),
  };
}

/** Index of the leaf whose split gains most, the first of equals; −1 if none gains. */
function mostGaining(leaves: readonly Leaf[]): number {
  let best = -1;
  let gain = 0;
  leaves.forEach((leaf, index) => {
    if (leaf.split.gain > gain) {
      best = index;
      gain = leaf.split.gain;
    }
  });
  return best;
}

function writeSplit(
  tree: BoostedTree,
  { node, start, end, split }: Leaf,
  nodes: number,
  [left, right]: readonly [Leaf, Leaf],
  leaves: Leaf[],
  index: number,
): void {
  // A side that no missing value of the node asked for is the one that most of its rows take.
  const missingLeft =
    split.missingLeft === -1 ? 2 * (left.end - left.start) >= end - start : split.missingLeft === 1;
  tree.feature[node] = split.feature | (missingLeft ? MISSING_LEFT : 0);
  tree.bin[node] = split.bin;
  tree.left[node] = nodes;
  leaves[index] = left;
  leaves.push(right);
}

/** The value that lowers the loss of the rows at positions [start, end) most, by its second-order expansion. */
function leafValue(
  { rows, gradients, curvatures, share }: BoostedRows,
  start: number,
  end: number,
  l2: number,
): number {
  let gradient = 0;
  let curvature = share === 0 ? end - start : 0;
  for (let i = start; i < end; i++) {
    gradient += gradients[rows[i]];
    if (share !== 0) curvature += curvatures[rows[i]];
  }
  // Where all rows are certain, there is nothing to say.
  return curvature + l2 > 0 ? -gradient / (curvature + l2) : 0;
}

/** A stable partition of a leaf's rows by its split; returns where the right part begins. */
function partition(
  rows: Int32Array,
  rightRows: Int32Array,
  codes: Uint8Array,
  rowCount: number,
  { start, end, split }: Leaf,
): number {
  const base = split.feature * rowCount;
  // Missing values that go left are counted round to bin 0, so that one comparison decides.
  const shift = split.missingLeft === 1 ? 1 : 0;
  const firstRight = split.bin + shift + 1;
  let leftEnd = start;
  let right = 0;
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const goesLeft = (((codes[base + row] + shift) & MISSING_BIN) - firstRight) >>> 31;
    rows[leftEnd] = row;
    rightRows[right] = row;
    leftEnd += goesLeft;
    right += 1 - goesLeft;
  }
  rows.set(rightRows.subarray(0, right), leftEnd);
  return leftEnd;
}
