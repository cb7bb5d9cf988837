import { weightsInColumn } from '../../core/models/input/weights.ts';
import type { Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';

/**
 * How much each of some rows counts in training; undefined where all count the same.
 * @throws RangeError if the weight column is absent, or one of its values is no weight
 */
export function weightsOf(
  table: Table,
  rows: Int32Array,
  { weightColumn }: PipelineConfig,
): Float64Array | undefined {
  return weightColumn === undefined ? undefined : weightsInColumn(table, rows, weightColumn);
}

/** The columns that are never features, beside target and time column. */
export function setAside({ ignore, weightColumn }: PipelineConfig): readonly string[] {
  return weightColumn === undefined ? ignore : [...ignore, weightColumn];
}
