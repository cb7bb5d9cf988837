import { columnCodesInto, createFinders } from '../binning/feature-bins.ts';
import type { EncodedTable } from '../encoder.ts';
import type { Forest } from './forest.ts';
import { MEMORY_START, reserveMemory, withKernel } from './kernel/kernel.ts';
import type { ForestKernel } from './kernel/kernel.ts';
import { treeCount } from './trees.ts';
import type { Trees } from './trees.ts';

/** Bytes of a chunk's codes: with one tree they fit into a core's second cache. */
const CHUNK_BYTES = 2 ** 20;
const MAX_CHUNK_ROWS = 32_768;

/** Bytes that a cache loads at once. */
const CACHE_LINE = 64;

/** What leads from a row to its leaves. */
type Walkable = Pick<Forest, 'schema' | 'features' | 'trees'>;

/** Rows whose bins are known, or can be found. */
export interface BinnedRows {
  readonly rows: number;
  /** Writes the bins of rows `from` to `to`, column-major: those of feature j begin at `out[j · stride]`. */
  codesInto(from: number, to: number, out: Uint8Array, stride: number): void;
}

/** The rows of a table in the bins of some features. */
export function binnedRows(
  table: EncodedTable,
  { features }: Pick<Forest, 'features'>,
): BinnedRows {
  const finders = createFinders(features, table.rows);
  return {
    rows: table.rows,
    codesInto: (from, to, out, stride) => columnCodesInto(table, finders, from, to, out, stride),
  };
}

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
  withKernel((kernel) => {
    eachChunk(kernel, forest, table, width, (from, rows, loadTree) => {
      kernel.clearSums();
      for (let t = 0; t < treeCount(trees); t++) {
        loadTree(t, valued, classes === 2);
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
  table: BinnedRows,
  visit: (tree: number, from: number, leaves: Int32Array) => void,
): void {
  withKernel((kernel) => {
    eachChunk(kernel, forest, table, 0, (from, rows, loadTree) => {
      const leaves = new Int32Array(kernel.memory.buffer, kernel.chunkLeaves.value, rows);
      for (let t = 0; t < treeCount(forest.trees); t++) {
        loadTree(t, false, false);
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
  table: BinnedRows,
  width: number,
  body: (from: number, rows: number, loadTree: LoadTree) => void,
): void {
  const p = features.length;
  const capacity = chunkCapacity(table.rows, p);
  const mostNodes = largestStep(trees.nodeOffsets);
  const mostEntries = largestStep(trees.entryOffsets);
  const end = kernel.chunkLayout(MEMORY_START, capacity, p, width, mostNodes, mostEntries);
  reserveMemory(kernel, end, `predictions of trees of ${mostNodes} nodes`);
  const codes = new Uint8Array(kernel.memory.buffer, kernel.chunkCodes.value, capacity * p);
  const loadTree = treeLoader(kernel, trees, mostNodes, mostEntries);
  for (let from = 0; from < table.rows; from += capacity) {
    const to = Math.min(table.rows, from + capacity);
    table.codesInto(from, to, codes, capacity);
    kernel.findMissing(to - from);
    body(from, to - from, loadTree);
  }
}

/**
 * Rows that a chunk holds: an odd number of cache lines. With a power of two, the columns of a row would all be kept
 * in the same few places of a cache.
 */
function chunkCapacity(rows: number, features: number): number {
  const most = Math.min(MAX_CHUNK_ROWS, rows, Math.floor(CHUNK_BYTES / features));
  const lines = Math.ceil(Math.max(1, most) / CACHE_LINE);
  return (lines % 2 === 0 ? lines + 1 : lines) * CACHE_LINE;
}

/** Brings one of the trees into the kernel's memory, in the form in which rows walk down it. */
type LoadTree = (tree: number, valued: boolean, pair: boolean) => void;

/** Takes its views once: a tree is loaded for every chunk of rows. */
function treeLoader(
  kernel: ForestKernel,
  trees: Trees,
  mostNodes: number,
  mostEntries: number,
): LoadTree {
  const { buffer } = kernel.memory;
  const feature = new Uint16Array(buffer, kernel.treeFeature.value, mostNodes);
  const bin = new Uint8Array(buffer, kernel.treeBin.value, mostNodes);
  const left = new Int32Array(buffer, kernel.treeLeft.value, mostNodes);
  const entryClass = new Uint16Array(buffer, kernel.treeEntryClass.value, mostEntries);
  const entryValue = new Float32Array(buffer, kernel.treeEntryValue.value, mostEntries);
  return (tree, valued, pair) => {
    const node = trees.nodeOffsets[tree];
    const nodeEnd = trees.nodeOffsets[tree + 1];
    const entry = trees.entryOffsets[tree];
    const entryEnd = trees.entryOffsets[tree + 1];
    feature.set(trees.feature.subarray(node, nodeEnd));
    bin.set(trees.bin.subarray(node, nodeEnd));
    left.set(trees.left.subarray(node, nodeEnd));
    entryClass.set(trees.entryClass.subarray(entry, entryEnd));
    entryValue.set(trees.entryValue.subarray(entry, entryEnd));
    kernel.prepareTree(nodeEnd - node, valued, pair);
  };
}

function largestStep(offsets: Int32Array): number {
  let largest = 0;
  for (let t = 1; t < offsets.length; t++) {
    largest = Math.max(largest, offsets[t] - offsets[t - 1]);
  }
  return largest;
}
