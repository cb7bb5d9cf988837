import type { SeededRowUpdate } from '../row-updates.ts';
import { deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { encodeTable } from '../input/encoder.ts';
import { scaledTargets } from '../input/targets.ts';
import { trainingRows, weightOf } from '../input/weights.ts';
import { binnedRows } from '../trees/chunks.ts';
import { growTrees } from './chunk.ts';
import { checkedForest } from './forest.ts';
import type { ForestModel } from './forest.ts';
import type { ForestParams } from './params.ts';
import { refreshLeaves } from './refresh-leaves.ts';
import { checkForest, trainingSet } from './training-set.ts';
import type { TrainingSet } from './training-set.ts';
import { concatTrees, LAST_ENTRY, treeAt, treeCount } from './trees.ts';
import { visitLeaves } from './walk.ts';

/**
 * A forest that goes on learning: the trees that are worst on the new rows are replaced by trees grown on those, and
 * the leaves of the others move towards their outcomes.
 *
 * As many trees are replaced as the new rows are a share of all, by weight, and at least one. A kept leaf becomes the mean of
 * the rows that it stands for and of the new ones in it. Bins, categories and classes stay those of the first fit.
 *
 * @param decay in (0, 1]: how much the rows that the model knows count in all that, beside the new ones
 * @param weights of `rows`; absent: all 1
 * @returns undefined if the model does not say how it was grown (an older artefact)
 * @throws RangeError if a column, a weight or an outcome is not as it must be
 */
export function updateForest(
  model: ForestModel,
  table: Table,
  rows: Int32Array,
  { decay, seed, weights }: SeededRowUpdate,
): ForestModel | undefined {
  const { training, trees } = model.forest;
  if (training === undefined) return undefined;
  const { params } = training;
  const known = decay * training.rows;
  // Classes weigh in the leaves and errors of kept trees as they do in those grown.
  const counted = trainingRows('forest', table, rows, model.schema, {
    classWeight: params.classWeight,
    weights,
  });
  const added = weightOf(counted.rows, counted.weights);
  const share = added / (known + added);
  const replaced = Math.max(1, Math.round(share * treeCount(trees)));
  const errors = treeErrors(model, table, counted.rows, counted.weights);
  const worst = worstFirst(errors).subarray(0, replaced);
  const further = { params, trees: replaced, seed, weights };
  const set = prepareFurtherTrees(model, table, rows, further);
  const kept = refreshLeaves(model, table, counted.rows, { known, weights: counted.weights });
  const { forest } = replaceTrees(kept, set, worst);
  return checkedForest({ ...forest, training: { params, rows: known + added } });
}

/**
 * Rows from which further trees of a forest can be grown: in the bins that the forest has.
 * @param options how many trees, and how and with which weights they are grown
 * @throws RangeError if a parameter, a column, a weight or an outcome is not as it must be
 */
export function prepareFurtherTrees(
  { forest }: ForestModel,
  table: Table,
  rows: Int32Array,
  options: {
    readonly params: ForestParams;
    readonly trees: number;
    readonly seed: number;
    readonly weights?: Float64Array | undefined;
  },
): TrainingSet {
  const { schema, features, targetScale } = forest;
  const params = { ...options.params, trees: options.trees };
  checkForest(schema, params);
  const data = trainingRows('forest', table, rows, schema, {
    classWeight: params.classWeight,
    weights: options.weights,
  });
  const encoded = encodeTable(takeRows(table, data.rows), schema);
  // The trees of a first fit are numbered from 0 with the same seed, and must not be drawn again.
  const seed = deriveSeed(options.seed, FURTHER_TREES);
  return trainingSet({ schema, features, targetScale, params, seed }, encoded, data);
}

const FURTHER_TREES = -1_000_000;

/**
 * The forest with some of its trees replaced by those grown from a training set.
 * @param set in the bins of the forest: see `prepareFurtherTrees`; as many trees as are replaced
 * @param which numbers of the trees that go, each once
 * @throws RangeError if there is no such tree, one is named twice, or they are not as many as the set's trees
 */
export function replaceTrees(
  { forest }: ForestModel,
  set: TrainingSet,
  which: ArrayLike<number>,
): ForestModel {
  const trees = Array.from({ length: treeCount(forest.trees) }, (_, t) => treeAt(forest.trees, t));
  if (which.length !== set.params.trees || new Set(Array.from(which)).size !== which.length) {
    throw new RangeError(
      `replaceTrees: ${which.length} trees named, different ones, for ${set.params.trees} new ones`,
    );
  }
  const grown = growTrees(set, 0, which.length).trees;
  for (let i = 0; i < which.length; i++) {
    if (!Object.hasOwn(trees, which[i])) {
      throw new RangeError(`replaceTrees: no tree ${which[i]} in a forest of ${trees.length}`);
    }
    trees[which[i]] = treeAt(grown, i);
  }
  return checkedForest({ ...forest, trees: concatTrees(trees) });
}

/**
 * How wrong each tree is on some rows by itself: mean squared error of a regression, in the target's units squared;
 * Brier score of a classification, in [0, 2].
 * @param weights of `rows`; absent: all 1
 * @throws RangeError if a column, a weight or an outcome is not as it must be
 */
export function treeErrors(
  { forest }: ForestModel,
  table: Table,
  rows: Int32Array,
  weights?: Float64Array,
): Float64Array {
  const { schema, trees, targetScale } = forest;
  const data = trainingRows('forest', table, rows, schema, { weights });
  const targets = scaledTargets(data.targets, targetScale);
  const binned = binnedRows(encodeTable(takeRows(table, data.rows), schema), forest.features);
  const errors = new Float64Array(treeCount(trees));
  visitLeaves(forest, binned, (t, from, leaves) => {
    const first = trees.entryOffsets[t];
    leaves.forEach((leaf, i) => {
      const weight = data.weights?.[from + i] ?? 1;
      const outcome =
        targets.kind === 'classification' ? targets.labels[from + i] : targets.values[from + i];
      errors[t] +=
        weight *
        (targets.kind === 'classification'
          ? brierOf(trees, first + leaf, outcome)
          : (trees.entryValue[first + leaf] - outcome) ** 2);
    });
  });
  const total = data.weights?.reduce((sum, weight) => sum + weight, 0) ?? data.rows.length;
  const unit = targets.kind === 'classification' ? 1 : targetScale.scale ** 2;
  return errors.map((error) => (unit * error) / total);
}

/** Σ_k (share_k − [k is the label])² of the leaf whose first entry is given. */
function brierOf(trees: ForestModel['forest']['trees'], first: number, label: number): number {
  let squares = 1;
  for (let entry = first; ; entry++) {
    const k = trees.entryClass[entry];
    const share = trees.entryValue[entry];
    squares += share * (share - ((k & (LAST_ENTRY - 1)) === label ? 2 : 0));
    if (k >= LAST_ENTRY) return squares;
  }
}

/** Numbers of the trees, the one with the largest error first; of equals, the older first. */
function worstFirst(errors: Float64Array): Int32Array {
  const order = Int32Array.from(errors, (_, t) => t);
  return order.sort((a, b) => errors[b] - errors[a] || a - b);
}
