import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Series } from 'danfojs-node';
import type { Table } from '../core/table.ts';
import { frameToTable, tableToFrame } from './frame.ts';

const TABLE: Table = {
  rows: 3,
  columns: [
    { kind: 'numeric', name: 'x', values: Float64Array.of(16777217.123456787, NaN, 5e-324) },
    { kind: 'numeric', name: 'nothing', values: Float64Array.of(NaN, NaN, NaN) },
    { kind: 'time', name: 'at', values: Float64Array.of(1_577_836_800_123, NaN, -8.64e15) },
    {
      kind: 'categorical',
      name: 'c',
      codes: Int32Array.of(1, -1, 0),
      dictionary: ['1', 'é\u0000'],
    },
    { kind: 'categorical', name: 'none', codes: Int32Array.of(-1, -1, -1), dictionary: [] },
  ],
};

describe('a frame made from a table', () => {
  it('gives the same table back', async () => {
    assert.deepEqual(frameToTable(await tableToFrame(TABLE), TABLE), TABLE);
  });

  it('gives the same table back when it has no rows', async () => {
    const empty: Table = {
      rows: 0,
      columns: [
        { kind: 'numeric', name: 'x', values: new Float64Array() },
        { kind: 'time', name: 'at', values: new Float64Array() },
      ],
    };
    assert.deepEqual(frameToTable(await tableToFrame(empty), empty), empty);
  });

  it('keeps every finite number to its last bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 1, maxLength: 30 }),
        async (numbers) => {
          const values = Float64Array.from(numbers);
          const table: Table = {
            rows: values.length,
            columns: [{ kind: 'numeric', name: 'x', values }],
          };
          assert.deepEqual(frameToTable(await tableToFrame(table), table), table);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  it('can be changed by what danfo.js offers', async () => {
    const frame = await tableToFrame(TABLE);
    frame.addColumn('double', frame.column('x').mul(2), { inplace: true });
    frame.addColumn('year', frame.column('at').dt.year(), { inplace: true });
    const table = frameToTable(frame.drop({ columns: ['nothing'] }), TABLE);
    assert.deepEqual(
      table.columns.map((column) => `${column.name}: ${column.kind}`),
      [
        'x: numeric',
        'at: time',
        'c: categorical',
        'none: categorical',
        'double: numeric',
        'year: numeric',
      ],
    );
    const double = table.columns.find((column) => column.name === 'double');
    assert.equal(double?.kind, 'numeric');
    assert.equal(double.values[0], 2 * 16777217.123456787);
  });
});

describe('a frame that a hook returned', () => {
  const frame = (columns: readonly string[], values: readonly (readonly unknown[])[]) => ({
    columns,
    values,
  });

  it('may hold booleans, Dates and whatever is missing', () => {
    const day = new Date('2024-02-29T00:00:00Z');
    const table = frameToTable(
      frame(
        ['b', 'd'],
        [
          [true, day],
          [undefined, null],
          [false, NaN],
        ],
      ),
    );
    assert.deepEqual(table.columns, [
      {
        kind: 'categorical',
        name: 'b',
        codes: Int32Array.of(1, -1, 0),
        dictionary: ['false', 'true'],
      },
      { kind: 'time', name: 'd', values: Float64Array.of(day.getTime(), NaN, NaN) },
    ]);
  });

  it('has texts for a column of times that no longer holds times', () => {
    const table = frameToTable(frame(['at'], [['Monday'], ['2020-01-01'], [null]]), TABLE);
    assert.equal(table.columns[0]?.kind, 'categorical');
  });

  const cases: readonly (readonly [what: string, frame: unknown, message: RegExp])[] = [
    ['nothing', undefined, /found undefined, expected a DataFrame/],
    ['a Series', new Series([1, 2]), /found a Series/],
    [
      'a column that mixes numbers and texts',
      frame(['x'], [[1], [null], ['a']]),
      /'x' mixes kinds: row 1 is 1, row 3 is 'a'/,
    ],
    ['a division by zero', frame(['x'], [[1], [1 / 0]]), /column 'x', row 2: found Infinity/],
    ['a list in a cell', frame(['x'], [[[1]]]), /column 'x', row 1: found object/],
    ['two columns of one name', frame(['x', 'x'], [[1, 2]]), /two columns are called 'x'/],
  ];
  for (const [what, returned, message] of cases) {
    it(`is refused when it is or has ${what}`, () => {
      assert.throws(() => frameToTable(returned), { name: 'HookFailedError', message });
    });
  }
});
