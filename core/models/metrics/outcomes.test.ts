import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbers, tableOf, texts, times } from '../fixtures/tables.ts';
import { classesOf, jointTarget, labelledRows, outcomesOf } from './outcomes.ts';

const table = tableOf(
  texts('class', ['b', null, 'a', 'c']),
  numbers('code', [1, null, -0, 2.5]),
  times('when', [0, 1, 2, 3]),
);

test('rows without an outcome are left out', () => {
  assert.deepEqual(labelledRows(table, 'class'), Int32Array.of(0, 2, 3));
  assert.deepEqual(labelledRows(table, 'code'), Int32Array.of(0, 2, 3));
});

test('numbers become classes by one rule, and zero has one sign', () => {
  assert.deepEqual(classesOf(table, 'code', labelledRows(table, 'code')), ['0', '1', '2.5']);
});

test('a class that the model does not know is marked', () => {
  const schema = { target: 'class', task: 'classification', classes: ['a', 'b'] } as const;
  assert.deepEqual(outcomesOf(table, schema), {
    kind: 'classification',
    classes: ['a', 'b'],
    labels: Int32Array.of(1, 0, -1),
  });
  const numeric = { target: 'code', task: 'classification', classes: ['0', '1'] } as const;
  const outcomes = outcomesOf(table, numeric, Int32Array.of(3, 2, 0));
  assert.deepEqual(outcomes.kind === 'classification' && outcomes.labels, Int32Array.of(-1, 0, 1));
});

test('outcomes of a regression are the numbers themselves', () => {
  const schema = { target: 'code', task: 'regression', classes: [] } as const;
  const outcomes = outcomesOf(table, schema, Int32Array.of(3, 0));
  assert.deepEqual(outcomes, { kind: 'regression', values: Float64Array.of(2.5, 1) });
});

test('a target of the wrong kind, or without a value in a row asked for, is refused', () => {
  const regression = { task: 'regression', classes: [] } as const;
  assert.throws(
    () => outcomesOf(table, { ...regression, target: 'class' }),
    /'class' is categorical/,
  );
  assert.throws(
    () => outcomesOf(table, { ...regression, target: 'code' }, Int32Array.of(1)),
    /'code' has no value in row 2/,
  );
  assert.throws(() => classesOf(table, 'when', Int32Array.of(0)), /'when' holds times/);
});

test('two models are compared over the classes of both', () => {
  const a = { target: 'y', task: 'classification', classes: ['a', 'c'] } as const;
  const b = { target: 'y', task: 'classification', classes: ['b', 'c'] } as const;
  assert.deepEqual(jointTarget(a, b).classes, ['a', 'b', 'c']);
  assert.throws(() => jointTarget(a, { ...b, target: 'z' }), /'y' and classification of 'z'/);
});
