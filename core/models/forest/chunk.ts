import {
  arrayOf,
  damaged,
  decodeContainer,
  encodeContainer,
  isCount,
  isRecord,
} from '../container.ts';
import { createTreeGrower } from './grow-tree.ts';
import type { Trees } from './grow-tree.ts';
import type { TrainingSet } from './training-set.ts';

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
 * @throws RangeError if the forest has no such trees
 */
export function growTrees(set: TrainingSet, firstTree: number, count: number): TreeChunk {
  const { trees } = set.params;
  if (!isCount(firstTree) || !isCount(count) || count < 1 || firstTree + count > trees) {
    throw new RangeError(
      `growTrees: trees ${firstTree} to ${firstTree + count - 1} of a forest of ${trees}`,
    );
  }
  const grower = createTreeGrower(set);
  const parts: Trees[] = [];
  for (let t = 0; t < count; t++) {
    const { nodes, entries, arrays } = grower.grow(firstTree + t);
    parts.push({
      nodeOffsets: Int32Array.of(0, nodes),
      entryOffsets: Int32Array.of(0, entries),
      feature: arrays.feature.slice(0, nodes),
      bin: arrays.bin.slice(0, nodes),
      left: arrays.left.slice(0, nodes),
      entryClass: arrays.entryClass.slice(0, entries),
      entryValue: arrays.entryValue.slice(0, entries),
    });
  }
  return { firstTree, count, trees: concatTrees(parts) };
}

/** The trees of all parts in their order. */
export function concatTrees(parts: readonly Trees[]): Trees {
  return {
    nodeOffsets: concatOffsets(parts.map((part) => part.nodeOffsets)),
    entryOffsets: concatOffsets(parts.map((part) => part.entryOffsets)),
    feature: concat(
      Uint16Array,
      parts.map((part) => part.feature),
    ),
    bin: concat(
      Uint8Array,
      parts.map((part) => part.bin),
    ),
    left: concat(
      Int32Array,
      parts.map((part) => part.left),
    ),
    entryClass: concat(
      Uint16Array,
      parts.map((part) => part.entryClass),
    ),
    entryValue: concat(
      Float32Array,
      parts.map((part) => part.entryValue),
    ),
  };
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
  if (trees.nodeOffsets.length !== meta['count'] + 1) {
    throw damaged(`${trees.nodeOffsets.length - 1} trees, expected ${meta['count']}`);
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
  };
}

function concatOffsets(parts: readonly Int32Array[]): Int32Array {
  const out = [0];
  let base = 0;
  for (const offsets of parts) {
    for (let t = 1; t < offsets.length; t++) out.push(base + offsets[t]);
    base += offsets[offsets.length - 1];
  }
  return Int32Array.from(out);
}

function concat<T extends Uint8Array | Uint16Array | Int32Array | Float32Array>(
  type: new (length: number) => T,
  parts: readonly T[],
): T {
  const out = new type(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
