import type { Table } from '../../table.ts';
import { calibratedModel, isCalibrated } from '../calibrated.ts';
import type { Model } from '../model.ts';
import type { Derived, RetrainingRequest } from './request.ts';

type UpdateModel = (
  model: Model,
  table: Table,
  rows: Int32Array,
  options: { readonly seed: number },
) => Model | { readonly kind: 'cannot'; readonly reason: string };

const updateModel: UpdateModel = (model) => ({
  kind: 'cannot',
  reason: `the estimator '${model.estimator}' cannot go on learning`,
});

/**
 * Mode `incremental`: the champion goes on learning from the rows of the new file, which it reads as it always does
 * (its own encoder, its own categories).
 *
 * A calibration is kept: what it corrects, such as naive Bayes being too sure, is a trait of the estimator, and
 * stays. A stack is not updated: each of its models would learn, and their weights would be of what they were.
 */
export function updateChampion({ champion, data, seed }: RetrainingRequest): Derived {
  const inner = isCalibrated(champion) ? champion.base : champion;
  const updated = updateModel(inner, data.table, data.fresh, { seed });
  if ('kind' in updated) return `The champion cannot go on learning: ${updated.reason}.`;
  const notes = [`The champion went on learning from ${data.fresh.length} rows.`];
  if (!isCalibrated(champion)) return { model: updated, notes };
  return { model: calibratedModel(updated, champion.correction), notes };
}
