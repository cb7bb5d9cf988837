import { mostProbable } from '../predictions.ts';
import type { Targets } from '../input/targets.ts';
import { codedRows } from '../trees/chunks.ts';
import { checkedForest } from './forest.ts';
import type { ForestModel } from './forest.ts';
import { createRowDrawer } from './grower.ts';
import { withKernel } from './kernel/kernel.ts';
import type { TrainingSet } from './training-set.ts';
import { LAST_ENTRY } from './trees.ts';
import type { Trees } from './trees.ts';
import { visitLeaves } from './walk.ts';

/** Of more rows, every second, third … is judged: with so many the score is known to less than 1 %. */
const MAX_ROWS = 16_384;

/** The forest with its out-of-bag score noted: see `outOfBagScore`. */
export function withOutOfBagScore(model: ForestModel, set: TrainingSet): ForestModel {
  const { training } = model.forest;
  if (training === undefined) return model;
  const outOfBag = outOfBagScore(model, set);
  return checkedForest({ ...model.forest, training: { ...training, outOfBag } });
}

/**
 * Accuracy (classification) or R² (regression) on the training rows, each predicted by those trees that were grown
 * without it: an estimate of the score on new rows, without rows held out, as scikit-learn's `oob_score_`.
 *
 * Of more than 16,384 rows it is that of rows at equal distances. Rows that every tree has seen are left out.
 * @param set what all trees of the forest were grown from
 * @returns undefined if no row was left out of a tree, or the outcomes do not vary
 * @see Breiman (2001), Machine Learning 45:5–32, §3.1
 */
export function outOfBagScore({ forest }: ForestModel, set: TrainingSet): number | undefined {
  const { trees } = forest;
  const { targets } = set;
  const step = Math.ceil(set.rows / MAX_ROWS);
  const judged = codedRows(set.codes, set.rows, step);
  const width = targets.kind === 'classification' ? targets.classes : 1;
  const sums = new Float64Array(judged.rows * width);
  const votes = new Int32Array(judged.rows);
  withKernel((kernel) => {
    const draw = createRowDrawer(kernel, set);
    visitLeaves(forest, judged, (t, from, leaves) => {
      const drawn = draw(t);
      for (let i = 0; i < leaves.length; i++) {
        if (drawn[(from + i) * step] > 0) continue;
        votes[from + i]++;
        addLeaf(trees, trees.entryOffsets[t] + leaves[i], sums, (from + i) * width);
      }
    });
  });
  const seen = Int32Array.from({ length: judged.rows }, (_, i) => i).filter((i) => votes[i] > 0);
  if (seen.length === 0) return undefined;
  return targets.kind === 'classification'
    ? accuracy(targets.labels, mostProbable(sums, width), seen, step)
    : rSquared(targets, sums, votes, seen, step);
}

function addLeaf(trees: Trees, first: number, sums: Float64Array, at: number): void {
  for (let entry = first; ; entry++) {
    const k = trees.entryClass[entry];
    sums[at + (k & (LAST_ENTRY - 1))] += trees.entryValue[entry];
    if (k >= LAST_ENTRY) return;
  }
}

function accuracy(labels: Int32Array, said: Int32Array, rows: Int32Array, step: number): number {
  let right = 0;
  for (const i of rows) if (said[i] === labels[i * step]) right++;
  return right / rows.length;
}

function rSquared(
  { values }: Extract<Targets, { kind: 'regression' }>,
  sums: Float64Array,
  votes: Int32Array,
  rows: Int32Array,
  step: number,
): number | undefined {
  let mean = 0;
  for (const i of rows) mean += values[i * step] / rows.length;
  let left = 0;
  let all = 0;
  for (const i of rows) {
    left += (values[i * step] - sums[i] / votes[i]) ** 2;
    all += (values[i * step] - mean) ** 2;
  }
  return all > 0 ? 1 - left / all : undefined;
}
