import type { Column, Table } from '../../table.ts';
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

/** A column without values, which has no kind of its own, is one of the other table's kind. */
function inKindsOf(other: Table, { rows, columns }: Table): Table {
  const kinds = new Map(other.columns.map((column) => [column.name, column]));
  return {
    rows,
    columns: columns.map((column) => {
      const counterpart = kinds.get(column.name);
      const fits = counterpart === undefined || counterpart.kind === column.kind;
      return fits || hasValues(column) ? column : emptyColumn(counterpart, rows);
    }),
  };
}

const hasValues = (column: Column): boolean =>
  column.kind === 'categorical'
    ? column.codes.some((code) => code >= 0)
    : column.values.some((value) => !Number.isNaN(value));

const emptyColumn = (like: Column, rows: number): Column =>
  like.kind === 'categorical'
    ? { ...like, codes: new Int32Array(rows).fill(-1) }
    : { ...like, values: new Float64Array(rows).fill(NaN) };
