import type { Table } from '../table.ts';
import { isBoosting } from './boosting/boosted-model.ts';
import type { BoostingParams } from './boosting/params.ts';
import {
  completeBoostingUpdate,
  hasOutgrown,
  planBoostingUpdate,
} from './boosting/update-boosting.ts';
import { isForest } from './forest/forest.ts';
import type { ForestParams } from './forest/params.ts';
import { completeForestUpdate, planForestUpdate } from './forest/update.ts';
import { fitted } from './growing.ts';
import { isLinear } from './linear/linear.ts';
import { updateLinear } from './linear/update-linear.ts';
import { isLogistic } from './linear/logistic.ts';
import { updateLogistic } from './linear/update-logistic.ts';
import type { Model, ModelSchema } from './model.ts';
import { isNaiveBayes } from './naive-bayes/naive-bayes.ts';
import { classesOf } from './metrics/outcomes.ts';
import { updateNaiveBayes } from './naive-bayes/update-naive-bayes.ts';

export interface UpdateOptions {
  /** how much the rows that the model knows count beside the new ones, in (0, 1]; absent: 1, as much */
  readonly decay?: number | undefined;
  /** what randomness is drawn from, in estimators that have any */
  readonly seed: number;
  /** of the new rows, one each; a row of weight 2 is as two equal rows, one of weight 0 as none; absent: all 1 */
  readonly weights?: Float64Array | undefined;
}

/** An update that is not possible: the reason as part of a sentence. */
export interface CannotUpdate {
  readonly kind: 'cannot';
  readonly reason: string;
}

/** What is to be done before an update is completed: the further trees of a model are grown, or nothing. */
export type UpdatePlan =
  | { readonly kind: 'grow'; readonly params: ForestParams | BoostingParams }
  | { readonly kind: 'nothing' }
  | CannotUpdate;

const OLD_ARTEFACT =
  'its artefact lacks the sums that an update starts from: it is of an earlier version, or has too many columns for them to be kept';

const OUTGROWN =
  'further trees have made it five times as large as a fit may be, so that a new one is due';

/**
 * A model that has learned further rows without seeing again those that it knows, or why that is not possible.
 *
 * - linear, naive-bayes: the model of all rows, up to rounding, by their sufficient statistics
 * - logistic: approximately the model of all rows, see `updateLogistic`
 * - boosting: further trees on what the model leaves unexplained of the new rows, see `planBoostingUpdate`
 * - forest: its worst trees replaced by trees of the new rows, leaves refreshed, see `planForestUpdate`
 *
 * The same model, rows, options and seed give the same bytes. Features, categories and classes are those that the
 * model knows; a category that it does not know counts as it does in prediction.
 *
 * @param rows rows of the table that have an outcome
 * @throws RangeError if decay is out of range, or a column is absent or of another kind
 */
export function updateModel(
  model: Model,
  table: Table,
  rows: Int32Array,
  options: UpdateOptions,
): Model | CannotUpdate {
  const plan = planUpdate(model, table, rows, options);
  if (plan.kind === 'cannot') return plan;
  if (plan.kind === 'nothing') return completeUpdate(model, table, rows, options);
  const { params } = plan;
  const { schema } = model;
  const { seed, weights } = options;
  const further = fitted({ table, rows, schema, params, seed, furtherOf: model }, weights);
  return completeUpdate(model, table, rows, options, further);
}

/** The first half of `updateModel`: what takes long is told, to be done elsewhere. */
export function planUpdate(
  model: Model,
  table: Table,
  rows: Int32Array,
  { decay = 1, weights }: UpdateOptions,
): UpdatePlan {
  if (!(decay > 0 && decay <= 1)) {
    throw new RangeError(`updateModel: decay must be in (0, 1], got ${decay}`);
  }
  const counted = weights === undefined ? rows : rows.filter((_, i) => weights[i] !== 0);
  if (counted.length === 0) return cannot('there are no rows to learn');
  const strange = unknownClass(table, counted, model.schema);
  if (strange !== undefined) {
    return cannot(`the rows have the class '${strange}', which the model does not know`);
  }
  if (isBoosting(model) && hasOutgrown(model)) return cannot(OUTGROWN);
  const own = { decay, weights };
  if (isBoosting(model)) return grow(planBoostingUpdate(model, table, rows, own));
  if (isForest(model)) return grow(planForestUpdate(model, table, rows, own));
  return { kind: 'nothing' };
}

/**
 * The second half of `updateModel`.
 * @param further the model that came of the plan's parameters, where it has some
 * @throws RangeError if it is needed and not there, or as `updateModel`
 */
export function completeUpdate(
  model: Model,
  table: Table,
  rows: Int32Array,
  { decay = 1, weights }: UpdateOptions,
  further?: Model,
): Model | CannotUpdate {
  const own = { decay, weights };
  if (isLinear(model)) return updateLinear(model, table, rows, own) ?? cannot(OLD_ARTEFACT);
  if (isLogistic(model)) return updateLogistic(model, table, rows, own) ?? cannot(OLD_ARTEFACT);
  if (isNaiveBayes(model)) {
    return updateNaiveBayes(model, table, rows, own) ?? cannot(OLD_ARTEFACT);
  }
  if (isBoosting(model) && further !== undefined && isBoosting(further)) {
    return completeBoostingUpdate(model, further, table, rows, own);
  }
  if (isForest(model) && further !== undefined && isForest(further)) {
    return completeForestUpdate(model, further, table, rows, own);
  }
  if (isBoosting(model) || isForest(model)) {
    throw new RangeError(`an update of '${model.estimator}' needs the trees that were planned`);
  }
  return cannot(`the estimator '${model.estimator}' learns all its rows at once`);
}

/** Is it the reason why an update is not possible? */
export function isCannot(result: Model | CannotUpdate): result is CannotUpdate {
  return 'kind' in result;
}

function grow(params: ForestParams | BoostingParams | undefined): UpdatePlan {
  return params === undefined ? cannot(OLD_ARTEFACT) : { kind: 'grow', params };
}

function cannot(reason: string): CannotUpdate {
  return { kind: 'cannot', reason };
}

function unknownClass(
  table: Table,
  rows: Int32Array,
  { task, target, classes }: ModelSchema,
): string | undefined {
  if (task === 'regression') return undefined;
  return classesOf(table, target, rows).find((name) => !classes.includes(name));
}
