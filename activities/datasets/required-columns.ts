import { labelledRows } from '../../core/models/metrics/outcomes.ts';
import { weightsInColumn } from '../../core/models/input/weights.ts';
import { columnOf, type Table } from '../../core/table.ts';
import { InvalidDatasetError } from '../../data/invalid-dataset.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';

/**
 * What the pipeline counts on in every file beside the target: the time column, and in files that can be trained on
 * the weights.
 * @throws InvalidDatasetError naming the column that is absent or holds something else, and which row
 */
export function requireColumns(
  table: Table,
  { target, timeColumn, weightColumn }: PipelineConfig,
): void {
  if (timeColumn !== undefined) requireTimes(table, timeColumn);
  if (weightColumn === undefined || !table.columns.some(({ name }) => name === target)) return;
  const weights = (): unknown => weightsInColumn(table, labelledRows(table, target), weightColumn);
  required('weightColumn', weights);
}

function requireTimes(table: Table, name: string): void {
  const column = required('timeColumn', () => columnOf(table, name));
  if (column.kind !== 'categorical') return;
  const [example] = column.dictionary;
  const found = example === undefined ? 'has no value' : `holds text, such as '${example}'`;
  throw new InvalidDatasetError(`timeColumn '${name}' ${found}; times or numbers are needed`);
}

function required<T>(field: 'timeColumn' | 'weightColumn', found: () => T): T {
  try {
    return found();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidDatasetError(`${field}: ${error.message}`, { cause: error });
  }
}
