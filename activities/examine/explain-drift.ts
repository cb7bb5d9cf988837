import { explainDrift, type DriftExplanation } from '../../core/drift/explain/explain.ts';
import type { DriftReport } from '../../core/drift/report.ts';
import { chooseRows } from '../../core/drift/summary/row-sample.ts';
import { SAMPLE_SEED, type TableSummary } from '../../core/drift/summary/table-summary.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';

/**
 * Where and since when a file changed, from the rows that its summary and its reference's hold.
 * @returns null when nothing material did
 */
export function explanationOf(
  report: DriftReport,
  before: TableSummary,
  now: TableSummary,
  config: PipelineConfig,
): DriftExplanation | null {
  if (report.material.length === 0 && report.together?.material !== true) return null;
  const columns = report.columns
    .filter(({ outcome, kind }) => outcome.kind === 'tested' && kind !== 'time')
    .map(({ name }) => name);
  return explainDrift(before.sample, now.sample, {
    changed: report.material.filter((name) => columns.includes(name)),
    columns,
    target: config.target,
    timeColumn: config.timeColumn,
    fileRows: chooseRows(now.rows, SAMPLE_SEED),
    seed: config.seed,
  });
}
