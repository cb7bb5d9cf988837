import { calibratedModel, isCalibrated } from '../wrapped/calibrated.ts';
import { isCannot, updateModel } from '../update.ts';
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
 * (its own encoder, its own categories).
 *
 * A calibration is kept: what it corrects, such as naive Bayes being too sure, is a trait of the estimator, and
 * stays. A stack is not updated: each of its models would learn, and their weights would be of what they were.
 */
export function updateChampion(request: RetrainingRequest): Derived {
  const { champion, data, seed } = request;
  const inner = isCalibrated(champion) ? champion.base : champion;
  const updated = updateModel(inner, data.table, data.fresh, {
    seed,
    decay: DECAY,
    weights: weightsOf(request, data.table, data.fresh),
  });
  if (isCannot(updated)) return `The champion cannot go on learning: ${updated.reason}.`;
  const notes = [`The champion went on learning from ${data.fresh.length} rows.`];
  if (!isCalibrated(champion)) return { model: updated, notes };
  return { model: calibratedModel(updated, champion.correction), notes };
}
