/** Drift detection on Elec2, the price of electricity in New South Wales: real data, known to drift. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { takeRows, type Column, type Table } from '../table.ts';
import { detectDrift } from './detect.ts';
import type { DetectionOptions } from './detection-options.ts';
import type { ColumnDrift } from './report.ts';

const ELECTRICITY = new URL('../../../shared/datasets/electricity.csv', import.meta.url);
const skip = existsSync(ELECTRICITY) ? false : 'no data set';

const ROWS_A_MONTH = 48 * 30;
const OPTIONS: DetectionOptions = {
  falseAlarmRate: 0.05,
  minRows: 30,
  effect: { wasserstein: 0.1, cramersV: 0.1, missing: 0.05 },
  target: 'class',
  ignore: [],
};

/** Gives tables of the rows from `start` to before `end`. */
function openElectricity(): (start: number, end: number) => Table {
  const lines = readFileSync(ELECTRICITY, 'utf8').replaceAll('"', '').trim().split('\n');
  const names = (lines[0] ?? '').split(',');
  const rows = lines.slice(1).map((line) => line.split(','));
  const columns = names.map((name, j): Column => {
    if (name !== 'class') {
      return { kind: 'numeric', name, values: Float64Array.from(rows, (row) => Number(row[j])) };
    }
    const codes = Int32Array.from(rows, (row) => (row[j] === 'UP' ? 1 : 0));
    return { kind: 'categorical', name, dictionary: ['DOWN', 'UP'], codes };
  });
  const whole = { rows: rows.length, columns };
  return (start, end) =>
    takeRows(
      whole,
      Int32Array.from({ length: end - start }, (_, i) => start + i),
    );
}

const outcomeOf = (columns: readonly ColumnDrift[], name: string): string => {
  const outcome = columns.find((column) => column.name === name)?.outcome;
  return outcome?.kind === 'set-aside' ? outcome.reason : (outcome?.kind ?? 'no such column');
};

test(
  'from the first half to the second, prices and transfers drift and demand hardly',
  { skip },
  () => {
    const rows = openElectricity();
    const { columns, material } = detectDrift(rows(0, 22_656), rows(22_656, 45_312), OPTIONS);
    assert.deepEqual(material, ['vicprice', 'transfer', 'vicdemand', 'nswprice']);
    // It goes on like a clock, though five times it is set back.
    assert.match(outcomeOf(columns, 'date'), /a sequence/);
  },
);

test(
  'from the first month to the second the price drifts, and demand by more than its days leave to chance only if rows were independent; what is constant is set aside',
  { skip },
  () => {
    const rows = openElectricity();
    const month = (k: number): Table => rows(k * ROWS_A_MONTH, (k + 1) * ROWS_A_MONTH);
    const { columns, material } = detectDrift(month(0), month(1), OPTIONS);
    assert.deepEqual(material, ['nswprice']);
    const demand = columns.find(({ name }) => name === 'nswdemand')?.dependence;
    // 1440 half hours whose neighbours are alike: by the day, and by the week.
    assert.ok(demand !== undefined && demand.designEffect > 10 && demand.designEffect < 30);
    const independent = detectDrift(month(0), month(1), { ...OPTIONS, rows: 'independent' });
    assert.deepEqual(independent.material, ['nswdemand', 'nswprice']);
    assert.match(outcomeOf(columns, 'date'), /a sequence/);
    for (const name of ['vicprice', 'vicdemand', 'transfer']) {
      assert.match(outcomeOf(columns, name), /constant/);
    }
  },
);

test('the date is never taken for drift, whichever two months are compared', { skip }, () => {
  const rows = openElectricity();
  const months = Array.from({ length: 31 }, (_, k) =>
    rows(k * ROWS_A_MONTH, (k + 1) * ROWS_A_MONTH),
  );
  for (const [k, month] of months.entries()) {
    const next = months[k + 1];
    if (next === undefined) return;
    const { columns } = detectDrift(month, next, OPTIONS);
    assert.match(outcomeOf(columns, 'date'), /a sequence/, `month ${k}`);
  }
});
