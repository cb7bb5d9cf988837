import type { Table } from '../table.ts';
import { growTrees } from './forest/chunk.ts';
import { assembleForest } from './forest/forest.ts';
import type { ForestParams } from './forest/params.ts';
import { prepareForest } from './forest/training-set.ts';
import { fitMlRandomForest } from './ml-random-forest.ts';
import type { MlRandomForestParams } from './ml-random-forest.ts';
import type { Model, ModelSchema } from './model.ts';

/** Which estimator, and how it is fitted. */
export type EstimatorParams = ForestParams | MlRandomForestParams;

/**
 * Fits a model in one go on the calling thread; the same table, rows, schema, parameters and seed give the same
 * bytes. Large forests are better grown in chunks: see `growTrees`.
 *
 * @param rows rows that have an outcome
 * @throws RangeError if a parameter, a column or an outcome is not as it must be
 */
export function fitModel(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: EstimatorParams,
  seed: number,
): Model {
  if (params.kind === 'ml-random-forest') {
    return fitMlRandomForest(table, rows, schema, params, seed);
  }
  const set = prepareForest(table, rows, schema, params, seed);
  return assembleForest(set, [growTrees(set, 0, params.trees)]);
}
