import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import type { Table } from '../table.ts';
import { detectDrift } from './detect.ts';
import { rateOfOneFile, shareFalseAlarms } from './false-alarms.ts';
import { changesOf, column } from './fixtures/reports.ts';
import { mixedTable, normal, numeric, OPTIONS, table, times } from './fixtures/tables.ts';
import type { DriftReport } from './report.ts';

const isAlarm = (report: DriftReport): boolean =>
  report.material.length > 0 || report.together?.material === true;

test('a file like its reference raises an alarm in at most one of twenty cases, however small the effects asked for', () => {
  const random = createRandom(1);
  const strict = { ...OPTIONS, effect: { wasserstein: 0, cramersV: 0, missing: 0, together: 0 } };
  for (const [rows, currentRows] of [
    [60, 45],
    [300, 60],
  ] as const) {
    const repetitions = 120;
    let alarms = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const reference = mixedTable(random, rows);
      const report = detectDrift(reference, mixedTable(random, currentRows), strict);
      if (isAlarm(report)) alarms++;
    }
    // Drift may spend half of 0.05; more than 10 alarms in 120 at a rate of 0.025 has a chance of 0.001.
    assert.ok(alarms <= 10, `${rows} against ${currentRows} rows: ${alarms} of ${repetitions}`);
  }
});

test('with effects that matter, large files without change raise no alarm at all', () => {
  const random = createRandom(2);
  for (let repetition = 0; repetition < 20; repetition++) {
    const report = detectDrift(mixedTable(random, 2000), mixedTable(random, 2000), OPTIONS);
    assert.ok(!isAlarm(report));
    assert.ok(report.score < 1);
  }
});

test('a shift of half a standard deviation is found in 300 rows, and named first', () => {
  const random = createRandom(3);
  let found = 0;
  for (let repetition = 0; repetition < 20; repetition++) {
    const current = mixedTable(random, 300);
    const shifted = current.columns.map((each) =>
      each.name === 'bell' && each.kind === 'numeric'
        ? numeric(
            'bell',
            each.values.map((x) => x + 0.5),
          )
        : each,
    );
    const report = detectDrift(mixedTable(random, 300), { ...current, columns: shifted }, OPTIONS);
    const [change] = changesOf(column(report, 'bell'));
    assert.equal(change?.test, 'Kolmogorov–Smirnov');
    assert.ok(change.effect.value > 0.3);
    if (report.material[0] === 'bell' && report.score >= 1) found++;
  }
  assert.ok(found >= 18, `${found} of 20`);
});

test('Holm’s correction covers all tests of the file, and the strongest column comes first', () => {
  const random = createRandom(14);
  const make = (small: number, large: number): Table =>
    table(
      numeric(
        'small',
        times(500, () => normal(random) + small),
      ),
      numeric(
        'still',
        times(500, () => normal(random)),
      ),
      numeric(
        'large',
        times(500, () => normal(random) + large),
      ),
    );
  const report = detectDrift(make(0, 0), make(0.5, 2), OPTIONS);
  assert.deepEqual(report.material, ['large', 'small']);
  assert.equal(report.tests, 5, 'of three columns, and two over the columns together');
  const [small] = changesOf(column(report, 'small'));
  assert.ok(small !== undefined);
  // Of five weights 'large' is rejected before it: two columns are left, and at most the two tests together.
  const factor = small.adjustedPValue / small.pValue;
  assert.ok(factor >= 2 - 1e-9 && factor <= 2.75 + 1e-9, `${factor}`);
  const [large] = changesOf(column(report, 'large'));
  assert.ok(large !== undefined && Math.abs(report.score - large.effect.value / 0.1) < 1e-9);
});

test('drift and performance together spend no more than the false-alarm rate', () => {
  for (const rate of [0.001, 0.05, 0.5]) {
    const { drift, performance } = shareFalseAlarms(rate);
    assert.ok(drift > 0 && performance > 0 && drift + performance <= rate);
  }
});

test('over a horizon each file gets an equal part of the rate', () => {
  assert.equal(rateOfOneFile(0.05), 0.05);
  assert.equal(rateOfOneFile(0.05, 20), 0.0025);
  assert.throws(() => rateOfOneFile(0.05, 0), /whole number of at least 1, got 0/);
  assert.throws(() => rateOfOneFile(0.05, 2.5), /got 2.5/);
});
