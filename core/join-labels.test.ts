import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinLabels } from './join-labels.ts';
import type { Table } from './table.ts';

const sales: Table = {
  rows: 4,
  columns: [
    { kind: 'numeric', name: 'id', values: Float64Array.of(3, 1, 2, NaN) },
    { kind: 'numeric', name: 'price', values: Float64Array.of(30, 10, 20, 40) },
  ],
};
const by = { key: 'id', target: 'sold' };

function labels(ids: readonly string[], sold: Float64Array): Table {
  const dictionary = [...new Set(ids)].sort();
  const codes = Int32Array.from(ids, (id) => dictionary.indexOf(id));
  return {
    rows: ids.length,
    columns: [
      { kind: 'categorical', name: 'id', codes, dictionary },
      { kind: 'numeric', name: 'sold', values: sold },
    ],
  };
}

test('each row gets the outcome of its key, others none', () => {
  const joined = joinLabels(sales, labels(['1', '9', '3'], Float64Array.of(0, 1, 1)), by);
  assert.deepEqual(
    joined.columns.map(({ name }) => name),
    ['id', 'price', 'sold'],
  );
  const sold = joined.columns[2];
  assert.deepEqual(sold?.kind === 'numeric' && [...sold.values], [1, 0, NaN, NaN]);
});

test('what cannot be joined is refused with the reason', () => {
  assert.throws(
    () => joinLabels(sales, labels(['1', '2', '1'], Float64Array.of(0, 1, 1)), by),
    /'id' 1 is in rows 1 and 3 of the labels; each may be there once/,
  );
  assert.throws(
    () => joinLabels(sales, labels(['7'], Float64Array.of(0)), by),
    /none of the 1 labels has a 'id' of the 4 rows/,
  );
  assert.throws(
    () => joinLabels(sales, labels(['1', '9'], Float64Array.of(NaN, 1)), by),
    /none of the 1 labels that belong to a row has a value in 'sold'/,
  );
  assert.throws(() => joinLabels(sales, sales, by), /no column 'sold'/);
});

test('keys that differ in their last digit only are different keys, however long they are', () => {
  const ids = ['1790000000000000000', '1790000000000001024'];
  const orders = labels(ids, Float64Array.of(1, 2));
  const others = labels(
    ids.map((id) => String(BigInt(id) + 1n)),
    Float64Array.of(0, 1),
  );
  assert.throws(() => joinLabels(orders, others, by), /none of the 2 labels has a 'id'/);
  assert.deepEqual(joinLabels(orders, orders, by).rows, 2);
  const asNumbers: Table = {
    rows: 1,
    columns: [{ kind: 'numeric', name: 'id', values: Float64Array.of(1.79e18) }],
  };
  assert.throws(() => joinLabels(asNumbers, orders, by), /more digits than numbers keep/);
});

test('a zero in front makes another key, and .0 behind the same one', () => {
  const joined = joinLabels(
    labels(['0012', '12', '7.0', 'A1'], Float64Array.of(9, 9, 9, 9)),
    labels(['12', '7', 'A1', '0013'], Float64Array.of(1, 2, 3, 4)),
    by,
  );
  const sold = joined.columns.find(({ name }) => name === 'sold');
  assert.deepEqual(sold?.kind === 'numeric' && [...sold.values], [NaN, 1, 2, 3]);
});
