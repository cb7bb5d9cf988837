import { calibratedModel, isCalibrated } from '../wrapped/calibrated.ts';
import type { Fit } from '../fit.ts';
import type { Model } from '../model.ts';
import { completeUpdate, isCannot, planUpdate } from '../update.ts';
import type { UpdateOptions } from '../update.ts';
import { weightsOf } from './request.ts';
import type { Derived, RetrainingRequest } from './request.ts';

/**
 * How much what the champion knows counts beside the new rows. A retraining is due because the world has changed, so
 * each halves the weight of all before it: the champion's rows of n retrainings ago count 2⁻ⁿ (exponential
 * forgetting: see Gama et al. (2014), ACM Computing Surveys 46:44, on gradual forgetting).
 */
const DECAY = 0.5;

/**
 * Mode `incremental`: the champion goes on learning from the rows of the new file, which it reads as it always does
 * (its own encoder, its own categories). This first half says which trees it grows, if it grows any.
 *
 * A calibration is kept: what it corrects, such as naive Bayes being too sure, is a trait of the estimator, and
 * stays. A stack is not updated: each of its models would learn, and their weights would be of what they were.
 * @returns the fits, or the sentence why the champion cannot go on
 */
export function planIncremental(request: RetrainingRequest): readonly Fit[] | string {
  const { data, seed } = request;
  const model = learnerOf(request);
  const plan = planUpdate(model, data.table, data.fresh, optionsOf(request));
  if (plan.kind === 'cannot') return refusal(plan.reason);
  if (plan.kind === 'nothing') return [];
  const { table, fresh } = data;
  const { params } = plan;
  return [{ table, rows: fresh, schema: model.schema, params, seed, furtherOf: model }];
}

/** The second half. @param fitted what came of the fits */
export function completeIncremental(
  request: RetrainingRequest,
  [further]: readonly Model[],
): Derived {
  const { champion, data } = request;
  const options = optionsOf(request);
  const updated = completeUpdate(learnerOf(request), data.table, data.fresh, options, further);
  if (isCannot(updated)) return refusal(updated.reason);
  const notes = [`The champion went on learning from ${data.fresh.length} rows.`];
  if (!isCalibrated(champion)) return { model: updated, notes };
  return { model: calibratedModel(updated, champion.correction), notes };
}

function learnerOf({ champion }: RetrainingRequest): Model {
  return isCalibrated(champion) ? champion.base : champion;
}

function optionsOf(request: RetrainingRequest): UpdateOptions {
  const { data, seed } = request;
  return { seed, decay: DECAY, weights: weightsOf(request, data.table, data.fresh) };
}

function refusal(reason: string): string {
  return `The champion cannot go on learning: ${reason}.`;
}
