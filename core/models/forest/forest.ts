import type { Table } from '../../table.ts';
import { encodeTable } from '../input/encoder.ts';
import type { Model, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import { weightOf } from '../input/weights.ts';
import { binnedRows } from '../trees/chunks.ts';
import { encodeForest } from './encode-forest.ts';
import { checkTrees } from './check-trees.ts';
import type { TreeChunk } from './chunk.ts';
import { importancesOf } from './importances.ts';
import type { TrainingSet } from './training-set.ts';
import { concatTrees, treeCount } from './trees.ts';
import { sumTrees } from './walk.ts';
import type { Forest } from './fitted-forest.ts';

/**
 * The model made of all trees of a forest.
 * @param chunks in any order; together every tree once
 * @throws RangeError if a tree is lacking, there twice, or not of this forest
 */
export function assembleForest(set: TrainingSet, chunks: readonly TreeChunk[]): ForestModel {
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
  const { schema, features, targetScale, params } = set;
  const trees = concatTrees(ordered.map((chunk) => chunk.trees));
  const rows = weightOf({ length: set.rows }, set.weights);
  return checkedForest({ schema, features, targetScale, trees, training: { params, rows } });
}

/**
 * A forest as a model, wherever its trees come from.
 * @throws RangeError if they are not sound: see `checkTrees`
 */
export function checkedForest(forest: Forest): ForestModel {
  checkTrees(forest);
  return forestModel(forest);
}

/** A forest, and what it is made of. */
export interface ForestModel extends Model {
  readonly estimator: 'forest';
  readonly forest: Forest;
}

/** Is it a forest of ours? */
export function isForest(model: Model): model is ForestModel {
  return model.estimator === 'forest' && 'forest' in model;
}

function forestModel(forest: Forest): ForestModel {
  return {
    estimator: 'forest',
    schema: forest.schema,
    forest,
    oobScore: forest.training?.outOfBag,
    importances: () => importancesOf(forest),
    predict: (table) => predictForest(forest, table),
    toBytes: () => encodeForest(forest),
  };
}

/** Class probabilities are the mean class shares of the leaves over all trees, values their mean. */
function predictForest(forest: Forest, table: Table): Predictions {
  const { schema, targetScale } = forest;
  const width = schema.task === 'classification' ? schema.classes.length : 1;
  const sums = sumTrees(forest, binnedRows(encodeTable(table, schema), forest.features));
  const trees = treeCount(forest.trees);
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
