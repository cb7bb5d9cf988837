import { createRandom, deriveSeed } from '../../random.ts';
import type { Random } from '../../random.ts';
import { MISSING_BIN } from '../binning/bins.ts';
import { featuresTried } from './params.ts';
import { CLASS_BITS } from './criterion.ts';
import type { Bag, BestSplit, Criterion } from './criterion.ts';
import { GiniCriterion } from './gini.ts';
import { SquaredErrorCriterion } from './squared-error.ts';
import type { TrainingSet } from './training-set.ts';

/** Set in the feature of a node whose missing values go left. */
export const MISSING_LEFT = 0x8000;

/**
 * Trees as parallel arrays, 7 bytes a node and 6 an entry; each tree begins at its own node 0 and entry 0.
 *
 * An inner node sends a row left when its bin of `feature` (15 bits; bit 15: missing goes left) is at most `bin`;
 * its children are nodes `left` and `left + 1`. A leaf has `left` = −1 − (its first entry). An entry is a class
 * and its share, or a mean outcome; the last one of a leaf has bit 15 of its class set.
 */
export interface Trees {
  /** first node of each tree, then their number: trees + 1 */
  readonly nodeOffsets: Int32Array;
  /** first entry of each tree, then their number: trees + 1 */
  readonly entryOffsets: Int32Array;
  readonly feature: Uint16Array;
  readonly bin: Uint8Array;
  readonly left: Int32Array;
  readonly entryClass: Uint16Array;
  readonly entryValue: Float32Array;
}

/** Grows trees one after the other, reusing its memory: about 40 bytes a row. */
export interface TreeGrower {
  /** Grows tree number `tree`; the same number gives the same tree. The arrays are overwritten by the next call. */
  grow(tree: number): {
    readonly nodes: number;
    readonly entries: number;
    readonly arrays: Omit<Trees, 'nodeOffsets' | 'entryOffsets'>;
  };
}

/**
 * A grower of random trees: each on a bootstrap sample of the rows, the best split of a random choice of
 * features at each node. Where none of the chosen features can be split, more are drawn, as scikit-learn does.
 * @see Breiman (2001), Machine Learning 45:5–32
 */
export function createTreeGrower(set: TrainingSet): TreeGrower {
  const n = set.rows;
  const bag: Bag = { rows: new Int32Array(n), payloads: new Int32Array(n) };
  const criterion = criterionOf(set, bag);
  const arrays = {
    feature: new Uint16Array(2 * n),
    bin: new Uint8Array(2 * n),
    left: new Int32Array(2 * n),
    entryClass: new Uint16Array(n),
    entryValue: new Float32Array(n),
  };
  const draws = new Uint16Array(n);
  const partition = createPartition(bag, set.codes, n);
  const features = Uint16Array.from(set.features, (_, j) => j);
  const tried = featuresTried(set.params, set.schema.task, features.length);
  const stack = new Int32Array(4 * (set.params.maxDepth + 2));
  const best: BestSplit = { score: -Infinity, feature: -1, bin: 0, missingLeft: -1 };

  function findSplit(start: number, end: number, random: Random): void {
    best.score = -Infinity;
    best.feature = -1;
    for (let drawn = 0; drawn < features.length; drawn++) {
      if (drawn >= tried && best.feature >= 0) return;
      const other = drawn + Math.floor(random() * (features.length - drawn));
      const feature = features[other];
      features[other] = features[drawn];
      features[drawn] = feature;
      criterion.searchFeature(feature, start, end, best);
    }
  }

  function grow(tree: number): ReturnType<TreeGrower['grow']> {
    const random = createRandom(deriveSeed(set.seed, tree));
    for (let j = 0; j < features.length; j++) features[j] = j;
    let nodes = 1;
    let entries = 0;
    let top = push(stack, 0, 0, drawBag(set, bag, draws, random), 0, 0);
    while (top > 0) {
      top -= 4;
      const start = stack[top];
      const end = stack[top + 1];
      const depth = stack[top + 2];
      const node = stack[top + 3];
      best.feature = -1;
      if (!criterion.enterNode(start, end) && depth < set.params.maxDepth) {
        findSplit(start, end, random);
      }
      if (best.feature < 0) {
        arrays.feature[node] = 0;
        arrays.bin[node] = 0;
        arrays.left[node] = -1 - entries;
        entries = criterion.writeLeaf(arrays.entryClass, arrays.entryValue, entries);
        continue;
      }
      const middle = partition(start, end, best);
      // A side that no missing value of the node asked for is the one that most of its rows take.
      const missingLeft =
        best.missingLeft === -1 ? 2 * (middle - start) >= end - start : best.missingLeft === 1;
      arrays.feature[node] = best.feature | (missingLeft ? MISSING_LEFT : 0);
      arrays.bin[node] = best.bin;
      arrays.left[node] = nodes;
      top = push(stack, top, middle, end, depth + 1, nodes + 1);
      top = push(stack, top, start, middle, depth + 1, nodes);
      nodes += 2;
    }
    return { nodes, entries, arrays };
  }

  return { grow };
}

function criterionOf(set: TrainingSet, bag: Bag): Criterion {
  const { codes, rows, targets, params } = set;
  return targets.kind === 'classification'
    ? new GiniCriterion(bag, codes, rows, targets.classes, params.minLeaf)
    : new SquaredErrorCriterion(bag, codes, rows, targets.values, params.minLeaf);
}

function push(
  stack: Int32Array,
  top: number,
  start: number,
  end: number,
  depth: number,
  node: number,
): number {
  stack[top] = start;
  stack[top + 1] = end;
  stack[top + 2] = depth;
  stack[top + 3] = node;
  return top + 4;
}

/** Draws as many rows as there are, with replacement; rows drawn more than once get a weight. Returns how many differ. */
function drawBag(set: TrainingSet, bag: Bag, draws: Uint16Array, random: Random): number {
  const n = set.rows;
  draws.fill(0);
  for (let i = 0; i < n; i++) draws[Math.floor(random() * n)]++;
  const { targets } = set;
  let count = 0;
  for (let row = 0; row < n; row++) {
    if (draws[row] === 0) continue;
    bag.rows[count] = row;
    bag.payloads[count++] =
      (draws[row] << CLASS_BITS) | (targets.kind === 'classification' ? targets.labels[row] : 0);
  }
  return count;
}

/** A stable partition of a node by a split; returns where its right part begins. Rows stay ascending. */
function createPartition(
  bag: Bag,
  codes: Uint8Array,
  rowCount: number,
): (start: number, end: number, split: BestSplit) => number {
  const rightRows = new Int32Array(rowCount);
  const rightPayloads = new Int32Array(rowCount);
  return (start, end, split) => {
    const { rows, payloads } = bag;
    const base = split.feature * rowCount;
    // Missing values that go left are counted round to bin 0, so that one comparison decides.
    const shift = split.missingLeft === 1 ? 1 : 0;
    const firstRight = split.bin + shift + 1;
    let leftEnd = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i];
      const payload = payloads[i];
      const goesLeft = (((codes[base + row] + shift) & MISSING_BIN) - firstRight) >>> 31;
      // Written to both sides and kept on one: a branch that chance decides would cost more.
      rows[leftEnd] = row;
      payloads[leftEnd] = payload;
      rightRows[right] = row;
      rightPayloads[right] = payload;
      leftEnd += goesLeft;
      right += 1 - goesLeft;
    }
    for (let i = 0; i < right; i++) {
      rows[leftEnd + i] = rightRows[i];
      payloads[leftEnd + i] = rightPayloads[i];
    }
    return leftEnd;
  };
}
