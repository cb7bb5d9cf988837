import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import type { Column, Table } from '../core/table.ts';
import { readTableParquet, writeTableParquet } from './table-parquet.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "table[parquet]*'"));
});
after(() => rm(folder, { recursive: true, force: true }));

const text = fc.string({ unit: 'binary', maxLength: 12 });
const rowsOf = <T>(rows: number, value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(value, { minLength: rows, maxLength: rows });

function columnOfRows(rows: number): fc.Arbitrary<Column> {
  const number = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constant(NaN));
  const time = fc.oneof(fc.integer({ min: -9e15, max: 9e15 }), fc.constant(NaN));
  return fc.oneof(
    fc
      .tuple(text, rowsOf(rows, number))
      .map(([name, xs]): Column => ({ kind: 'numeric', name, values: Float64Array.from(xs) })),
    fc
      .tuple(text, rowsOf(rows, fc.oneof(time, number)))
      .map(([name, xs]): Column => ({ kind: 'time', name, values: Float64Array.from(xs) })),
    fc
      .tuple(text, fc.uniqueArray(text, { maxLength: 5 }), rowsOf(rows, fc.nat()))
      .map(([name, dictionary, ks]): Column => ({
        kind: 'categorical',
        name,
        dictionary,
        codes: Int32Array.from(ks, (k) => (k % (dictionary.length + 1)) - 1),
      })),
  );
}

const tables: fc.Arbitrary<Table> = fc
  .nat({ max: 20 })
  .chain((rows) =>
    fc
      .array(columnOfRows(rows), { minLength: 1, maxLength: 5 })
      .map((columns) => ({ rows, columns })),
  );

it('every table is read back as it was written', async () => {
  const file = path.join(folder, 'any.parquet');
  await fc.assert(
    fc.asyncProperty(tables, async (table) => {
      await writeTableParquet(table, file);
      assert.deepEqual(await readTableParquet(file), table);
    }),
    { numRuns: 60, seed: 1 },
  );
});

it('the order of rows is kept over many row groups', async () => {
  const rows = 400_000;
  const table: Table = {
    rows,
    columns: [
      { kind: 'numeric', name: 'i', values: Float64Array.from({ length: rows }, (_, i) => i) },
      {
        kind: 'categorical',
        name: 'c',
        codes: Int32Array.from({ length: rows }, (_, i) => (i % 4) - 1),
        dictionary: ['a', 'b', 'c'],
      },
    ],
  };
  const file = path.join(folder, 'long.parquet');
  await writeTableParquet(table, file);
  assert.deepEqual(await readTableParquet(file), table);
});

it('a table without columns and text that is not Unicode are refused', async () => {
  const file = path.join(folder, 'bad.parquet');
  await assert.rejects(writeTableParquet({ rows: 0, columns: [] }, file), RangeError);
  const column: Column = {
    kind: 'categorical',
    name: 'c',
    codes: Int32Array.of(0),
    dictionary: ['\ud800'],
  };
  await assert.rejects(writeTableParquet({ rows: 1, columns: [column] }, file), /'c'.*Unicode/);
});

it('a file that is no parquet is refused', async () => {
  const file = path.join(folder, 'no.parquet');
  await writeFile(file, 'not parquet');
  await assert.rejects(readTableParquet(file));
});
