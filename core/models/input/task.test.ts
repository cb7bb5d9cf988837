import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbers, tableOf, texts, times } from '../fixtures/tables.ts';
import { inferTask } from './task.ts';

const table = tableOf(
  texts(
    'label',
    Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'up' : 'down')),
  ),
  numbers(
    'flag',
    Array.from({ length: 60 }, (_, i) => i % 2),
  ),
  numbers(
    'rating',
    Array.from({ length: 60 }, (_, i) => i % 11),
  ),
  numbers(
    'price',
    Array.from({ length: 60 }, (_, i) => i * 1.5),
  ),
  numbers(
    'half',
    Array.from({ length: 60 }, (_, i) => (i % 3) / 2),
  ),
  times(
    'when',
    Array.from({ length: 60 }, (_, i) => i),
  ),
  numbers(
    'empty',
    Array.from({ length: 60 }, () => null),
  ),
);

test('text is a class', () => {
  const { task, reason } = inferTask(table, 'label', undefined);
  assert.equal(task, 'classification');
  assert.match(reason, /inferred: 'label' is text, 2 classes/);
});

test('a few whole numbers on many rows are classes, more of them or fractions are quantities', () => {
  assert.equal(inferTask(table, 'flag', undefined).task, 'classification');
  assert.equal(inferTask(table, 'rating', undefined).task, 'regression');
  assert.equal(inferTask(table, 'half', undefined).task, 'regression');
  assert.equal(inferTask(table, 'price', undefined).task, 'regression');
  const short = tableOf(numbers('count', [1, 2, 3, 4, 5, 6]));
  assert.equal(inferTask(short, 'count', undefined).task, 'regression');
});

test('the task that the user names wins where it is possible', () => {
  assert.equal(inferTask(table, 'flag', 'regression').task, 'regression');
  assert.equal(inferTask(table, 'rating', 'classification').task, 'classification');
  assert.match(inferTask(table, 'rating', 'classification').reason, /^given: /);
});

test('a target that cannot be predicted is refused with the reason', () => {
  assert.throws(
    () => inferTask(table, 'nowhere', undefined),
    /no column 'nowhere'; columns: label/,
  );
  assert.throws(() => inferTask(table, 'empty', undefined), /'empty' has no value in any row/);
  assert.throws(() => inferTask(table, 'when', undefined), /'when' holds times/);
  assert.throws(() => inferTask(table, 'label', 'regression'), /'label'.*text \(e.g. 'up'\)/);
  assert.throws(() => inferTask(table, 'price', 'classification'), /60 distinct numbers.*quantity/);
});

test('thousands of classes are taken for an identifier', () => {
  const ids = tableOf(
    texts(
      'id',
      Array.from({ length: 1500 }, (_, i) => `id ${i}`),
    ),
  );
  assert.throws(() => inferTask(ids, 'id', undefined), /1500 classes, at most 1000.*identifier/);
});

test('values that are too long to be the names of classes are refused, with column and length', () => {
  const withLast = (last: string): ReturnType<typeof tableOf> =>
    tableOf(texts('review', [...Array.from({ length: 20 }, () => 'good'), last]));
  assert.equal(inferTask(withLast('x'.repeat(300)), 'review', undefined).task, 'classification');
  for (const given of [undefined, 'classification'] as const) {
    assert.throws(() => inferTask(withLast('x'.repeat(301)), 'review', given), {
      name: 'RangeError',
      message: /'review': a value has 301 characters \('x{40}…'\), at most 300 .* free text\?$/,
    });
  }
});
