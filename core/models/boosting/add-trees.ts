import { eachChunk } from '../trees/chunks.ts';
import type { BinnedRows } from '../trees/chunks.ts';
import { LEAF_SAYS, withWalkKernel } from '../trees/kernel/kernel.ts';
import type { WalkKernel } from '../trees/kernel/kernel.ts';
import type { BoostedTree } from './grow-leaves.ts';

/**
 * Adds what trees say of each row to its scores, tree after tree.
 * @param features number of features
 * @param outputs scores a row; tree t adds to score t mod outputs
 * @param scores row-major, rows × outputs
 * @throws RangeError if there can be no memory for them
 */
export function addTreesInto(
  trees: readonly BoostedTree[],
  table: BinnedRows,
  features: number,
  outputs: number,
  scores: Float64Array,
): void {
  if (trees.length === 0) return;
  const mostNodes = trees.reduce((most, { left }) => Math.max(most, left.length), 0);
  withWalkKernel((kernel) => {
    eachChunk(kernel, table, { features, sums: outputs, mostNodes, mostEntries: 0 }, (capacity) => {
      const loadTree = treeLoader(kernel, mostNodes);
      const { buffer } = kernel.memory;
      const sums = new Float64Array(buffer, kernel.chunkSums.value, capacity * outputs);
      return (from, rows) => {
        const chunk = scores.subarray(from * outputs, (from + rows) * outputs);
        for (let at = 0; at < chunk.length; at++) {
          sums[(at % outputs) * capacity + Math.floor(at / outputs)] = chunk[at];
        }
        trees.forEach((tree, t) => {
          loadTree(tree);
          kernel.walkTree(rows, t % outputs);
        });
        for (let at = 0; at < chunk.length; at++) {
          chunk[at] = sums[(at % outputs) * capacity + Math.floor(at / outputs)];
        }
      };
    });
  });
}

/** Brings trees into the kernel's memory, in the form in which rows walk down them. */
function treeLoader(kernel: WalkKernel, mostNodes: number): (tree: BoostedTree) => void {
  const { buffer } = kernel.memory;
  const feature = new Uint16Array(buffer, kernel.treeFeature.value, mostNodes);
  const bin = new Uint8Array(buffer, kernel.treeBin.value, mostNodes);
  const left = new Int32Array(buffer, kernel.treeLeft.value, mostNodes);
  const value = new Float64Array(buffer, kernel.treeValue.value, mostNodes);
  return (tree) => {
    feature.set(tree.feature);
    bin.set(tree.bin);
    left.set(tree.left);
    value.set(tree.value);
    kernel.prepareTree(tree.left.length, LEAF_SAYS.ownValue);
  };
}
