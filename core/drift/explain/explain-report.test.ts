import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { compareSummaries } from '../detect.ts';
import { categorical, normal, numeric, OPTIONS, table, times } from '../fixtures/tables.ts';
import { summariseTable } from '../summary/table-summary.ts';
import type { DriftExplanation } from './explain.ts';
import { explainReport } from './explain-report.ts';
import type { Table } from '../../table.ts';

function explained(reference: Table, current: Table): DriftExplanation | null {
  const before = summariseTable(reference);
  const now = summariseTable(current);
  const report = compareSummaries(before, now, OPTIONS);
  return explainReport(report, before, now, { target: 'target', seed: 1 });
}

const ROWS = 600;
const random = createRandom(1);
const numbers = times(ROWS, () => normal(random));
const full = table(
  numeric('x', numbers),
  numeric(
    'z',
    times(ROWS, () => normal(random)),
  ),
);

test('nothing is explained where nothing material changed', () => {
  assert.equal(explained(full, full), null);
});

test('a column without values has no kind of its own, whichever side it is on', () => {
  // As a text file without a value in it is read.
  const empty = table(
    numeric('x', numbers),
    categorical(
      'z',
      times(ROWS, () => null),
    ),
  );
  for (const [one, other] of [
    [full, empty],
    [empty, full],
  ] as const) {
    const explanation = explained(one, other);
    assert.deepEqual(
      explanation?.columns.map(({ name }) => name),
      ['z'],
    );
  }
});

test('a column whose values end somewhere is different from there on', () => {
  const values = times(ROWS, (i) => (i < 400 ? normal(random) : NaN));
  const explanation = explained(full, table(numeric('x', numbers), numeric('z', values)));
  const row = explanation?.columns[0]?.onset?.row;
  assert.ok(row !== undefined && Math.abs(row - 401) <= 10, `row ${row}`);
});
