import type { RowUpdate } from '../row-updates.ts';
import { deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { encodeTable } from '../input/encoder.ts';
import { scaledTargets } from '../input/targets.ts';
import { trainingRows, weightOf } from '../input/weights.ts';
import type { TrainingRows } from '../input/weights.ts';
import type { ModelSchema } from '../model.ts';
import { binnedRows } from '../trees/chunks.ts';
import type { ForestTraining } from './fitted-forest.ts';
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
 * This first half says how the new trees are grown: how many, and else as those of the first fit.
 *
 * @param update.decay in (0, 1]: how much the rows that the model knows count in all that, beside the new ones
 * @returns undefined if the model does not say how it was grown (an older artefact)
 * @throws RangeError if a column, a weight or an outcome is not as it must be
 */
export function planForestUpdate(
  { forest }: ForestModel,
  table: Table,
  rows: Int32Array,
  update: RowUpdate,
): ForestParams | undefined {
  const { training, trees } = forest;
  if (training === undefined) return undefined;
  const { known, added } = weighed(training, table, rows, forest.schema, update);
  const share = added / (known + added);
  return { ...training.params, trees: Math.max(1, Math.round(share * treeCount(trees))) };
}

/**
 * The second half: see `planForestUpdate`.
 * @param further the new trees, as planned, grown from `prepareFurtherTrees`
 * @throws RangeError if the model does not say how it was grown, or has fewer trees
 */
export function completeForestUpdate(
  model: ForestModel,
  further: ForestModel,
  table: Table,
  rows: Int32Array,
  update: RowUpdate,
): ForestModel {
  const { training } = model.forest;
  if (training === undefined) throw new RangeError('a forest that does not say how it was grown');
  const { known, added, counted } = weighed(training, table, rows, model.schema, update);
  const errors = treeErrors(model, table, counted.rows, counted.weights);
  const worst = worstFirst(errors).subarray(0, treeCount(further.forest.trees));
  const kept = refreshLeaves(model, table, counted.rows, { known, weights: counted.weights });
  const { forest } = replaceTrees(kept, further, worst);
  return checkedForest({ ...forest, training: { params: training.params, rows: known + added } });
}

/** What the rows that a forest knows count, and the new ones, which count as in a fit of their own. */
function weighed(
  training: ForestTraining,
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  { decay, weights }: RowUpdate,
): { readonly known: number; readonly added: number; readonly counted: TrainingRows } {
  // Classes weigh in the leaves and errors of kept trees as they do in those grown.
  const { classWeight } = training.params;
  const counted = trainingRows('forest', table, rows, schema, { classWeight, weights });
  const added = weightOf(counted.rows, counted.weights);
  return { known: decay * training.rows, added, counted };
}

/**
 * Rows from which further trees of a forest can be grown: in the bins that the forest has.
 * @param options how they are grown, with how many trees and which weights
 * @throws RangeError if a parameter, a column, a weight or an outcome is not as it must be
 */
export function prepareFurtherTrees(
  { forest }: ForestModel,
  table: Table,
  rows: Int32Array,
  options: {
    readonly params: ForestParams;
    readonly seed: number;
    readonly weights?: Float64Array | undefined;
  },
): TrainingSet {
  const { schema, features, targetScale } = forest;
  const { params, weights } = options;
  checkForest(schema, params);
  const { classWeight } = params;
  const data = trainingRows('forest', table, rows, schema, { classWeight, weights });
  const encoded = encodeTable(takeRows(table, data.rows), schema);
  // The trees of a first fit are numbered from 0 with the same seed, and must not be drawn again.
  const seed = deriveSeed(options.seed, FURTHER_TREES);
  return trainingSet({ schema, features, targetScale, params, seed }, encoded, data);
}

const FURTHER_TREES = -1_000_000;

/**
 * The forest with some of its trees replaced by those of another.
 * @param further in the bins of the forest: see `prepareFurtherTrees`; as many trees as are replaced
 * @param which numbers of the trees that go, each once
 * @throws RangeError if there is no such tree, one is named twice, or they are not as many as the new trees
 */
export function replaceTrees(
  { forest }: ForestModel,
  further: ForestModel,
  which: ArrayLike<number>,
): ForestModel {
  const trees = Array.from({ length: treeCount(forest.trees) }, (_, t) => treeAt(forest.trees, t));
  const grown = further.forest.trees;
  if (which.length !== treeCount(grown) || new Set(Array.from(which)).size !== which.length) {
    throw new RangeError(
      `replaceTrees: ${which.length} trees named, different ones, for ${treeCount(grown)} new ones`,
    );
  }
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
