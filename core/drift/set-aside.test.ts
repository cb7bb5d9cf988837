import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import type { Column, Table } from '../table.ts';
import { detectDrift } from './detect.ts';
import { column } from './fixtures/reports.ts';
import { categorical, mixedTable, numeric, OPTIONS, table, times } from './fixtures/tables.ts';
import type { ColumnDrift, ColumnOutcome, DriftReport } from './report.ts';

function reasonOf({ outcome }: ColumnDrift): string {
  assert.ok(outcome.kind === 'set-aside', `expected it set aside, got ${JSON.stringify(outcome)}`);
  return outcome.reason;
}

const outcomes = (report: DriftReport): readonly ColumnOutcome['kind'][] =>
  report.columns.map(({ outcome }) => outcome.kind);

function assertFinite(value: unknown, path = 'report'): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
  }
}

test('identifiers, sequences, constants, free text and time are set aside, with a reason', () => {
  const random = createRandom(7);
  const make = (from: number): Table =>
    table(
      categorical(
        'uuid',
        times(200, () => random().toString(36)),
      ),
      numeric(
        'id',
        times(200, (i) => 1 + i * 3),
      ),
      numeric(
        'elapsed',
        times(200, (i) => (from + Math.floor(i / 2)) / 7),
      ),
      numeric(
        'version',
        times(200, () => 7),
      ),
      categorical(
        'currency',
        times(200, () => 'EUR'),
      ),
      categorical(
        'comment',
        times(200, () => `text ${Math.floor(random() * 180)}`),
      ),
      { kind: 'time', name: 'at', values: Float64Array.from(times(200, (i) => from + i)) },
      numeric(
        'stamp',
        times(200, () => from + random()),
      ),
      numeric(
        'noise',
        times(200, () => random()),
      ),
      numeric(
        'nothing',
        times(200, () => NaN),
      ),
    );
  const options = { ...OPTIONS, timeColumn: 'stamp', ignore: ['noise'] };
  const report = detectDrift(make(0), make(1000), options);
  const expected = {
    uuid: /an identifier: all 200 values/,
    id: /an identifier: whole numbers/,
    elapsed: /a sequence: its values rise/,
    version: /constant: every value is 7/,
    currency: /constant: every value is 'EUR'/,
    comment: /free text or an identifier/,
    at: /a time column/,
    stamp: /a time column/,
    noise: /ignored by the pipeline/,
    nothing: /no values/,
  };
  for (const [name, reason] of Object.entries(expected)) {
    assert.match(reasonOf(column(report, name)), reason, name);
  }
  assert.equal(report.tests, 0);
  assert.equal(report.score, 0);
});

test('a column that is only sorted within each file is compared', () => {
  const random = createRandom(8);
  const make = (scale: number): Table =>
    table(
      numeric(
        'age',
        times(300, () => random() * scale).sort((a, b) => a - b),
      ),
    );
  const report = detectDrift(make(1), make(2), OPTIONS);
  assert.deepEqual(report.material, ['age']);
});

test('a clock that was set back once is still a clock, a few steps upwards are not', () => {
  const clock = (from: number): Column =>
    numeric(
      'x',
      times(300, (i) => from + Math.floor(i / 10) / 7 - (i > 150 && i < 160 ? 2 : 0)),
    );
  const report = detectDrift(table(clock(0)), table(clock(50)), OPTIONS);
  assert.match(reasonOf(column(report, 'x')), /a sequence/);
  const steps = (from: number): Column =>
    numeric(
      'x',
      times(300, (i) => from + Math.floor(i / 75) / 7),
    );
  assert.deepEqual(detectDrift(table(steps(0)), table(steps(50)), OPTIONS).material, ['x']);
});

test('a constant that takes another value, or starts to vary, is a change', () => {
  const random = createRandom(9);
  const sevens = numeric(
    'x',
    times(100, () => 7),
  );
  const rounding = numeric(
    'x',
    times(100, (i) => 0.1 + (i % 13) * 1e-17),
  );
  const cases: readonly [Column, Column][] = [
    [
      sevens,
      numeric(
        'x',
        times(100, () => 8),
      ),
    ],
    [
      sevens,
      numeric(
        'x',
        times(100, () => 7 + random()),
      ),
    ],
    [
      rounding,
      numeric(
        'x',
        times(100, () => 0.1 + random()),
      ),
    ],
    [
      categorical(
        'x',
        times(100, () => 'a'),
      ),
      categorical(
        'x',
        times(100, () => 'b'),
      ),
    ],
  ];
  for (const [before, after] of cases) {
    const report = detectDrift(table(before), table(after), OPTIONS);
    assert.deepEqual(report.material, ['x']);
    assertFinite(report);
  }
});

test('a column that varied and is constant now is a change', () => {
  const varied = table(
    numeric(
      'x',
      times(200, (i) => (i * 37) % 101),
    ),
  );
  const constant = table(
    numeric(
      'x',
      times(200, () => 50),
    ),
  );
  assert.deepEqual(detectDrift(varied, constant, OPTIONS).material, ['x']);
});

test('columns that only one table has, or that changed their kind, are reported', () => {
  const values = times(50, (i) => (i * 7) % 50);
  const reference = table(
    numeric('gone', values),
    numeric('turned', values),
    numeric('same', values),
  );
  const current = table(
    categorical('turned', values.map(String)),
    numeric('same', values),
    numeric('new', values),
  );
  const report = detectDrift(reference, current, OPTIONS);
  assert.deepEqual(
    report.columns.map(({ name }) => name),
    ['gone', 'turned', 'same', 'new'],
  );
  assert.deepEqual(outcomes(report), ['absent', 'kind changed', 'tested', 'absent']);
  assert.deepEqual(column(report, 'gone').outcome, {
    kind: 'absent',
    from: 'current',
    reason: 'not in this file',
  });
  assert.match(JSON.stringify(column(report, 'turned')), /numeric in the reference, categorical/);
});

test('an unlabelled file is no drift of the target, a shifted target is', () => {
  const random = createRandom(11);
  const labels = (share: number): Column =>
    categorical(
      'target',
      times(300, () => (random() < share ? 'yes' : 'no')),
    );
  const without = table(
    categorical(
      'target',
      times(300, () => null),
    ),
  );
  const unlabelled = detectDrift(table(labels(0.3)), without, OPTIONS);
  assert.match(reasonOf(column(unlabelled, 'target')), /no values in this file/);
  assert.equal(unlabelled.tests, 0);
  const shifted = detectDrift(table(labels(0.3)), table(labels(0.6)), OPTIONS);
  assert.deepEqual(shifted.material, ['target']);
});

test('empty and tiny files have too few values, and break nothing', () => {
  const random = createRandom(12);
  const reference = mixedTable(random, 100);
  for (const rows of [0, 1, 29]) {
    const report = detectDrift(reference, mixedTable(random, rows), OPTIONS);
    assert.deepEqual([...new Set(outcomes(report))], ['insufficient']);
    assert.deepEqual(column(report, 'bell').outcome, {
      kind: 'insufficient',
      n: rows,
      required: 30,
    });
    assert.equal(report.score, 0);
    assertFinite(report);
  }
  assert.deepEqual(detectDrift(table(), table(), OPTIONS).columns, []);
});

test('times that arrive as text are a changed kind, except in the time column', () => {
  const instants = Float64Array.from(times(200, (i) => i * 1000));
  const reference = table({ kind: 'time', name: 'at', values: instants });
  const current = table(
    categorical(
      'at',
      times(200, (i) => `Monday ${i % 20}`),
    ),
  );
  const report = detectDrift(reference, current, OPTIONS);
  assert.deepEqual(column(report, 'at').outcome, {
    kind: 'kind changed',
    reason: 'time in the reference, categorical in this file',
  });
  const asTime = detectDrift(reference, current, { ...OPTIONS, timeColumn: 'at' });
  assert.match(reasonOf(column(asTime, 'at')), /a time column/);
});
