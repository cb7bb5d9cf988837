import type { RowUpdate } from '../row-updates.ts';
import type { Table } from '../../table.ts';
import type { Boosted } from './boosted.ts';
import { boostingModel } from './boosted-model.ts';
import type { BoostingModel } from './boosted-model.ts';
import { trainingRows, weightOf } from '../input/weights.ts';
import type { ModelSchema } from '../model.ts';
import type { BoostingParams } from './params.ts';

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
 * This first half says how to go on: in how many iterations, and else as the first fit.
 *
 * @param update.decay in (0, 1]: how much the rows that the model knows count in that share
 * @returns undefined if the model does not say how it was fitted (an older artefact)
 * @throws RangeError if a column or an outcome is not as it must be
 */
export function planBoostingUpdate(
  { boosted, iterations }: BoostingModel,
  table: Table,
  rows: Int32Array,
  update: RowUpdate,
): BoostingParams | undefined {
  if (boosted.training === undefined) return undefined;
  const { params } = boosted.training;
  const { known, added } = weighed(boosted.training, table, rows, boosted.schema, update);
  const ofOneFit = Math.min(iterations, params.iterations);
  const share = added / (known + added);
  return { ...params, iterations: Math.max(1, Math.round(ofOneFit * share)) };
}

/**
 * The second half: the model that went on, with what it knows. See `planBoostingUpdate`.
 * @param further the model boosted, as planned, from `prepareFurther`
 * @throws RangeError if the model does not say how it was fitted
 */
export function completeBoostingUpdate(
  { boosted }: BoostingModel,
  further: BoostingModel,
  table: Table,
  rows: Int32Array,
  update: RowUpdate,
): BoostingModel {
  if (boosted.training === undefined)
    throw new RangeError('a boosted model that does not say how it was fitted');
  const { params } = boosted.training;
  const { known, added } = weighed(boosted.training, table, rows, boosted.schema, update);
  return boostingModel({ ...further.boosted, training: { params, rows: known + added } });
}

/** What the rows that a model knows count, and the new ones. */
function weighed(
  training: NonNullable<Boosted['training']>,
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  { decay, weights }: RowUpdate,
): { readonly known: number; readonly added: number } {
  const { classWeight } = training.params;
  const counted = trainingRows('boosting', table, rows, schema, { classWeight, weights });
  return { known: decay * training.rows, added: weightOf(counted.rows, counted.weights) };
}
