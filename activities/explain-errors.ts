import { followErrors, type ErrorCourse } from '../core/drift/explain/error-course.ts';
import { splitChange, type JudgedRows, type KindsOfChange } from '../core/drift/explain/kinds.ts';
import { rowErrors } from '../core/drift/explain/row-errors.ts';
import type { StreamDetectorName } from '../core/drift/streams/all-detectors.ts';
import { scored as pair } from '../core/models/scored.ts';
import type { Table } from '../core/table.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ModelRef } from '../workflows/contract.ts';
import type { Environment } from './environment.ts';
import { heldOutRows } from './held-out.ts';
import { scoreOn, type Scored } from './scoring.ts';

/** The champion's errors on a file in the order of its rows, or in time. `table` holds its labelled rows only. */
export function courseOfErrors(
  table: Table,
  scored: Scored,
  detector: StreamDetectorName,
  { timeColumn }: PipelineConfig,
): ErrorCourse {
  const errors = rowErrors(pair(scored.predictions, scored.outcomes));
  return followErrors(table, errors, detector, timeColumn);
}

/**
 * Takes a file's change apart, against the rows that were held out of the champion's training.
 * @returns null if these cannot be told any more, or either has too few rows
 */
export async function splitChampionChange(
  { table, scored }: { readonly table: Table; readonly scored: Scored },
  champion: ModelRef,
  config: PipelineConfig,
  environment: Environment,
): Promise<KindsOfChange | null> {
  const held = await heldOutRows(champion, config, environment);
  if (held === null) return null;
  const judged = (rows: Table, of: Scored): JudgedRows => ({
    table: rows,
    errors: rowErrors(pair(of.predictions, of.outcomes)),
  });
  const features = held.model.schema.features.map(({ name }) => name);
  return splitChange(judged(held.table, scoreOn(held.model, held.table)), judged(table, scored), {
    features: features.filter((name) => hasSameKind(held.table, table, name)),
    target: config.target,
    task: champion.task,
    seed: config.seed,
  });
}

function hasSameKind(before: Table, now: Table, name: string): boolean {
  const kindIn = (table: Table): string | undefined =>
    table.columns.find((column) => column.name === name)?.kind;
  return kindIn(before) !== undefined && kindIn(before) === kindIn(now);
}
