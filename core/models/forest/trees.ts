/** Set in the feature of a node whose missing values go left. */
export const MISSING_LEFT = 0x8000;

/** Set in the class of the last entry of a leaf. */
export const LAST_ENTRY = 0x8000;

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
  /**
   * row-major, trees × features: how much of the impurity that a tree takes away is owed to a feature; adds up to 1
   * in each tree that splits. Empty in trees from before that was noted.
   */
  readonly gains: Float32Array;
}

/** How many trees there are. */
export function treeCount(trees: Trees): number {
  return trees.nodeOffsets.length - 1;
}

/** One of the trees. */
export function treeAt(trees: Trees, tree: number): Trees {
  const [node, nodeEnd] = trees.nodeOffsets.subarray(tree, tree + 2);
  const [entry, entryEnd] = trees.entryOffsets.subarray(tree, tree + 2);
  const features = trees.gains.length / treeCount(trees);
  return {
    nodeOffsets: Int32Array.of(0, nodeEnd - node),
    entryOffsets: Int32Array.of(0, entryEnd - entry),
    feature: trees.feature.subarray(node, nodeEnd),
    bin: trees.bin.subarray(node, nodeEnd),
    left: trees.left.subarray(node, nodeEnd),
    entryClass: trees.entryClass.subarray(entry, entryEnd),
    entryValue: trees.entryValue.subarray(entry, entryEnd),
    gains: trees.gains.subarray(tree * features, (tree + 1) * features),
  };
}

/** The trees of all parts in their order, copied. What one part does not know of its gains, the whole does not. */
export function concatTrees(parts: readonly Trees[]): Trees {
  const known = parts.every((part) => part.gains.length > 0);
  const gains = known ? parts.map((part) => part.gains) : [];
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
    gains: concat(Float32Array, gains),
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
