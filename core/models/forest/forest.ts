import type { Table } from '../../table.ts';
import { rowCodesInto } from '../binning/feature-bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import { encodeTable } from '../encoder.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import type { TargetScale } from '../targets.ts';
import { encodeForest } from './artefact.ts';
import { MISSING_BIN } from '../binning/bins.ts';
import { checkTrees } from './check-trees.ts';
import { concatTrees } from './chunk.ts';
import type { TreeChunk } from './chunk.ts';
import { MISSING_LEFT } from './grow-tree.ts';
import type { Trees } from './grow-tree.ts';
import { LAST_ENTRY } from './criterion.ts';
import type { TrainingSet } from './training-set.ts';

/** Rows that pass through the trees together, so that a tree stays in the cache while they do. */
const BLOCK_ROWS = 2048;

/** A grown forest: what its artefact holds. */
export interface Forest {
  readonly schema: ModelSchema;
  readonly features: readonly FeatureBins[];
  readonly targetScale: TargetScale;
  readonly trees: Trees;
}

/**
 * The model made of all trees of a forest.
 * @param chunks in any order; together every tree once
 * @throws RangeError if a tree is lacking, there twice, or not of this forest
 */
export function assembleForest(set: TrainingSet, chunks: readonly TreeChunk[]): Model {
  const ordered = [...chunks].sort((a, b) => a.firstTree - b.firstTree);
  let next = 0;
  for (const { firstTree, count } of ordered) {
    if (firstTree !== next) {
      throw new RangeError(`assembleForest: expected tree ${next} next, got tree ${firstTree}`);
    }
    next += count;
  }
  if (next !== set.params.trees) {
    throw new RangeError(`assembleForest: ${next} trees, expected ${set.params.trees}`);
  }
  const { schema, features, targetScale } = set;
  const forest = {
    schema,
    features,
    targetScale,
    trees: concatTrees(ordered.map((chunk) => chunk.trees)),
  };
  checkTrees(forest);
  return forestModel(forest);
}

/** A forest as a model. */
export function forestModel(forest: Forest): Model {
  return {
    estimator: 'forest',
    schema: forest.schema,
    predict: (table) => predictForest(forest, table),
    toBytes: () => encodeForest(forest),
  };
}

/** Class probabilities are the mean class shares of the leaves over all trees, values their mean. */
function predictForest(forest: Forest, table: Table): Predictions {
  const { schema, targetScale } = forest;
  const width = schema.task === 'classification' ? schema.classes.length : 1;
  const sums = sumTrees(forest, table, width);
  const trees = forest.trees.nodeOffsets.length - 1;
  if (schema.task === 'regression') {
    const { center, scale } = targetScale;
    return { kind: 'regression', values: sums.map((sum) => center + (scale * sum) / trees) };
  }
  for (let i = 0; i < table.rows; i++) {
    // Shares are rounded to 32 bits, so that they add up to the number of trees but for a rounding error.
    let total = 0;
    for (let k = 0; k < width; k++) total += sums[i * width + k];
    for (let k = 0; k < width; k++) sums[i * width + k] /= total;
  }
  return {
    kind: 'classification',
    classes: schema.classes,
    probabilities: sums,
    labels: mostProbable(sums, width),
  };
}

function sumTrees(forest: Forest, table: Table, width: number): Float64Array {
  const encoded = encodeTable(table, forest.schema);
  const p = forest.features.length;
  const sums = new Float64Array(table.rows * width);
  const codes = new Uint8Array(Math.min(BLOCK_ROWS, table.rows) * p);
  const trees = forest.trees.nodeOffsets.length - 1;
  for (let from = 0; from < table.rows; from += BLOCK_ROWS) {
    const to = Math.min(table.rows, from + BLOCK_ROWS);
    rowCodesInto(encoded, forest.features, from, to, codes);
    const block = sums.subarray(from * width, to * width);
    for (let t = 0; t < trees; t++) addTreeInto(forest.trees, t, codes, p, width, block);
  }
  return sums;
}

/** Adds to each row of `out` (row-major, `width` columns) what one tree says of it. */
function addTreeInto(
  trees: Trees,
  tree: number,
  codes: Uint8Array,
  p: number,
  width: number,
  out: Float64Array,
): void {
  const { feature, bin, left, entryClass, entryValue } = trees;
  const firstNode = trees.nodeOffsets[tree];
  const firstEntry = trees.entryOffsets[tree];
  const rows = out.length / width;
  for (let i = 0; i < rows; i++) {
    const row = i * p;
    let node = firstNode;
    let child = left[node];
    while (child >= 0) {
      const split = feature[node];
      // Missing values that go left are counted round to bin 0, so that one comparison decides; computed,
      // as a branch that chance decides would cost more.
      const shift = split >>> 15;
      const code = (codes[row + (split & (MISSING_LEFT - 1))] + shift) & MISSING_BIN;
      const goesRight = (bin[node] + shift - code) >>> 31;
      node = firstNode + child + goesRight;
      child = left[node];
    }
    let entry = firstEntry - 1 - child;
    for (;;) {
      const k = entryClass[entry];
      out[i * width + (k & (LAST_ENTRY - 1))] += entryValue[entry];
      if (k >= LAST_ENTRY) break;
      entry++;
    }
  }
}
