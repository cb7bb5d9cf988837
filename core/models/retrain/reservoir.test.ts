import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chiSquareSurvival } from '../../stats/special-functions.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { allRows, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { addToReservoir, emptyReservoir, mergeReservoirs } from './reservoir.ts';
import type { Reservoir } from './reservoir.ts';

/** Row i has the number i and the text `t<i % 7>`. */
function rowsFrom(first: number, count: number): Table {
  const values = Array.from({ length: count }, (_, i) => first + i);
  return tableOf(
    numbers('n', values),
    texts(
      't',
      values.map((n) => `t${n % 7}`),
    ),
  );
}

function addAll(reservoir: Reservoir, table: Table): Reservoir {
  return addToReservoir(reservoir, table, allRows(table));
}

function keptNumbers({ table }: Reservoir): number[] {
  const column = table.columns.find(({ name }) => name === 'n');
  return column?.kind === 'numeric' ? [...column.values] : [];
}

test('all rows are kept while there is room for them', () => {
  const reservoir = addAll(emptyReservoir(10, 1), rowsFrom(0, 7));
  assert.deepEqual(keptNumbers(reservoir), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(reservoir.seen, 7);
});

test('the sample is the same however the rows were split into files', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      (sizes, capacity, seed) => {
        const n = sizes.reduce((sum, size) => sum + size, 0);
        fc.pre(n > 0);
        const whole = addAll(emptyReservoir(capacity, seed), rowsFrom(0, n));
        let parts = emptyReservoir(capacity, seed);
        let first = 0;
        for (const size of sizes) {
          parts = addAll(parts, rowsFrom(first, size));
          first += size;
        }
        assert.deepEqual(parts, whole);
        assert.equal(whole.table.rows, Math.min(n, capacity));
      },
    ),
    { seed: 7, numRuns: 60 },
  );
});

/** Chi-squared test of whether all items are drawn equally often by `sample(seed)` over many seeds. */
function uniformPValue(items: number, seeds: number, sample: (seed: number) => number[]): number {
  const counts = new Float64Array(items);
  let drawn = 0;
  for (let seed = 0; seed < seeds; seed++) {
    for (const item of sample(seed)) {
      counts[item]!++;
      drawn++;
    }
  }
  const expected = drawn / items;
  // Drawn without replacement, counts have variance S·q(1 − q), and covariance −1/(items − 1) of it.
  const factor = (1 - drawn / seeds / items) * (items / (items - 1));
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return chiSquareSurvival(statistic / factor, items - 1);
}

test('every row that was ever seen is as likely to be in the sample as any other', () => {
  const p = uniformPValue(60, 4000, (seed) => {
    const first = addAll(emptyReservoir(12, seed), rowsFrom(0, 25));
    return keptNumbers(addAll(first, rowsFrom(25, 35)));
  });
  assert.ok(p > 0.001, `p = ${p}`);
});

test('a merged sample is a uniform one of both streams, whatever their lengths', () => {
  const p = uniformPValue(60, 4000, (seed) => {
    const long = addAll(emptyReservoir(12, 2 * seed), rowsFrom(0, 45));
    const short = addAll(emptyReservoir(12, 2 * seed + 1), rowsFrom(45, 15));
    return keptNumbers(mergeReservoirs(long, short));
  });
  assert.ok(p > 0.001, `p = ${p}`);
});

test('merging gives the same rows in either order, and goes on counting', () => {
  const a = addAll(emptyReservoir(20, 1), rowsFrom(0, 100));
  const b = addAll(emptyReservoir(20, 2), rowsFrom(100, 50));
  const byNumber = (reservoir: Reservoir): number[] => keptNumbers(reservoir).sort((x, y) => x - y);
  assert.deepEqual(byNumber(mergeReservoirs(a, b)), byNumber(mergeReservoirs(b, a)));
  assert.equal(mergeReservoirs(a, b).seen, 150);
});

test('two samples that draw alike are not merged', () => {
  const a = addAll(emptyReservoir(20, 3), rowsFrom(0, 5));
  assert.throws(() => mergeReservoirs(a, a), /reservoirs of one seed \(3\) draw alike/);
});

test('categories that no kept row has are forgotten, so that ever new texts do not pile up', () => {
  let reservoir = emptyReservoir(5, 1);
  for (let file = 0; file < 20; file++) {
    const ids = Array.from({ length: 30 }, (_, i) => `id-${file}-${i}`);
    reservoir = addAll(reservoir, tableOf(texts('id', ids)));
  }
  const [column] = reservoir.table.columns;
  assert.equal(column?.kind === 'categorical' && column.dictionary.length, 5);
});

test('a file without rows changes nothing', () => {
  const reservoir = addAll(emptyReservoir(4, 9), rowsFrom(0, 9));
  const empty = takeRows(rowsFrom(0, 3), new Int32Array(0));
  assert.deepEqual(addToReservoir(reservoir, empty, new Int32Array(0)), reservoir);
});

test('a capacity of nothing is refused', () => {
  assert.throws(() => emptyReservoir(0, 1), /capacity must be a whole number from 1, got 0/);
});
