import { columnCodesInto, createFinders } from '../binning/feature-bins.ts';
import type { EncodedTable } from '../encoder.ts';
import type { Forest } from './forest.ts';
import { MEMORY_START, reserveMemory, withKernel } from './kernel/kernel.ts';
import type { ForestKernel } from './kernel/kernel.ts';
import { treeCount } from './trees.ts';

/** Bytes of a chunk's codes: with one tree they fit into a core's cache. */
const CHUNK_BYTES = 2 ** 18;
const MAX_CHUNK_ROWS = 8192;

/** Rows that walk down a tree side by side; chunks are filled up to a multiple of it. */
const ROWS_ASIDE = 16;

/** What leads from a row to its leaves. */
type Walkable = Pick<Forest, 'schema' | 'features' | 'trees'>;

/**
 * What all trees of a forest say of the rows, added up: row-major, rows × classes, or one mean a row (scaled) for a
 * regression. The share of the first of two classes is the number of trees less that of the second.
 */
export function sumTrees(forest: Walkable, table: EncodedTable): Float64Array {
  const { schema, trees } = forest;
  const classes = schema.task === 'classification' ? schema.classes.length : 1;
  const valued = classes <= 2 && !(schema.task === 'classification' && classes === 1);
  const width = valued ? 1 : classes;
  const sums = new Float64Array(table.rows * width);
  withKernel((kernel) => {
    eachChunk(kernel, forest, table, width, (from, rows) => {
      kernel.clearSums();
      for (let t = 0; t < treeCount(trees); t++) {
        loadTree(kernel, forest, t, valued, classes === 2);
        kernel.walkTree(rows, valued);
        if (!valued) kernel.accumulate(rows);
      }
      const { buffer } = kernel.memory;
      sums.set(new Float64Array(buffer, kernel.chunkSums.value, rows * width), from * width);
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
  table: EncodedTable,
  visit: (tree: number, from: number, leaves: Int32Array) => void,
): void {
  withKernel((kernel) => {
    eachChunk(kernel, forest, table, 0, (from, rows) => {
      const leaves = new Int32Array(kernel.memory.buffer, kernel.chunkLeaves.value, rows);
      for (let t = 0; t < treeCount(forest.trees); t++) {
        loadTree(kernel, forest, t, false, false);
        kernel.walkTree(rows, false);
        visit(t, from, leaves);
      }
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

/** Brings rows into the kernel's memory, as many at a time as a chunk holds. */
function eachChunk(
  kernel: ForestKernel,
  { features, trees }: Walkable,
  table: EncodedTable,
  width: number,
  body: (from: number, rows: number) => void,
): void {
  const p = features.length;
  const most = Math.min(MAX_CHUNK_ROWS, table.rows, Math.floor(CHUNK_BYTES / p));
  const capacity = Math.ceil(Math.max(1, most) / ROWS_ASIDE) * ROWS_ASIDE;
  const mostNodes = largestStep(trees.nodeOffsets);
  const mostEntries = largestStep(trees.entryOffsets);
  const end = kernel.chunkLayout(MEMORY_START, capacity, p, width, mostNodes, mostEntries);
  reserveMemory(kernel, end, `predictions of trees of ${mostNodes} nodes`);
  const codes = new Uint8Array(kernel.memory.buffer, kernel.chunkCodes.value, capacity * p);
  const finders = createFinders(features, table.rows);
  for (let from = 0; from < table.rows; from += capacity) {
    const to = Math.min(table.rows, from + capacity);
    columnCodesInto(table, finders, from, to, codes, capacity);
    kernel.findMissing(to - from);
    body(from, to - from);
  }
}

function loadTree(
  kernel: ForestKernel,
  { trees }: Walkable,
  tree: number,
  valued: boolean,
  pair: boolean,
): void {
  const { buffer } = kernel.memory;
  const node = trees.nodeOffsets[tree];
  const nodeEnd = trees.nodeOffsets[tree + 1];
  const entry = trees.entryOffsets[tree];
  const entryEnd = trees.entryOffsets[tree + 1];
  const nodes = nodeEnd - node;
  const entries = entryEnd - entry;
  const feature = new Uint16Array(buffer, kernel.treeFeature.value, nodes);
  feature.set(trees.feature.subarray(node, nodeEnd));
  new Uint8Array(buffer, kernel.treeBin.value, nodes).set(trees.bin.subarray(node, nodeEnd));
  new Int32Array(buffer, kernel.treeLeft.value, nodes).set(trees.left.subarray(node, nodeEnd));
  const entryClass = new Uint16Array(buffer, kernel.treeEntryClass.value, entries);
  entryClass.set(trees.entryClass.subarray(entry, entryEnd));
  const entryValue = new Float32Array(buffer, kernel.treeEntryValue.value, entries);
  entryValue.set(trees.entryValue.subarray(entry, entryEnd));
  kernel.prepareTree(nodes, valued, pair);
}

function largestStep(offsets: Int32Array): number {
  let largest = 0;
  for (let t = 1; t < offsets.length; t++) {
    largest = Math.max(largest, offsets[t] - offsets[t - 1]);
  }
  return largest;
}
