/** A drift report as text for the terminal. */
import { shareFalseAlarms } from '../core/drift/false-alarms.ts';
import type { Change, ColumnDrift, DriftReport } from '../core/drift/report.ts';
import { strongestChange } from '../core/drift/strength.ts';
import { describeTogether, findTogether } from '../core/drift/together-finding.ts';
import { count, number, pValue, share } from './figures.ts';

/** Whether anything changed that matters: a column or all together, or which columns there are, or of which kind. */
export function hasChanged({ columns, material, together }: DriftReport): boolean {
  const isOther = ({ outcome }: ColumnDrift): boolean =>
    outcome.kind === 'absent' || outcome.kind === 'kind changed';
  return material.length > 0 || together?.material === true || columns.some(isOther);
}

/** @param falseAlarmRate of the comparison, half of which is drift's */
export function describeReport(report: DriftReport, falseAlarmRate: number): string {
  const { referenceRows, currentRows, columns, quality = [] } = report;
  const order = new Map(report.material.map((name, place) => [name, place]));
  const place = ({ name }: ColumnDrift): number => order.get(name) ?? order.size;
  const rows = columns.toSorted((a, b) => place(a) - place(b)).map(rowOf);
  return [
    `${count(referenceRows)} rows against ${count(currentRows)}. ${headline(report)}`,
    ...promiseOf(report, falseAlarmRate),
    '',
    ...aligned([HEADER, ...rows]),
    ...(quality.length === 0 ? [] : ['', ...quality.map(({ words }) => words)]),
  ].join('\n');
}

/** What the figures are worth, where a rate is kept. */
function promiseOf({ filePValue }: DriftReport, falseAlarmRate: number): readonly string[] {
  if (typeof filePValue !== 'number') return [];
  const { drift } = shareFalseAlarms(falseAlarmRate);
  return [`Of files without any change, at most ${share(drift)} are said to have a material one.`];
}

function headline({ columns, material, together }: DriftReport): string {
  const tested = columns.filter(({ outcome }) => outcome.kind === 'tested').length;
  const found =
    material.length === 0
      ? `No material change in ${count(tested)} columns compared.`
      : `Material change in ${count(material.length)} of ${count(tested)} columns compared.`;
  const joint = findTogether(together);
  if (joint === null) return found;
  const said = joint.material
    ? 'The columns together changed'
    : 'The columns together: no change shown';
  const by = joint.material && joint.columns.length > 0 ? `, by ${joint.columns.join(', ')}` : '';
  return `${found} ${said}${by} (${describeTogether(joint)}).`;
}

const HEADER = ['column', 'finding', 'test', 'p (Holm)', 'effect', 'threshold', 'missing'];

function rowOf(column: ColumnDrift): readonly string[] {
  const { name, missing, outcome } = column;
  const change = outcome.kind === 'tested' ? strongestChange(outcome.changes) : null;
  const blank = `${share(missing.reference)} → ${share(missing.current)}`;
  if (change === null) return [name, findingOf(column, null), '–', '–', '–', '–', blank];
  const { test, about, adjustedPValue, effect } = change;
  return [
    name,
    findingOf(column, change),
    about === 'distribution' ? test : `${test} of ${about}`,
    pValue(adjustedPValue),
    `${effect.name} ${number(effect.value)}`,
    number(effect.threshold),
    blank,
  ];
}

function findingOf({ outcome }: ColumnDrift, change: Change | null): string {
  switch (outcome.kind) {
    case 'tested': {
      const note = outcome.note === undefined ? '' : ` (${outcome.note})`;
      if (change === null) return `nothing to test${note}`;
      if (change.material) return `material change${note}`;
      return `${change.significant ? 'changed, but little' : 'no change shown'}${note}`;
    }
    case 'set-aside':
      return `set aside: ${outcome.reason}`;
    case 'insufficient':
      return `too few values: ${count(outcome.n)} of the ${count(outcome.required)} needed`;
    case 'absent':
      return outcome.from === 'current' ? 'only in the reference' : 'new';
    case 'kind changed':
      return outcome.reason;
  }
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADER.map((_, j) => Math.max(...rows.map((row) => row[j]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, j) => cell.padEnd(widths[j] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
