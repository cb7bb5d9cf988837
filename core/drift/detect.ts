import { createRandom, deriveSeed } from '../random.ts';
import type { Table } from '../table.ts';
import type { RawChange } from './compare.ts';
import { jointDesign } from './column-design.ts';
import { examineColumn, type ExaminedColumn } from './examine-column.ts';
import { shareFalseAlarms } from './false-alarms.ts';
import { correctFamily, significantTogether, type Family } from './family.ts';
import { examineQuality } from './quality/quality.ts';
import type { Change, ColumnDrift, DriftReport } from './report.ts';
import { compareAsCalmops } from './rules/calmops.ts';
import { strengthOfEffect } from './strength.ts';
import { summariseTable, type ColumnSummary, type TableSummary } from './summary/table-summary.ts';
import { examineTogether, type ExaminedTogether } from './together.ts';
import type { DetectionOptions } from './detection-options.ts';

/**
 * Compares a table with its reference, column by column, by name.
 *
 * Numbers by Kolmogorov–Smirnov and W₁ ÷ σ; categories and numbers of at most 10 different values by χ²
 * homogeneity and the bias-corrected Cramér's V; missing values by two proportions; the columns together by
 * `examineTogether`. All hypotheses of the file are one family: `correctFamily` keeps the chance of any significant
 * change in a file without drift at the share that `shareFalseAlarms` gives to drift. A change is material when it is significant
 * and its effect is at its threshold or above. Rows may come in any order, except that columns which
 * number the rows or go on from file to file are recognised by it.
 *
 * Where neighbouring rows of the reference resemble one another, rows count as fewer: see `designEffectOf`.
 *
 * Works on summaries, whose size does not grow with the rows: exact up to 100,000 values a column; beyond that p
 * is the largest that their stated error leaves possible, so that the rate is kept.
 * @throws RangeError if falseAlarmRate is not in (0, 1)
 */
export function compareSummaries(
  reference: TableSummary,
  current: TableSummary,
  options: DetectionOptions,
): DriftReport {
  const examined = examineColumns(reference, current, options);
  const { columns, together, tests, filePValue } =
    options.rule === 'calmops'
      ? judgeAsCalmops(reference, current, examined)
      : judgeByPromise(reference, current, examined, options);
  const strengths = columns
    .map((column) => ({ name: column.name, ...strengthOf(column) }))
    .sort((a, b) => b.material - a.material);
  return {
    referenceRows: reference.rows,
    currentRows: current.rows,
    columns,
    together,
    quality: examineQuality(reference, current, { ...options, rise: options.effect.missing }),
    tests,
    material: strengths.filter(({ material }) => material > 0).map(({ name }) => name),
    score: Math.max(
      0,
      ...strengths.map(({ significant }) => significant),
      ...significantTogether(together).map(({ effect }) => strengthOfEffect(effect)),
    ),
    filePValue,
  };
}

type Judged = Pick<DriftReport, 'columns' | 'tests'> & Pick<Family, 'together' | 'filePValue'>;

function judgeByPromise(
  reference: TableSummary,
  current: TableSummary,
  examined: readonly ExaminedColumn[],
  options: DetectionOptions,
): Judged {
  const changes = examined.flatMap(({ outcome }) =>
    outcome.kind === 'tested' ? outcome.changes : [],
  );
  const joint = examineSamples(reference, current, examined, options);
  const family = correctFamily(changes, joint, options.falseAlarmRate);
  return { ...family, columns: examined.map((column) => withCorrection(column, family.changes)) };
}

/** Every column by itself and nothing else: there is no p-value of the file that would keep a rate. */
function judgeAsCalmops(
  reference: TableSummary,
  current: TableSummary,
  examined: readonly ExaminedColumn[],
): Judged {
  const columns = examined.map((column, stream): ColumnDrift => {
    const { outcome } = column;
    if (outcome.kind !== 'tested') return { ...column, outcome };
    const before = reference.columns.find(({ name }) => name === column.name);
    const now = current.columns.find(({ name }) => name === column.name);
    const isComparable = outcome.note === undefined && before !== undefined && now !== undefined;
    const changes = isComparable
      ? compareAsCalmops(before, now, createRandom(deriveSeed(CALMOPS_SEED, stream)))
      : [];
    return { ...column, outcome: { ...outcome, changes } };
  });
  const tests = columns.reduce(
    (sum, { outcome }) => sum + (outcome.kind === 'tested' ? outcome.changes.length : 0),
    0,
  );
  return { columns, together: null, tests, filePValue: null };
}

/** The same for two tables as they are. */
export function detectDrift(
  reference: Table,
  current: Table,
  options: DetectionOptions,
): DriftReport {
  return compareSummaries(summariseTable(reference), summariseTable(current), options);
}

function examineColumns(
  reference: TableSummary,
  current: TableSummary,
  options: DetectionOptions,
): readonly ExaminedColumn[] {
  const currentByName = new Map(current.columns.map((column) => [column.name, column]));
  const referenceNames = new Set(reference.columns.map((column) => column.name));
  return [
    ...reference.columns.map((column, stream) => {
      const namesake = currentByName.get(column.name);
      return namesake === undefined
        ? absentColumn(column, 'current')
        : examineColumn({ reference: column, current: namesake }, options, stream);
    }),
    ...current.columns
      .filter((column) => !referenceNames.has(column.name))
      .map((column) => absentColumn(column, 'reference')),
  ];
}

function absentColumn(column: ColumnSummary, from: 'reference' | 'current'): ExaminedColumn {
  const reason = from === 'current' ? 'not in this file' : 'new: the reference does not have it';
  return {
    name: column.name,
    kind: column.kind,
    outcome: { kind: 'absent', from, reason },
    missing: { reference: from === 'reference' ? 1 : 0, current: from === 'current' ? 1 : 0 },
  };
}

/** For the exact p-values of sparse categories. */
const CALMOPS_SEED = 2;

/** Of joint changes material from this on: with the best rule, that much more often right than by chance. */
const TOGETHER_THRESHOLD = 0.05;

function examineSamples(
  reference: TableSummary,
  current: TableSummary,
  examined: readonly ExaminedColumn[],
  options: DetectionOptions,
): ExaminedTogether {
  const isComplete = (table: TableSummary, name: string): boolean =>
    table.columns.find((column) => column.name === name)?.missing === 0;
  const columns = examined
    .filter(({ outcome }) => outcome.kind === 'tested' && outcome.note === undefined)
    .map(({ name }) => name)
    // A file some of whose rows have no outcome is partly labelled, which is no drift.
    .filter(
      (name) =>
        name !== options.target || (isComplete(reference, name) && isComplete(current, name)),
    );
  const compared = reference.columns.filter(({ name }) => columns.includes(name));
  const { phi, freedom } = jointDesign(compared, current.rows, options);
  const rows = { reference: reference.rows, current: current.rows };
  return examineTogether(reference.sample, current.sample, {
    columns,
    dependent: phi === 1 ? undefined : { phi, freedom, rows },
    level: shareFalseAlarms(options.falseAlarmRate).drift,
    threshold: options.effect.together ?? TOGETHER_THRESHOLD,
    minRows: options.minRows,
  });
}

function withCorrection(
  column: ExaminedColumn,
  changes: ReadonlyMap<RawChange, Change>,
): ColumnDrift {
  const { outcome } = column;
  if (outcome.kind !== 'tested') return { ...column, outcome };
  const corrected = outcome.changes.map((raw) => changes.get(raw) as Change);
  return { ...column, outcome: { ...outcome, changes: corrected } };
}

/** Largest effect ÷ threshold over the significant and over the material changes of a column; 0 for none. */
function strengthOf({ outcome }: ColumnDrift): { significant: number; material: number } {
  let significant = 0;
  let material = 0;
  for (const change of outcome.kind === 'tested' ? outcome.changes : []) {
    if (!change.significant) continue;
    // A rule may find a change material that is below the threshold of its effect.
    const strength = Math.max(change.material ? 1 : 0, strengthOfEffect(change.effect));
    significant = Math.max(significant, strength);
    if (change.material) material = Math.max(material, strength);
  }
  return { significant, material };
}
