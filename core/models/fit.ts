import type { Table } from '../table.ts';
import { fitBaseline } from './baseline.ts';
import type { BaselineParams } from './baseline.ts';
import { fitBoosting } from './boosting/boosting.ts';
import type { BoostingParams } from './boosting/params.ts';
import { canLearn, estimatorsOf } from './estimator-tasks.ts';
import { growTrees } from './forest/chunk.ts';
import { assembleForest } from './forest/forest.ts';
import type { ForestParams } from './forest/params.ts';
import { prepareForest } from './forest/training-set.ts';
import { fitLinear } from './linear/linear.ts';
import type { LinearParams } from './linear/linear.ts';
import { fitLogistic } from './linear/logistic.ts';
import type { LogisticParams } from './linear/logistic.ts';
import { fitMlRandomForest } from './ml-random-forest/ml-random-forest.ts';
import type { MlRandomForestParams } from './ml-random-forest/ml-random-forest.ts';
import type { Model, ModelSchema } from './model.ts';
import { fitNaiveBayes } from './naive-bayes/naive-bayes.ts';
import type { NaiveBayesParams } from './naive-bayes/naive-bayes.ts';

/** Which estimator, and how it is fitted. */
export type EstimatorParams =
  | ForestParams
  | BoostingParams
  | LogisticParams
  | LinearParams
  | NaiveBayesParams
  | BaselineParams
  | MlRandomForestParams;

/** What a model is fitted to, and how: see `fitted`. */
export interface Fit {
  readonly table: Table;
  /** rows that have an outcome */
  readonly rows: Int32Array;
  readonly schema: ModelSchema;
  readonly params: EstimatorParams;
  readonly seed: number;
  /** a model of the same kind that goes on learning, in whose bins its further trees are grown; absent: a model of its own */
  readonly furtherOf?: Model | undefined;
}

/**
 * Fits a model in one go on the calling thread; the same table, rows, schema, parameters and seed give the same
 * bytes. Trees are better grown in steps where that takes long: see `growingOf`.
 *
 * @param rows rows that have an outcome
 * @param weights of `rows`; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if the estimator is not of the task, or a parameter, a column or an outcome is not as it must be
 */
export function fitModel(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: EstimatorParams,
  seed: number,
  weights?: Float64Array,
): Model {
  const { task, target } = schema;
  if (!canLearn(params.kind, task)) {
    throw new RangeError(
      `the estimator '${params.kind}' is not for ${task}, which '${target}' asks for; use one of ${estimatorsOf(task)}`,
    );
  }
  switch (params.kind) {
    case 'forest': {
      const set = prepareForest(table, rows, schema, params, seed, weights);
      return assembleForest(set, [growTrees(set, 0, params.trees)]);
    }
    case 'boosting':
      return fitBoosting(table, rows, schema, params, seed, weights);
    case 'logistic':
      return fitLogistic(table, rows, schema, params, weights);
    case 'linear':
      return fitLinear(table, rows, schema, params, weights);
    case 'naive-bayes':
      return fitNaiveBayes(table, rows, schema, params, weights);
    case 'baseline':
      return fitBaseline(table, rows, schema, weights);
    case 'ml-random-forest':
      if (weights !== undefined) {
        throw new RangeError("the estimator 'ml-random-forest' cannot weigh rows; use 'forest'");
      }
      return fitMlRandomForest(table, rows, schema, params, seed);
  }
}
