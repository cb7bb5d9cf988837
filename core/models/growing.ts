import { boostInSteps, startBoosting } from './boosting/boost.ts';
import { prepareBoosting, prepareFurther, type BoostingSet } from './boosting/boosting-set.ts';
import { isBoosting } from './boosting/boosted-model.ts';
import { finishBoosting } from './boosting/boosting.ts';
import type { BoostingParams } from './boosting/params.ts';
import { fitModel, type Fit } from './fit.ts';
import { growTrees } from './forest/chunk.ts';
import { assembleForest, isForest } from './forest/forest.ts';
import type { ForestParams } from './forest/params.ts';
import { prepareForest, type TrainingSet } from './forest/training-set.ts';
import { prepareFurtherTrees } from './forest/update.ts';
import type { Model } from './model.ts';

/** Trees that are to be grown, on any number of threads, all at once or in steps. */
export type Growing =
  | { readonly kind: 'forest'; readonly set: TrainingSet; readonly trees: number }
  | { readonly kind: 'boosting'; readonly set: BoostingSet; readonly iterations: number };

/**
 * What the trees of a fit are grown from, in bins of its own or in those of the model that it goes on from; null
 * where its estimator grows none.
 *
 * @param weights of `fit.rows`; absent: all 1
 * @throws RangeError as `fitModel`, or if the model to go on from grows no such trees
 */
export function growingOf(fit: Fit, weights?: Float64Array): Growing | null {
  const { params, furtherOf } = fit;
  switch (params.kind) {
    case 'forest':
      return { kind: 'forest', set: forestSet(fit, params, weights), trees: params.trees };
    case 'boosting': {
      const { iterations } = params;
      return { kind: 'boosting', set: boostingSet(fit, params, weights), iterations };
    }
    default:
      if (furtherOf !== undefined) throw notGrowing(fit, furtherOf);
      return null;
  }
}

function forestSet(fit: Fit, params: ForestParams, weights: Float64Array | undefined): TrainingSet {
  const { table, rows, schema, seed, furtherOf } = fit;
  if (furtherOf === undefined) return prepareForest(table, rows, schema, params, seed, weights);
  if (!isForest(furtherOf)) throw notGrowing(fit, furtherOf);
  return prepareFurtherTrees(furtherOf, table, rows, { params, seed, weights });
}

function boostingSet(
  fit: Fit,
  params: BoostingParams,
  weights: Float64Array | undefined,
): BoostingSet {
  const { table, rows, schema, seed, furtherOf } = fit;
  if (furtherOf === undefined) return prepareBoosting(table, rows, schema, params, seed, weights);
  if (!isBoosting(furtherOf)) throw notGrowing(fit, furtherOf);
  return prepareFurther(table, rows, furtherOf.boosted, params, seed, weights);
}

/**
 * The model of a fit, made in one go on the calling thread.
 * @throws RangeError as `growingOf`
 */
export function fitted(fit: Fit, weights?: Float64Array): Model {
  const growing = growingOf(fit, weights);
  if (growing === null) {
    return fitModel(fit.table, fit.rows, fit.schema, fit.params, fit.seed, weights);
  }
  if (growing.kind === 'forest') {
    return assembleForest(growing.set, [growTrees(growing.set, 0, growing.trees)]);
  }
  const { set, iterations } = growing;
  return finishBoosting(set, boostInSteps(set, startBoosting(set), iterations));
}

function notGrowing({ params }: Fit, { estimator }: Model): RangeError {
  return new RangeError(`no trees of '${params.kind}' can go on from '${estimator}'`);
}
