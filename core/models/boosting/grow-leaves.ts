import type { BoostingKernel, BoostingMemory } from './kernel/kernel.ts';
import type { BoostingParams } from './params.ts';

/** Set in the feature of a node whose missing values go left. */
export const MISSING_LEFT = 0x8000;

/**
 * A tree as parallel arrays, 19 bytes a node. An inner node sends a row left when its bin of `feature` (15 bits;
 * bit 15: missing goes left) is at most `bin`; its children are nodes `left` and `left + 1`. A leaf has `left`
 * 0, and adds `value` to the score.
 */
export interface BoostedTree {
  readonly feature: Uint16Array;
  readonly bin: Uint8Array;
  readonly left: Int32Array;
  readonly value: Float64Array;
  /** by how much the split of an inner node makes the loss fall; 0 for leaves, absent in older artefacts */
  readonly gain?: Float32Array | undefined;
}

/** Grows trees one after the other, in the memory of a kernel. */
export interface LeafGrower {
  /** The tree that lowers the loss, given its derivatives by an output; adds what it says of each row to that score. */
  grow(output: number): BoostedTree;
}

export interface GrowerOptions {
  readonly rows: number;
  /** scores a row */
  readonly outputs: number;
  /** see `curvatureShare` */
  readonly share: number;
  readonly params: BoostingParams;
}

/**
 * The share of a row that a curvature of 1 is packed as, so that those of all rows are half a row together:
 * 1 + curvature · share, summed up, has the number of rows before its point and the curvature behind it, to
 * 10 digits for 100,000 rows. A third of the work of filling histograms is saved so. 0 for a constant
 * curvature of 1, which the number of rows tells already.
 */
export function curvatureShare(mostCurvature: number | null): number {
  return mostCurvature === null ? 0 : 0.5 / mostCurvature;
}

/** A leaf whose histograms are in a slot of the kernel's memory. */
interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly slot: number;
  readonly split: Split;
}

interface Split {
  /** by how much the loss falls, twice; 0 = there is no split */
  readonly gain: number;
  readonly feature: number;
  /** bins up to this one go left */
  readonly bin: number;
  /** side of missing values: 1 = left, 0 = right, −1 = the node has none, so none was learned */
  readonly missingSide: number;
}

/**
 * A grower of regression trees on derivatives: the leaf whose split gains most is split next, until there are
 * `maxLeaves`. Only the smaller child of a split is summed up; the other is what is left of its parent.
 * @see Ke et al. (2017), LightGBM, NeurIPS 30 (leaf-wise growth, histogram subtraction)
 */
export function createLeafGrower({ kernel }: BoostingMemory, options: GrowerOptions): LeafGrower {
  const { rows, outputs, share, params } = options;
  const { maxLeaves, minLeaf, learningRate, l2 } = params;

  const leafOf = (node: number, start: number, end: number, slot: number): Leaf => {
    kernel.findSplit(slot, minLeaf, l2, share);
    return { node, start, end, slot, split: foundSplit(kernel) };
  };

  const splitLeaf = (leaf: Leaf, nodes: number, free: number): readonly [Leaf, Leaf] => {
    const { start, end, slot, split } = leaf;
    const missingLeft = split.missingSide === 1;
    const middle = kernel.partition(start, end, split.feature, split.bin, missingLeft);
    const leftIsSmaller = middle - start <= end - middle;
    if (leftIsSmaller) kernel.fill(start, middle, free);
    else kernel.fill(middle, end, free);
    kernel.subtract(slot, free);
    const [left, right] = leftIsSmaller ? [free, slot] : [slot, free];
    return [leafOf(nodes, start, middle, left), leafOf(nodes + 1, middle, end, right)];
  };

  return {
    grow(output) {
      kernel.beginTree(share);
      const tree = emptyTree(2 * maxLeaves - 1);
      kernel.fill(0, rows, 0);
      const leaves: Leaf[] = [leafOf(0, 0, rows, 0)];
      let nodes = 1;
      while (leaves.length < maxLeaves) {
        const widest = mostGaining(leaves);
        if (widest < 0) break;
        const leaf = leaves[widest];
        const [left, right] = splitLeaf(leaf, nodes, leaves.length);
        writeSplit(tree, leaf, nodes, left.end);
        leaves[widest] = left;
        leaves.push(right);
        nodes += 2;
      }
      for (const { node, start, end } of leaves) {
        const value = learningRate * leafValue(kernel, start, end, share, l2);
        tree.value[node] = value;
        kernel.addToScores(start, end, value, outputs, output);
      }
      return trimmed(tree, nodes);
    },
  };
}

function foundSplit({ gain, splitFeature, splitBin, missingSide }: BoostingKernel): Split {
  return {
    gain: gain.value,
    feature: splitFeature.value,
    bin: splitBin.value,
    missingSide: missingSide.value,
  };
}

type GrownTree = BoostedTree & { readonly gain: Float32Array };

function emptyTree(nodes: number): GrownTree {
  return {
    feature: new Uint16Array(nodes),
    bin: new Uint8Array(nodes),
    left: new Int32Array(nodes),
    value: new Float64Array(nodes),
    gain: new Float32Array(nodes),
  };
}

function trimmed(tree: GrownTree, nodes: number): BoostedTree {
  return {
    feature: tree.feature.slice(0, nodes),
    bin: tree.bin.slice(0, nodes),
    left: tree.left.slice(0, nodes),
    value: tree.value.slice(0, nodes),
    gain: tree.gain.slice(0, nodes),
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
  tree: GrownTree,
  { node, start, end, split }: Leaf,
  nodes: number,
  middle: number,
): void {
  // A side that no missing value of the node asked for is the one that most of its rows take.
  const missingLeft =
    split.missingSide === -1 ? 2 * (middle - start) >= end - start : split.missingSide === 1;
  tree.feature[node] = split.feature | (missingLeft ? MISSING_LEFT : 0);
  tree.bin[node] = split.bin;
  tree.left[node] = nodes;
  tree.gain[node] = split.gain / 2;
}

/** The value that lowers the loss of the rows at positions [start, end) most, by its second-order expansion. */
function leafValue(
  kernel: BoostingKernel,
  start: number,
  end: number,
  share: number,
  l2: number,
): number {
  const curvature = share === 0 ? end - start : kernel.curvatureOf(start, end);
  // Where all rows are certain, there is nothing to say.
  return curvature + l2 > 0 ? -kernel.gradientOf(start, end) / (curvature + l2) : 0;
}
