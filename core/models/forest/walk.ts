import { eachChunk } from '../trees/chunks.ts';
import type { BinnedRows, ChunkSize } from '../trees/chunks.ts';
import { LEAF_SAYS, withWalkKernel } from '../trees/kernel/kernel.ts';
import type { WalkKernel } from '../trees/kernel/kernel.ts';
import type { Forest } from './fitted-forest.ts';
import { treeCount } from './trees.ts';
import type { Trees } from './trees.ts';

/** What leads from a row to its leaves. */
type Walkable = Pick<Forest, 'schema' | 'features' | 'trees'>;

/**
 * What all trees of a forest say of the rows, added up: row-major, rows × classes, or one mean a row (scaled) for a
 * regression. The share of the first of two classes is the number of trees less that of the second.
 */
export function sumTrees(forest: Walkable, table: BinnedRows): Float64Array {
  const { schema, trees } = forest;
  const classes = schema.task === 'classification' ? schema.classes.length : 1;
  const valued = classes <= 2 && !(schema.task === 'classification' && classes === 1);
  const width = valued ? 1 : classes;
  const sums = new Float64Array(table.rows * width);
  const says = !valued ? 'firstEntry' : classes === 2 ? 'secondShare' : 'entryValue';
  withWalkKernel((kernel) => {
    const size = sizeOf(forest, width);
    eachChunk(kernel, table, size, (capacity) => {
      const { buffer } = kernel.memory;
      const loadTree = treeLoader(kernel, trees, size);
      const all = new Float64Array(buffer, kernel.chunkSums.value, capacity * width);
      return (from, rows) => {
        all.fill(0);
        for (let t = 0; t < treeCount(trees); t++) {
          loadTree(t, says);
          kernel.walkTree(rows, valued ? 0 : -1);
          if (!valued) kernel.accumulate(rows);
        }
        sums.set(all.subarray(0, rows * width), from * width);
      };
    });
  });
  return classes === 2 ? bothShares(sums, treeCount(trees)) : sums;
}

/**
 * The leaf of each row in each tree, tree after tree for a chunk of rows after the other.
 * @param visit given the tree, the first row of the chunk and the leaf of each of its rows: its first entry in the
 *   tree; overwritten by the next call
 */
export function visitLeaves(
  forest: Walkable,
  table: BinnedRows,
  visit: (tree: number, from: number, leaves: Int32Array) => void,
): void {
  withWalkKernel((kernel) => {
    const size = sizeOf(forest, 0);
    eachChunk(kernel, table, size, () => {
      const loadTree = treeLoader(kernel, forest.trees, size);
      return (from, rows) => {
        const leaves = new Int32Array(kernel.memory.buffer, kernel.chunkLeaves.value, rows);
        for (let t = 0; t < treeCount(forest.trees); t++) {
          loadTree(t, 'firstEntry');
          kernel.walkTree(rows, -1);
          visit(t, from, leaves);
        }
      };
    });
  });
}

function bothShares(ones: Float64Array, trees: number): Float64Array {
  const both = new Float64Array(2 * ones.length);
  for (let i = 0; i < ones.length; i++) {
    both[2 * i] = Math.max(0, trees - ones[i]);
    both[2 * i + 1] = ones[i];
  }
  return both;
}

/** Brings one of the trees into the kernel's memory, in the form in which rows walk down it. */
type LoadTree = (tree: number, says: keyof typeof LEAF_SAYS) => void;

/** Takes its views once: a tree is loaded for every chunk of rows. */
function treeLoader(
  kernel: WalkKernel,
  trees: Trees,
  { mostNodes, mostEntries }: ChunkSize,
): LoadTree {
  const { buffer } = kernel.memory;
  const feature = new Uint16Array(buffer, kernel.treeFeature.value, mostNodes);
  const bin = new Uint8Array(buffer, kernel.treeBin.value, mostNodes);
  const left = new Int32Array(buffer, kernel.treeLeft.value, mostNodes);
  const entryClass = new Uint16Array(buffer, kernel.treeEntryClass.value, mostEntries);
  const entryValue = new Float32Array(buffer, kernel.treeEntryValue.value, mostEntries);
  return (tree, says) => {
    const node = trees.nodeOffsets[tree];
    const nodeEnd = trees.nodeOffsets[tree + 1];
    const entry = trees.entryOffsets[tree];
    const entryEnd = trees.entryOffsets[tree + 1];
    feature.set(trees.feature.subarray(node, nodeEnd));
    bin.set(trees.bin.subarray(node, nodeEnd));
    left.set(trees.left.subarray(node, nodeEnd));
    entryClass.set(trees.entryClass.subarray(entry, entryEnd));
    entryValue.set(trees.entryValue.subarray(entry, entryEnd));
    kernel.prepareTree(nodeEnd - node, LEAF_SAYS[says]);
  };
}

function sizeOf({ features, trees }: Walkable, sums: number): ChunkSize {
  return {
    features: features.length,
    sums,
    mostNodes: largestStep(trees.nodeOffsets),
    mostEntries: largestStep(trees.entryOffsets),
  };
}

function largestStep(offsets: Int32Array): number {
  let largest = 0;
  for (let t = 1; t < offsets.length; t++) {
    largest = Math.max(largest, offsets[t] - offsets[t - 1]);
  }
  return largest;
}
