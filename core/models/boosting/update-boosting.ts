import type { SeededRowUpdate } from '../row-updates.ts';
import type { Table } from '../../table.ts';
import { boostInSteps, boostedTrees, startBoosting } from './boost.ts';
import { boostingModel } from './boosted-model.ts';
import type { BoostingModel } from './boosted-model.ts';
import { trainingRows, weightOf } from '../input/weights.ts';
import { prepareFurther } from './boosting-set.ts';

/** A model with this many times the iterations that a fit may take learns no more: each of them costs whoever predicts. */
const MOST_FITS = 5;

/** Has a model taken in so many further trees that a new fit is due? Never after a first fit. */
export function hasOutgrown({ boosted: { training }, iterations }: BoostingModel): boolean {
  return training !== undefined && iterations >= MOST_FITS * training.params.iterations;
}

/**
 * A boosted model that goes on learning: the trees stay, and further ones are grown on what they leave of the loss
 * of the new rows.
 *
 * There are as many of them as the new rows are a share of all, by weight, measured by the iterations that a fit takes:
 * half as many iterations for half as many rows. Measured by all that the model has, further ones too, it would
 * grow by half again with each update. With enough rows some tell when to stop, as in a first fit.
 * Features are cut at the borders of the first fit, and its trees are as right as they were: a relation that
 * turned round has to be outvoted, so that this is no substitute for a fit to all rows.
 *
 * @param decay in (0, 1]: how much the rows that the model knows count in that share
 * @returns undefined if the model does not say how it was fitted (an older artefact)
 * @throws RangeError if a column or an outcome is not as it must be
 */
export function updateBoosting(
  { boosted, iterations }: BoostingModel,
  table: Table,
  rows: Int32Array,
  { decay, seed, weights }: SeededRowUpdate,
): BoostingModel | undefined {
  if (boosted.training === undefined) return undefined;
  const { params } = boosted.training;
  const known = decay * boosted.training.rows;
  const ofOneFit = Math.min(iterations, params.iterations);
  const counted = trainingRows('boosting', table, rows, boosted.schema, {
    classWeight: params.classWeight,
    weights,
  });
  const added = weightOf(counted.rows, counted.weights);
  const share = added / (known + added);
  const further = Math.max(1, Math.round(ofOneFit * share));
  const own = { ...params, iterations: further };
  const set = prepareFurther(table, rows, boosted, own, seed, weights);
  const state = boostInSteps(set, startBoosting(set), further);
  return boostingModel({
    ...boosted,
    trees: boostedTrees(set, state),
    training: { params, rows: known + added },
  });
}
