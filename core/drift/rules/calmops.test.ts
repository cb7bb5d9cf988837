import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../../random.ts';
import type { Table } from '../../table.ts';
import { detectDrift } from '../detect.ts';
import type { DetectionOptions } from '../detection-options.ts';
import { categorical, normal, numeric, OPTIONS, pick, table, times } from '../fixtures/tables.ts';
import type { DriftReport } from '../report.ts';
import { degradedAbsolutely, degradedRelatively } from './calmops-performance.ts';

const CALMOPS: DetectionOptions = { ...OPTIONS, rule: 'calmops' };

const normals = (random: Random, columns: number, rows: number): Table =>
  table(
    ...times(columns, (j) =>
      numeric(
        `x${j}`,
        times(rows, () => normal(random)),
      ),
    ),
  );

const changesOf = (report: DriftReport): readonly (readonly [string, boolean])[] =>
  report.columns.flatMap(({ outcome }) =>
    outcome.kind === 'tested'
      ? outcome.changes.map(({ test, material }) => [test, material] as const)
      : [],
  );

test('numbers are compared by KS, Mann–Whitney and PSI, categories by χ², each at its own level', () => {
  const random = createRandom(1);
  const make = (a: number): Table =>
    table(
      numeric(
        'x',
        times(300, () => normal(random)),
      ),
      categorical(
        'k',
        times(300, () => pick(random, { a, b: 1 - a })),
      ),
    );
  const report = detectDrift(make(0.3), make(0.7), CALMOPS);
  assert.deepEqual(
    changesOf(report).map(([name]) => name),
    ['Kolmogorov–Smirnov', 'Mann–Whitney U', 'χ² homogeneity'],
  );
  assert.deepEqual(report.material, ['k']);
  assert.ok(report.score >= 1);
  assert.equal(report.together, null);
  assert.equal(report.filePValue, null);
});

test('it cries wolf as it always did: four of five files of 20 columns without drift', () => {
  const random = createRandom(2);
  let alarms = 0;
  for (let i = 0; i < 60; i++) {
    const report = detectDrift(normals(random, 20, 500), normals(random, 20, 500), CALMOPS);
    if (report.material.length > 0) alarms++;
  }
  // The rule alone, at 500 rows: 76–81 % by KS or Mann–Whitney.
  assert.ok(alarms >= 38 && alarms <= 57, `${alarms} of 60`);
});

test('an empty bin costs a finite amount: files of 2000 rows without drift are not far apart in nine of ten cases', () => {
  const random = createRandom(3);
  let alarms = 0;
  for (let i = 0; i < 100; i++) {
    const report = detectDrift(normals(random, 1, 2000), normals(random, 1, 2000), CALMOPS);
    if (report.material.length > 0) alarms++;
  }
  // 22 % by frouros' PSI alone; KS or Mann–Whitney at .05 is some 7 %.
  assert.ok(alarms <= 15, `${alarms} of 100`);
});

test('PSI above 0.1 is drift whatever the tests say', () => {
  const random = createRandom(4);
  const wide = table(
    numeric(
      'x',
      times(60, () => 2 * normal(random)),
    ),
  );
  const narrow = table(
    numeric(
      'x',
      times(60, () => normal(random)),
    ),
  );
  const [[first, material] = ['', false]] = changesOf(detectDrift(narrow, wide, CALMOPS));
  assert.equal(first, 'Kolmogorov–Smirnov');
  assert.equal(material, true);
});

test('a model has degraded when half of the thresholds do not hold', () => {
  const thresholds = { accuracy: 0.9, f1: 0.9, balancedAccuracy: 0.9 };
  const one = degradedAbsolutely({ accuracy: 0.8, f1: 0.95, balancedAccuracy: 0.95 }, thresholds);
  assert.deepEqual([one.degraded, one.votes.filter(({ flagged }) => flagged).length], [false, 1]);
  assert.ok(
    degradedAbsolutely({ accuracy: 0.8, f1: 0.8, balancedAccuracy: 0.95 }, thresholds).degraded,
  );
  const regression = { r2: 0.5, rmse: 1.2, mae: 0.2, mse: 0.4 };
  assert.ok(degradedAbsolutely({ r2: 0.6, rmse: 1.3, mae: 0.3, mse: 0.3 }, regression).degraded);
  assert.ok(!degradedAbsolutely({ r2: 0.6, rmse: 1.2, mae: 0.2, mse: 0.5 }, regression).degraded);
});

test('metrics without a threshold of the pipeline vote by those of the rule', () => {
  const { votes, degraded } = degradedAbsolutely(
    { accuracy: 0.85, balancedAccuracy: 0.91, f1: 0.85, rocAuc: 0.5 },
    { accuracy: 0.8 },
  );
  assert.deepEqual(
    votes.map(({ metric, limit, flagged }) => [metric, limit, flagged]),
    [
      ['accuracy', 0.8, false],
      ['balancedAccuracy', 0.9, false],
      ['f1', 0.9, true],
    ],
  );
  assert.ok(!degraded);
  const regression = degradedAbsolutely({ r2: 0.49, rmse: 1.2, mae: 0.21, mse: 0.4 }, {});
  assert.deepEqual(
    regression.votes.map(({ limit, flagged }) => [limit, flagged]),
    [
      [0.5, true],
      [1.2, false],
      [0.2, true],
      [0.4, false],
    ],
  );
  assert.ok(regression.degraded);
});

test('a threshold of the pipeline votes whatever its metric', () => {
  const { votes, degraded } = degradedAbsolutely(
    { accuracy: 0.95, rocAuc: 0.6 },
    { rocAuc: 0.7, logLoss: 0.1 },
  );
  assert.deepEqual(
    votes.map(({ metric, flagged }) => [metric, flagged]),
    [
      ['accuracy', false],
      ['rocAuc', true],
    ],
  );
  assert.ok(degraded, 'one of two is half');
});

test('a model has degraded against the previous one when half of the metrics are 30 % worse', () => {
  const previous = { accuracy: 0.9, f1: 0.8 };
  assert.ok(degradedRelatively({ accuracy: 0.62, f1: 0.8 }, previous).degraded);
  assert.ok(!degradedRelatively({ accuracy: 0.7, f1: 0.7 }, previous).degraded);
  assert.ok(degradedRelatively({ accuracy: 0.35 }, { accuracy: 0.5 }).degraded, 'exactly 30 %');
  assert.ok(degradedRelatively({ rmse: 1.31 }, { rmse: 1 }).degraded);
  assert.ok(!degradedRelatively({ rmse: 1.29 }, { rmse: 1 }).degraded);
});

test('only the metrics of the rule are compared with the previous model’s', () => {
  const { votes } = degradedRelatively({ r2: 0, rocAuc: 0.1 }, { r2: 0.001, rocAuc: 0.9 });
  assert.deepEqual(votes, []);
});

test('two models without any error are equal', () => {
  assert.ok(!degradedRelatively({ rmse: 0, mae: 0 }, { rmse: 0, mae: 0 }).degraded);
  assert.ok(degradedRelatively({ rmse: 1, mae: 1 }, { rmse: 0, mae: 0 }).degraded);
});
