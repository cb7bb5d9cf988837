import { inKindsOf } from '../empty-columns.ts';
import type { DriftReport } from '../report.ts';
import { chooseRows } from '../summary/row-sample.ts';
import { SAMPLE_SEED, type TableSummary } from '../summary/table-summary.ts';
import { explainDrift, type DriftExplanation, type ExplainOptions } from './explain.ts';

/**
 * Where and since when the columns of a report changed, from the rows that both summaries hold.
 * @param report of the two summaries
 * @returns null when nothing material did
 */
export function explainReport(
  report: DriftReport,
  before: TableSummary,
  now: TableSummary,
  { target, timeColumn, seed }: Pick<ExplainOptions, 'target' | 'timeColumn' | 'seed'>,
): DriftExplanation | null {
  if (report.material.length === 0 && report.together?.material !== true) return null;
  const columns = report.columns
    .filter(({ outcome, kind }) => outcome.kind === 'tested' && kind !== 'time')
    .map(({ name }) => name);
  return explainDrift(inKindsOf(now.sample, before.sample), inKindsOf(before.sample, now.sample), {
    changed: report.material.filter((name) => columns.includes(name)),
    columns,
    target,
    timeColumn,
    fileRows: chooseRows(now.rows, SAMPLE_SEED),
    seed,
  });
}
