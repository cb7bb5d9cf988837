import {
  arrayOf,
  damaged,
  decodeContainer,
  encodeContainer,
  isCount,
  isRecord,
} from '../artefact/container.ts';
import { createTreeGrower } from './grower.ts';
import { withKernel } from './kernel/kernel.ts';
import type { TrainingSet } from './training-set.ts';
import { concatTrees, treeCount } from './trees.ts';
import type { Trees } from './trees.ts';

const CHUNK_KIND = 'forest-chunk';

/** Consecutive trees of a forest: what one thread grew, and what a checkpoint keeps. */
export interface TreeChunk {
  /** number of the first tree in its forest, from 0 */
  readonly firstTree: number;
  readonly count: number;
  readonly trees: Trees;
}

/**
 * Grows the trees numbered `firstTree` to `firstTree + count − 1`.
 *
 * A tree depends on the training set and its number only: forests are the same however their trees are shared
 * out among threads and calls. O(tree depth · rows · features tried) a tree; do not call it for so many trees
 * that nothing else can be done meanwhile.
 * @throws RangeError if the forest has no such trees, or its rows do not fit into the memory of a kernel
 */
export function growTrees(set: TrainingSet, firstTree: number, count: number): TreeChunk {
  const { trees } = set.params;
  if (!isCount(firstTree) || !isCount(count) || count < 1 || firstTree + count > trees) {
    throw new RangeError(
      `growTrees: trees ${firstTree} to ${firstTree + count - 1} of a forest of ${trees}`,
    );
  }
  const parts = withKernel((kernel) => {
    const grow = createTreeGrower(kernel, set);
    return Array.from({ length: count }, (_, t) => grow(firstTree + t));
  });
  return { firstTree, count, trees: concatTrees(parts) };
}

/** A chunk as bytes, for a checkpoint or another machine. */
export function encodeChunk(chunk: TreeChunk): Uint8Array {
  const { firstTree, count, trees } = chunk;
  return encodeContainer({ kind: CHUNK_KIND, meta: { firstTree, count }, arrays: { ...trees } });
}

/**
 * The chunk in some bytes. Its trees are checked when they are assembled.
 * @throws RangeError if the bytes are not one whole chunk
 */
export function decodeChunk(bytes: Uint8Array): TreeChunk {
  const container = decodeContainer(bytes);
  if (container.kind !== CHUNK_KIND) throw damaged(`a ${container.kind}, expected a ${CHUNK_KIND}`);
  const { meta } = container;
  if (!isRecord(meta) || !isCount(meta['firstTree']) || !isCount(meta['count'])) {
    throw damaged('a forest chunk without firstTree and count');
  }
  const trees = treesOf(container);
  if (treeCount(trees) !== meta['count']) {
    throw damaged(`${treeCount(trees)} trees, expected ${meta['count']}`);
  }
  return { firstTree: meta['firstTree'], count: meta['count'], trees };
}

/** The arrays of trees in a container, unchecked but for their types. */
export function treesOf(container: ReturnType<typeof decodeContainer>): Trees {
  return {
    nodeOffsets: arrayOf(container, 'nodeOffsets', Int32Array),
    entryOffsets: arrayOf(container, 'entryOffsets', Int32Array),
    feature: arrayOf(container, 'feature', Uint16Array),
    bin: arrayOf(container, 'bin', Uint8Array),
    left: arrayOf(container, 'left', Int32Array),
    entryClass: arrayOf(container, 'entryClass', Uint16Array),
    entryValue: arrayOf(container, 'entryValue', Float32Array),
    gains: Object.hasOwn(container.arrays, 'gains')
      ? arrayOf(container, 'gains', Float32Array)
      : new Float32Array(0),
  };
}
