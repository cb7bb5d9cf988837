import { MISSING_BIN } from '../binning/bins.ts';
import { arrayOf, damaged, decodeContainer, encodeContainer } from '../artefact/container.ts';
import type { Container, TypedArray } from '../artefact/container.ts';
import { MISSING_LEFT } from './grow-leaves.ts';
import type { BoostedTree } from './grow-leaves.ts';

const CHECKPOINT = 'boosted-trees';

/** Trees as arrays of a container: the nodes of all trees one after the other. */
export function storeTrees(trees: readonly BoostedTree[]): Record<string, TypedArray> {
  const nodeOffsets = new Int32Array(trees.length + 1);
  trees.forEach((tree, t) => (nodeOffsets[t + 1] = nodeOffsets[t] + tree.left.length));
  const nodes = nodeOffsets[trees.length];
  const feature = new Uint16Array(nodes);
  const bin = new Uint8Array(nodes);
  const left = new Int32Array(nodes);
  const value = new Float64Array(nodes);
  const gain = new Float32Array(nodes);
  trees.forEach((tree, t) => {
    feature.set(tree.feature, nodeOffsets[t]);
    bin.set(tree.bin, nodeOffsets[t]);
    left.set(tree.left, nodeOffsets[t]);
    value.set(tree.value, nodeOffsets[t]);
    if (tree.gain !== undefined) gain.set(tree.gain, nodeOffsets[t]);
  });
  const own = { nodeOffsets, feature, bin, left, value };
  return trees.every((tree) => tree.gain !== undefined) ? { ...own, gain } : own;
}

/**
 * The trees in a container.
 * @param features number of features
 * @throws RangeError if they are not sound: a walk through one ends
 */
export function readTrees(container: Container, features: number): BoostedTree[] {
  const offsets = arrayOf(container, 'nodeOffsets', Int32Array);
  const feature = arrayOf(container, 'feature', Uint16Array);
  const bin = arrayOf(container, 'bin', Uint8Array);
  const left = arrayOf(container, 'left', Int32Array);
  const value = arrayOf(container, 'value', Float64Array);
  const gain = 'gain' in container.arrays ? arrayOf(container, 'gain', Float32Array) : undefined;
  const nodes = offsets[offsets.length - 1];
  if (offsets[0] !== 0) throw damaged('its first tree does not begin at 0');
  if ([feature, bin, left, value, gain ?? left].some((array) => array.length !== nodes)) {
    throw damaged(`its trees end at ${nodes}, not at their arrays' end`);
  }
  if (gain?.some((own) => !(own >= 0 && own < Infinity)) === true) throw damaged('a gain below 0');
  const trees: BoostedTree[] = [];
  for (let t = 0; t + 1 < offsets.length; t++) {
    if (offsets[t + 1] <= offsets[t]) throw damaged(`tree ${t} is empty`);
    const tree = {
      feature: feature.slice(offsets[t], offsets[t + 1]),
      bin: bin.slice(offsets[t], offsets[t + 1]),
      left: left.slice(offsets[t], offsets[t + 1]),
      value: value.slice(offsets[t], offsets[t + 1]),
      gain: gain?.slice(offsets[t], offsets[t + 1]),
    };
    checkNodes(tree, t, features);
    trees.push(tree);
  }
  return trees;
}

/** Trees as bytes, for a checkpoint. */
export function encodeBoostedTrees(trees: readonly BoostedTree[]): Uint8Array {
  return encodeContainer({ kind: CHECKPOINT, meta: null, arrays: storeTrees(trees) });
}

/**
 * The trees of a checkpoint.
 * @param features number of features
 * @throws RangeError if the bytes are not such trees
 */
export function decodeBoostedTrees(bytes: Uint8Array, features: number): readonly BoostedTree[] {
  const container = decodeContainer(bytes);
  if (container.kind !== CHECKPOINT) throw damaged(`'${container.kind}' instead of boosted trees`);
  return readTrees(container, features);
}

/** Children come after their parent and inside the tree, so that no path is endless. */
function checkNodes(tree: BoostedTree, t: number, features: number): void {
  const { feature, bin, left, value } = tree;
  for (let node = 0; node < left.length; node++) {
    if (!Number.isFinite(value[node]))
      throw damaged(`tree ${t}, node ${node}: leaf ${value[node]}`);
    if (left[node] === 0) continue;
    if (left[node] <= node || left[node] + 1 >= left.length) {
      throw damaged(
        `tree ${t}, node ${node}: children ${left[node]} and ${left[node] + 1} of ${left.length} nodes`,
      );
    }
    const split = feature[node] & (MISSING_LEFT - 1);
    if (split >= features)
      throw damaged(`tree ${t}, node ${node}: feature ${split} of ${features}`);
    if (bin[node] >= MISSING_BIN) {
      throw damaged(`tree ${t}, node ${node}: splits after bin ${bin[node]}`);
    }
  }
}
