import type { Table } from '../../table.ts';
import type { ModelSchema } from '../model.ts';
import { boostInSteps, boostedTrees, startBoosting } from './boost.ts';
import type { BoostingState } from './boost.ts';
import { boostingModel } from './boosted-model.ts';
import type { BoostingModel } from './boosted-model.ts';
import { prepareBoosting, rowsIn } from './boosting-set.ts';
import type { BoostingSet } from './boosting-set.ts';
import { parseBoostingParams } from './params.ts';
import type { BoostingParams } from './params.ts';

/**
 * Fits gradient boosted trees on histograms: log-loss for classes, squared error for numbers.
 *
 * Each iteration grows a tree, or one for each of more than two classes, on the derivatives of the loss. With
 * validation rows (a random share, drawn from the seed), fitting stops when they have gained nothing for
 * `patience` iterations, and the iterations after the best one are dropped. To be told of progress, or to go on
 * after a break, see `boostInSteps`.
 *
 * @param weights of `rows`; a row of weight 2 counts as two equal rows, but as one for `minLeaf`; absent: all 1
 * @throws RangeError if a parameter, a column or an outcome is not as it must be, or memory would not suffice
 * @see Friedman (2001), Annals of Statistics 29:1189–1232; Ke et al. (2017), LightGBM, NeurIPS 30
 */
export function fitBoosting(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: BoostingParams,
  seed: number,
  weights?: Float64Array,
): BoostingModel {
  const set = prepareBoosting(table, rows, schema, params, seed, weights);
  return finishBoosting(set, boostInSteps(set, startBoosting(set), params.iterations));
}

/** The model of the iterations made. */
export function finishBoosting(set: BoostingSet, state: BoostingState): BoostingModel {
  const { schema, features, targetScale, initial, params } = set;
  const trees = boostedTrees(set, state);
  return boostingModel({
    schema,
    features,
    targetScale,
    initial,
    trees,
    training: { params: parseBoostingParams(params), rows: rowsIn(set) },
  });
}
