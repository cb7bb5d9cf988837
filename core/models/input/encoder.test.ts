import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeTable, learnSchema } from './encoder.ts';
import { allRows, numbers, tableOf, texts, times } from '../fixtures/tables.ts';

const n = 40;
const many = <T>(make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const table = tableOf(
  numbers(
    'size',
    many((i) => (i * 7) % 13),
  ),
  texts(
    'colour',
    many((i) => (i % 3 === 0 ? 'red' : 'blue')),
  ),
  texts(
    'name',
    many((i) => `person ${i}`),
  ),
  numbers(
    'row',
    many((i) => i + 1),
  ),
  numbers(
    'constant',
    many(() => 5),
  ),
  numbers(
    'present or not',
    many((i) => (i % 2 === 0 ? 1 : null)),
  ),
  texts(
    'empty',
    many(() => null),
  ),
  times(
    'when',
    many((i) => i * 1000),
  ),
  numbers(
    'ignored',
    many((i) => i % 4),
  ),
  texts(
    'y',
    many((i) => (i % 2 === 0 ? 'no' : 'yes')),
  ),
);
const options = { target: 'y', task: 'classification', ignore: ['ignored'] } as const;

test('features are the columns from which something can be learned', () => {
  const schema = learnSchema(table, allRows(table), options);
  assert.deepEqual(schema.features, [
    { kind: 'numeric', name: 'size' },
    { kind: 'categorical', name: 'colour', dictionary: ['blue', 'red'] },
    { kind: 'numeric', name: 'present or not' },
  ]);
  assert.deepEqual(schema.classes, ['no', 'yes']);
});

test('the time column is no feature even where it holds numbers', () => {
  const schema = learnSchema(table, allRows(table), { ...options, timeColumn: 'size' });
  assert.ok(schema.features.every((feature) => feature.name !== 'size'));
});

test('categories and classes are those of the rows trained on', () => {
  const schema = learnSchema(table, Int32Array.of(0, 6, 12, 18, 3), options);
  assert.deepEqual(schema.classes, ['no', 'yes']);
  assert.ok(
    schema.features.every((feature) => feature.name !== 'colour'),
    'constant in these rows',
  );
});

test('a table without any useful column is refused with the reason of each', () => {
  const poor = tableOf(texts('y', ['a', 'b']), numbers('c', [1, 1]), texts('e', [null, null]));
  assert.throws(
    () => learnSchema(poor, allRows(poor), { ...options, ignore: [] }),
    /no column to predict 'y' from: 'c' is constant; 'e' has no value/,
  );
  const alone = tableOf(texts('y', ['a', 'b']));
  assert.throws(() => learnSchema(alone, allRows(alone), options), /there is no other column/);
  assert.throws(() => learnSchema(table, new Int32Array(0), options), /no rows to learn 'y' from/);
});

test('a later file may have its columns in another order, more of them, and new categories', () => {
  const schema = learnSchema(table, allRows(table), options);
  const later = tableOf(
    texts('colour', ['green', null, 'red']),
    numbers('extra', [1, 2, 3]),
    numbers('present or not', [null, 1, 2]),
    numbers('size', [1, null, 3]),
  );
  const { columns } = encodeTable(later, schema);
  assert.deepEqual(columns[0], { kind: 'numeric', values: Float64Array.of(1, NaN, 3) });
  assert.deepEqual(columns[1], {
    kind: 'categorical',
    codes: Int32Array.of(2, -1, 1),
    categories: 2,
  });
});

test('an absent column, or one of another kind, is named with what is needed', () => {
  const schema = learnSchema(table, allRows(table), options);
  const absent = tableOf(numbers('size', [1]), numbers('present or not', [1]));
  assert.throws(
    () => encodeTable(absent, schema),
    /column 'colour' is absent; the model needs it \(categorical\). Columns: size, present or not/,
  );
  assert.throws(
    () => encodeTable(tableOf(numbers('present or not', [1])), schema),
    /columns 'size', 'colour' are absent; the model needs them \(numeric, categorical\)/,
  );
  const other = tableOf(
    texts('size', ['big']),
    ...absent.columns.slice(1),
    texts('colour', ['red']),
  );
  assert.throws(
    () => encodeTable(other, schema),
    /column 'size' is categorical \(e.g. 'big'\); the model needs it numeric/,
  );
});

test('a column without any value is missing throughout, whatever its kind', () => {
  const schema = learnSchema(table, allRows(table), options);
  const empty = tableOf(
    texts('size', [null]),
    numbers('colour', [null]),
    texts('present or not', [null]),
  );
  const { columns } = encodeTable(empty, schema);
  assert.deepEqual(columns[0], { kind: 'numeric', values: Float64Array.of(NaN) });
  assert.deepEqual(columns[1], { kind: 'categorical', codes: Int32Array.of(-1), categories: 2 });
});
