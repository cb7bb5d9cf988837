import { rowsWhere, type Segment } from '../../core/models/gate/segments.ts';
import { takeRows, type Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { InvalidPipelineError } from '../environment.ts';

/**
 * The rows of a table that belong to each segment of the pipeline's gate: 1 or 0 a row.
 * @throws InvalidPipelineError naming the segment, and the column that the table lacks or has as another kind
 */
export function segmentsOf(
  table: Table,
  { gate: { segments = [] } }: PipelineConfig,
): readonly { readonly name: string; readonly mask: Uint8Array }[] {
  return segments.map((segment) => ({ name: segment.name, mask: maskOf(segment, table) }));
}

/**
 * Makes sure, before anything is trained on a file, that the gate will find its segments in it.
 * @throws InvalidPipelineError naming the file, the segment, and the column
 */
export function requireSegments(table: Table, fileName: string, config: PipelineConfig): void {
  try {
    segmentsOf(takeRows(table, new Int32Array(0)), config);
  } catch (error) {
    if (!(error instanceof InvalidPipelineError)) throw error;
    throw new InvalidPipelineError(`${fileName}: ${error.message}`, { cause: error });
  }
}

function maskOf({ name, where }: Segment, table: Table): Uint8Array {
  try {
    return rowsWhere(table, where);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidPipelineError(`gate.segments, '${name}': ${error.message}`, { cause: error });
  }
}
