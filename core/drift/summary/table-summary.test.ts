import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { ksTwoSample, type KsResult } from '../../stats/ks.ts';
import { takeRows, type Table } from '../../table.ts';
import { compareSummaries, detectDrift } from '../detect.ts';
import {
  categorical,
  mixedTable,
  normal,
  numeric,
  OPTIONS,
  table,
  times,
} from '../fixtures/tables.ts';
import { mergeInOrder } from './in-order.ts';
import { chooseRows, mergeRowSamples, SAMPLE_ROWS } from './row-sample.ts';
import { mergeSummaries, summariseTable, type TableSummary } from './table-summary.ts';

const rowsFrom = (all: Table, from: number, to: number): Table =>
  takeRows(
    all,
    Int32Array.from({ length: to - from }, (_, i) => from + i),
  );

/** The summary of a table from those of parts that end at these rows. */
function summariseInParts(all: Table, ends: readonly number[]): TableSummary {
  const parts = mergeInOrder(mergeSummaries);
  let from = 0;
  for (const end of [...ends].sort((a, b) => a - b).concat(all.rows)) {
    parts.add(summariseTable(rowsFrom(all, from, end)));
    from = end;
  }
  const total = parts.total();
  assert.ok(total !== null);
  return total;
}

test('parts of a table merge into the summary of the whole, but for rounding', () => {
  const all = mixedTable(createRandom(1), 800);
  const whole = summariseTable(all);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 800 }), { maxLength: 6 }), (ends) => {
      const merged = summariseInParts(all, ends);
      assert.deepEqual(merged.sample, whole.sample);
      for (const [j, column] of merged.columns.entries()) {
        const expected = whole.columns[j];
        assert.ok(expected !== undefined);
        // Chunks of a part are compared with the others of their part.
        const own = { ...column, dependence: expected.dependence };
        if (column.kind === 'categorical' || expected.kind === 'categorical') {
          assert.deepEqual(own, expected);
          continue;
        }
        const { mean, deviation } = expected.moments;
        assert.ok(Math.abs(column.moments.mean - mean) < 1e-12 * (1 + Math.abs(mean)));
        assert.ok(Math.abs(column.moments.deviation - deviation) < 1e-12 * (1 + deviation));
        assert.deepEqual({ ...own, moments: expected.moments }, expected);
      }
    }),
    { seed: 1, numRuns: 40 },
  );
});

test('below the limit, a report does not depend on the order in which parts were merged', () => {
  const all = mixedTable(createRandom(2), 600);
  const current = summariseTable(mixedTable(createRandom(3), 300));
  const [a, b] = [summariseTable(rowsFrom(all, 0, 250)), summariseTable(rowsFrom(all, 250, 600))];
  const pValues = (reference: TableSummary): readonly number[] =>
    compareSummaries(reference, current, OPTIONS).columns.flatMap(({ outcome }) =>
      outcome.kind === 'tested' ? outcome.changes.map(({ pValue }) => pValue) : [],
    );
  assert.deepEqual(pValues(mergeSummaries(a, b)), pValues(mergeSummaries(b, a)));
});

test('beyond the limit, a report differs from the exact one by the stated error, and never errs towards alarm', () => {
  const random = createRandom(4);
  const draw = (rows: number, shift: number): Table =>
    table(
      numeric(
        'x',
        times(rows, () => normal(random) + shift),
      ),
    );
  const [before, now] = [draw(250_000, 0), draw(120_000, 0.01)];
  const report = detectDrift(before, now, OPTIONS);
  const [column] = report.columns;
  assert.ok(column?.outcome.kind === 'tested');
  const [change] = column.outcome.changes;
  assert.ok(change !== undefined);
  const exact = exactKs(before, now);
  assert.ok(Math.abs(change.statistic - exact.statistic) <= 1e-5);
  assert.ok(change.pValue >= exact.pValue);
  assert.ok(change.pValue <= 1.2 * exact.pValue, `${change.pValue}, exact ${exact.pValue}`);
  assert.deepEqual([change.n, change.m], [250_000, 120_000]);
});

function exactKs(before: Table, now: Table): KsResult {
  const [x, y] = [before.columns[0], now.columns[0]];
  assert.ok(x?.kind === 'numeric' && y?.kind === 'numeric');
  return ksTwoSample(x.values.toSorted(), y.values.toSorted());
}

test('a chosen sample of rows is uniform, ascending and without repetition', () => {
  const hits = new Float64Array(40);
  for (let seed = 0; seed < 2_000; seed++) {
    const rows = chooseRows(40, seed, 10);
    assert.equal(new Set(rows).size, 10);
    assert.deepEqual(rows, rows.toSorted());
    for (const row of rows) hits[row] = (hits[row] ?? 0) + 1;
  }
  // 500 expected of each, standard deviation 19.4.
  assert.ok(hits.every((count) => Math.abs(count - 500) < 4 * 19.4));
});

test('merged row samples hold as many rows of each part as its size says', () => {
  const part = (value: number, rows: number): { rows: number; sample: Table } => ({
    rows,
    sample: table(
      numeric(
        'x',
        times(SAMPLE_ROWS, () => value),
      ),
    ),
  });
  const merged = mergeRowSamples(part(0, 3_000_000), part(1, 1_000_000), 1);
  assert.equal(merged.rows, SAMPLE_ROWS);
  const [x] = merged.columns;
  assert.ok(x?.kind === 'numeric');
  const ofSecond = x.values.reduce((sum, value) => sum + value, 0);
  // 1250 expected, standard deviation 30.6.
  assert.ok(Math.abs(ofSecond - 1250) < 4 * 30.6, String(ofSecond));
});

test('tables of other columns do not merge', () => {
  const numbers = summariseTable(table(numeric('x', [1, 2])));
  const texts = summariseTable(table(categorical('x', ['a', 'b'])));
  assert.throws(
    () => mergeSummaries(numbers, texts),
    /the columns differ: x \(numeric\) and x \(categorical\)/,
  );
});
