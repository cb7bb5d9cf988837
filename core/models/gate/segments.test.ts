import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from '../../table.ts';
import { parseRule, rowsWhere } from './segments.ts';

const table: Table = {
  rows: 5,
  columns: [
    {
      kind: 'categorical',
      name: 'region',
      codes: Int32Array.of(0, 1, 1, -1, 0),
      dictionary: ['LA', 'NY'],
    },
    { kind: 'numeric', name: 'temp', values: Float64Array.of(10, 25, 15, 30, NaN) },
    {
      kind: 'time',
      name: 'sold at',
      values: Float64Array.from([1, 2, 3, 4, 5], (day) => Date.UTC(2026, 0, day)),
    },
  ],
};

const rows = (where: string): number[] =>
  [...rowsWhere(table, where)].flatMap((held, i) => (held === 1 ? [i] : []));

test('a rule holds where all of its comparisons do; a missing value fulfils none', () => {
  assert.deepEqual(rows('region = NY'), [1, 2]);
  assert.deepEqual(rows('region = NY and temp > 20'), [1]);
  assert.deepEqual(rows('region != NY'), [0, 4]);
  assert.deepEqual(rows('temp<=25 AND temp >= 15'), [1, 2]);
  assert.deepEqual(rows('"sold at" >= 2026-01-03 and temp != 15'), [3]);
  assert.deepEqual(rows("region = 'San Francisco'"), []);
});

test('a rule is read into its comparisons', () => {
  assert.deepEqual(parseRule('"sold at" < "2026-01-03" and region=NY'), [
    { column: 'sold at', operator: '<', value: '2026-01-03' },
    { column: 'region', operator: '=', value: 'NY' },
  ]);
});

test('a rule that cannot be read says where', () => {
  assert.throws(() => parseRule(''), /cannot read the end of ''; a rule is like region = NY/);
  assert.throws(() => parseRule('region'), /cannot read 'region'/);
  assert.throws(() => parseRule('region = NY or temp > 3'), /cannot read/);
  assert.throws(() => parseRule('region = NY and '), /cannot read the end/);
  assert.throws(() => parseRule('region ~ NY'), /cannot read/);
});

test('a comparison that a column does not allow is refused with what would be right', () => {
  assert.throws(
    () => rowsWhere(table, 'colour = red'),
    /no column 'colour'; columns: region, temp/,
  );
  assert.throws(() => rowsWhere(table, 'region > LA'), /'region' holds texts, .* not by >/);
  assert.throws(() => rowsWhere(table, 'temp = warm'), /compared with a number, not with 'warm'/);
  assert.throws(() => rowsWhere(table, '"sold at" = soon'), /a time such as 2026-01-31/);
});
