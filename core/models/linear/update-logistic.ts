import type { RowUpdate } from '../row-updates.ts';
import type { Table } from '../../table.ts';
import { encodeRows } from '../input/encoder.ts';
import { trainingRows } from '../input/weights.ts';
import { logisticModel, outputsOf } from './logistic.ts';
import type { LogisticModel } from './logistic.ts';
import { minimiseLogLoss } from './newton.ts';

/** Most steps of an update, as many as of a fit by default. */
const MAX_ITERATIONS = 100;

/**
 * A logistic regression that has learned further rows.
 *
 * The rows of the model are no longer there; their log-loss is replaced by its second-order expansion about the
 * coefficients (Laplace's approximation), times `decay`, and minimised together with that of the new rows and
 * the penalty. It is so approximately the model of all rows: exact where the loss is quadratic, and the better the
 * less the coefficients move. Above 200 coefficients only the diagonal of the second derivatives is known, so
 * that correlated columns are held less. The scale of columns and which of them there are stay as they were: a
 * column without missing values in the first fit takes a missing one for its mean.
 *
 * @param decay in (0, 1]
 * @returns undefined if the model has no second derivatives (an older artefact)
 * @throws RangeError if a column or an outcome is not as it must be, or the coefficients exceed all numbers
 * @see Spiegelhalter & Lauritzen (1990), Networks 20:579–605 (sequential updating by Laplace's approximation);
 *   Chapelle & Li (2011), NeurIPS 24, algorithm 3 (its diagonal form)
 */
export function updateLogistic(
  { logistic }: LogisticModel,
  table: Table,
  rows: Int32Array,
  { decay, weights }: RowUpdate,
): LogisticModel | undefined {
  const { schema, design, updatable } = logistic;
  if (updatable === undefined) return undefined;
  const { l2 } = updatable;
  const data = trainingRows('logistic', table, rows, schema, { weights });
  if (data.targets.kind === 'regression') throw new RangeError('logistic: it cannot learn numbers');
  const outputs = outputsOf(schema);
  const center = logistic.coefficients;
  const decayed = updatable.information.map((value) => decay * value);
  const prior = {
    center,
    // At a minimum the derivatives of loss and penalty add up to 0, and the constants have no penalty.
    gradient: center.map((value, c) => (c < center.length - outputs ? -decay * l2 * value : 0)),
    information: decayed,
  };
  const problem = {
    table: encodeRows(table, data.rows, schema),
    design,
    labels: data.targets.labels,
    weights: data.weights,
    outputs,
    l2,
    prior,
  };
  const { coefficients, convergence, information } = minimiseLogLoss(problem, MAX_ITERATIONS);
  if (!coefficients.every(Number.isFinite)) {
    throw new RangeError('logistic: the coefficients of old and new rows exceed all numbers');
  }
  return logisticModel({
    schema,
    design,
    convergence,
    coefficients,
    updatable: { information: information.map((value, at) => value + decayed[at]), l2 },
  });
}
