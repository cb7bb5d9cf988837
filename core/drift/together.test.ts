import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../random.ts';
import type { Table } from '../table.ts';
import { detectDrift } from './detect.ts';
import { normal, numeric, OPTIONS, table, times } from './fixtures/tables.ts';
import { COLUMNS, correlatedTable } from './multivariate/fixtures/correlated.ts';
import type { DriftReport, JointOutcome, JointTestName } from './report.ts';
import { examineTogether } from './together.ts';

function outcomeOf({ together }: DriftReport, name: JointTestName): JointOutcome {
  const found = together?.tests.find(({ test }) => test === name);
  assert.ok(found !== undefined, `no ${name}`);
  return found.outcome;
}

function tested(report: DriftReport, name: JointTestName): JointOutcome & { kind: 'tested' } {
  const outcome = outcomeOf(report, name);
  assert.ok(outcome.kind === 'tested', JSON.stringify(outcome));
  return outcome;
}

test('a correlation that turns while no column changes is a material change, with the columns that carry it', () => {
  const random = createRandom(1);
  const report = detectDrift(
    correlatedTable(random, 600, 0.8),
    correlatedTable(random, 600, -0.8),
    OPTIONS,
  );
  assert.deepEqual(report.material, []);
  assert.equal(report.together?.material, true);
  assert.ok(report.score >= 1 && (report.filePValue ?? 1) < 1e-6);
  const { statistic, attribution, decision } = tested(report, 'domain classifier');
  assert.ok(statistic > 0.75 && decision?.material === true);
  assert.deepEqual(
    attribution
      .slice(0, 2)
      .map(({ column }) => column)
      .sort(),
    ['a', 'b'],
  );
  assert.equal(tested(report, 'PCA reconstruction').decision?.material, true);
  assert.equal(tested(report, 'maximum mean discrepancy').decision, null);
  assert.ok(tested(report, 'maximum mean discrepancy').pValue <= 0.01);
  assert.ok(tested(report, 'energy distance').pValue <= 0.01);
});

test('where the deciding tests see nothing, the others are spared, and it says so', () => {
  const random = createRandom(2);
  const report = detectDrift(
    correlatedTable(random, 300, 0.5),
    correlatedTable(random, 300, 0.5),
    OPTIONS,
  );
  assert.equal(report.together?.material, false);
  assert.equal(report.filePValue, 1);
  const outcome = outcomeOf(report, 'maximum mean discrepancy');
  assert.ok(outcome.kind === 'not needed');
  assert.match(outcome.reason, /tests that decide have p above 0\.025/);
});

test('one column has no together, and few rows no answer: both are said, and the columns keep the whole level', () => {
  const random = createRandom(3);
  const one = (): Table =>
    table(
      numeric(
        'x',
        times(100, () => normal(random)),
      ),
    );
  const single = detectDrift(one(), one(), OPTIONS);
  assert.equal(single.tests, 1);
  const outcome = outcomeOf(single, 'domain classifier');
  assert.ok(outcome.kind === 'insufficient');
  assert.match(outcome.reason, /2 columns are needed, 1 could be compared/);

  const few = detectDrift(
    correlatedTable(random, 40, 0.5),
    correlatedTable(random, 40, 0.5),
    OPTIONS,
  );
  const classifier = outcomeOf(few, 'domain classifier');
  assert.ok(classifier.kind === 'insufficient');
  assert.match(classifier.reason, /50 rows of each sample/);
  assert.equal(outcomeOf(few, 'PCA reconstruction').kind, 'tested');
});

test('a target without values in some rows is left out; a complete one is looked at with the others', () => {
  const random = createRandom(4);
  const complete = correlatedTable(random, 200, 0.5);
  const options = { ...OPTIONS, target: 'b' };
  const labelled = detectDrift(complete, complete, options);
  assert.deepEqual(labelled.together?.columns, COLUMNS);
  const partly: Table = {
    ...complete,
    columns: complete.columns.map((column) =>
      column.name === 'b' && column.kind === 'numeric'
        ? numeric(
            'b',
            column.values.map((x, i) => (i < 20 ? NaN : x)),
          )
        : column,
    ),
  };
  const report = detectDrift(complete, partly, options);
  assert.deepEqual(
    report.together?.columns,
    COLUMNS.filter((name) => name !== 'b'),
  );
});

test('an error in a test is its outcome: it is neither no drift nor the end of the others', () => {
  const clocks = table(
    { kind: 'time', name: 't', values: new Float64Array(60) },
    numeric(
      'x',
      times(60, (i) => i % 7),
    ),
  );
  const { tests } = examineTogether(clocks, clocks, {
    columns: ['t', 'x'],
    level: 0.025,
    threshold: 0.05,
    minRows: 30,
  });
  const [classifier] = tests;
  assert.ok(classifier?.outcome.kind === 'failed');
  assert.match(classifier.outcome.reason, /column 't' holds times/);
});

test('the tests together raise no more alarms than their share, tested at the level that they have', () => {
  const random = createRandom(5);
  const repetitions = 100;
  const alarms: Record<string, number> = {};
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const { tests } = examineTogether(dependent(random, 150), dependent(random, 120), {
      columns: ['x0', 'x1', 'x2'],
      level: 0,
      threshold: 0,
      minRows: 30,
    });
    for (const { test, outcome } of tests) {
      if (outcome.kind !== 'tested') continue;
      if (outcome.pValue <= 0.05) alarms[test] = (alarms[test] ?? 0) + 1;
    }
  }
  // More than 12 in 100 at a rate of 0.05 has a chance of 0.001.
  for (const [name, count] of Object.entries(alarms)) assert.ok(count <= 12, `${name}: ${count}`);
});

function dependent(random: Random, rows: number): Table {
  const shared = times(rows, () => normal(random));
  return table(
    ...times(3, (j) =>
      numeric(
        `x${j}`,
        shared.map((x) => x + normal(random)),
      ),
    ),
  );
}
