import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { takeRows, type Table } from '../table.ts';
import { DISTANCE_MEASURES } from './chosen-effects.ts';
import { NUMERIC_TESTS } from './chosen-tests.ts';
import { detectDrift } from './detect.ts';
import { categorical, numeric, OPTIONS, table, times } from './fixtures/tables.ts';

function assertFinite(value: unknown, path = 'report'): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
  }
}

/** Rows of a small mixed table; the first 40 are in it, so that there is something to compare. */
const rows = fc.array(
  fc.record({
    x: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: NaN }),
    few: fc.integer({ min: 0, max: 3 }),
    level: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
  }),
  { minLength: 40, maxLength: 80 },
);
const tableOf = (values: typeof rows extends fc.Arbitrary<infer T> ? T : never): Table =>
  table(
    numeric(
      'x',
      values.map(({ x }) => x),
    ),
    numeric(
      'few',
      values.map(({ few }) => few),
    ),
    categorical(
      'level',
      values.map(({ level }) => level),
    ),
  );

test('the order of rows changes nothing', () => {
  fc.assert(
    fc.property(rows, rows, fc.integer(), (before, after, seed) => {
      const [reference, current] = [tableOf(before), tableOf(after)];
      const random = createRandom(seed);
      const order = Int32Array.from(
        times(current.rows, (i) => ({ i, key: random() }))
          .sort((a, b) => a.key - b.key)
          .map(({ i }) => i),
      );
      const report = detectDrift(reference, current, OPTIONS);
      assert.deepEqual(detectDrift(reference, takeRows(current, order), OPTIONS), report);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('whatever the tables hold, figures are finite and within their bounds', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const report = detectDrift(tableOf(before), tableOf(after), OPTIONS);
      assertFinite(report);
      for (const { outcome } of report.columns) {
        for (const change of outcome.kind === 'tested' ? outcome.changes : []) {
          assert.ok(change.pValue >= 0 && change.pValue <= change.falseDiscoveryRate + 1e-15);
          assert.ok(change.falseDiscoveryRate <= change.adjustedPValue + 1e-15);
          assert.ok(change.adjustedPValue <= 1 && change.effect.value >= 0);
          assert.ok(!change.material || change.significant);
        }
      }
      assert.equal(
        report.score >= 1,
        report.material.length > 0 || report.together?.material === true,
      );
      const filePValue = report.filePValue ?? 1;
      assert.ok(filePValue >= 0 && filePValue <= 1);
      assert.equal(filePValue <= OPTIONS.falseAlarmRate / 2, report.score >= 1);
      for (const { outcome } of report.together?.tests ?? []) {
        assert.notEqual(outcome.kind, 'failed');
        assert.ok(outcome.kind !== 'tested' || (outcome.pValue >= 0 && outcome.pValue <= 1));
      }
    }),
    { seed: 2, numRuns: 60 },
  );
});

test('a table compared with itself shows no change', () => {
  fc.assert(
    fc.property(rows, (values) => {
      const report = detectDrift(tableOf(values), tableOf(values), OPTIONS);
      assert.equal(report.score, 0);
      assert.deepEqual(report.material, []);
    }),
    { seed: 3, numRuns: 60 },
  );
});

/** Columns of every kind with values at the ends of their range, in tables of any length. */
const anyTable = fc.integer({ min: 0, max: 90 }).chain((count) =>
  fc
    .record({
      wide: fc.array(fc.double({ noDefaultInfinity: true }), {
        minLength: count,
        maxLength: count,
      }),
      tiny: fc.array(fc.double({ min: 0, max: 1e-300 }), { minLength: count, maxLength: count }),
      ties: fc.array(fc.constantFrom(0, -0, 1, NaN), { minLength: count, maxLength: count }),
      text: fc.array(fc.option(fc.string({ maxLength: 3 })), {
        minLength: count,
        maxLength: count,
      }),
      at: fc.array(fc.integer({ min: 0, max: 2e12 }), { minLength: count, maxLength: count }),
    })
    .map(({ wide, tiny, ties, text, at }): Table => ({
      rows: count,
      columns: [
        numeric('wide', wide),
        numeric('tiny', tiny),
        numeric('ties', ties),
        categorical('text', text),
        { kind: 'time', name: 'at', values: Float64Array.from(at) },
      ],
    })),
);

test('no table of finite values is too odd: nothing is thrown, no test fails, and every figure is finite', () => {
  fc.assert(
    fc.property(
      anyTable,
      anyTable,
      fc.constantFrom(...NUMERIC_TESTS),
      fc.constantFrom('auto', ...DISTANCE_MEASURES),
      fc.constantFrom('promise', 'calmops'),
      (before, after, numericTest, measure, rule) => {
        const effect = { ...OPTIONS.effect, measure };
        const report = detectDrift(before, after, {
          ...OPTIONS,
          rule,
          numeric: numericTest,
          effect,
        });
        assertFinite(report);
        for (const { test: name, outcome } of report.together?.tests ?? []) {
          assert.notEqual(outcome.kind, 'failed', `${name}: ${JSON.stringify(outcome)}`);
        }
      },
    ),
    { seed: 4, numRuns: 100 },
  );
});
