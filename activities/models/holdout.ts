import { splitHoldout } from '../../core/models/input/split.ts';
import type { Task } from '../../core/models/model.ts';
import type { Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { NotEnoughDataError } from '../environment.ts';

/**
 * The rows of a file that a model trains on and those kept to compare on: the same ones whenever it is
 * asked, so that training and comparing agree without passing rows around.
 * @throws NotEnoughDataError
 */
export function splitRows(
  table: Table,
  { target, gate, seed, timeColumn }: PipelineConfig,
  task: Task,
): { readonly train: Int32Array; readonly holdout: Int32Array } {
  const split = splitHoldout(table, { target, task, share: gate.holdout, seed, timeColumn });
  if (split.kind === 'insufficient') throw new NotEnoughDataError(split.reason);
  return split;
}
