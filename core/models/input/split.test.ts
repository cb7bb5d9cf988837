import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { numbers, tableOf, texts, times } from '../fixtures/tables.ts';
import { splitHoldout } from './split.ts';
import type { Split } from './split.ts';

const options = { target: 'y', task: 'classification', share: 0.3, seed: 1 } as const;

function parts(split: Split): Extract<Split, { kind: 'split' }> {
  assert.ok(split.kind === 'split', JSON.stringify(split));
  return split;
}

test('both parts together are the labelled rows, each once, ascending', () => {
  const labels = fc.array(fc.constantFrom('a', 'b', 'c', null), { minLength: 0, maxLength: 60 });
  fc.assert(
    fc.property(labels, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, share) => {
      const table = tableOf(texts('y', values));
      const split = splitHoldout(table, { ...options, share });
      if (split.kind === 'insufficient') return;
      const labelled = [...values.keys()].filter((i) => values[i] !== null);
      const together = [...split.train, ...split.holdout].sort((p, q) => p - q);
      assert.deepEqual(together, labelled);
      assert.deepEqual(split.train, split.train.slice().sort());
      assert.deepEqual(split.holdout, split.holdout.slice().sort());
      const trained = new Set(Array.from(split.train, (i) => values[i]));
      assert.deepEqual(trained, new Set(values.filter((value) => value !== null)));
    }),
  );
});

test('the classes have the same shares in both parts', () => {
  const table = tableOf(
    texts(
      'y',
      Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 'rare' : 'usual')),
    ),
  );
  const { train, holdout } = parts(splitHoldout(table, options));
  assert.equal(holdout.length, 300);
  assert.equal(holdout.filter((i) => i % 10 === 0).length, 30);
  assert.equal(train.filter((i) => i % 10 === 0).length, 70);
});

test('the same seed gives the same rows, another seed others', () => {
  const table = tableOf(
    numbers(
      'y',
      Array.from({ length: 100 }, (_, i) => i),
    ),
  );
  const regression = { ...options, task: 'regression' } as const;
  const first = splitHoldout(table, regression);
  assert.deepEqual(splitHoldout(table, regression), first);
  assert.notDeepEqual(splitHoldout(table, { ...regression, seed: 2 }), first);
});

test('with a time column the newest rows are held out, and rows without a time count as old', () => {
  const when = Array.from({ length: 20 }, (_, i) => (i === 19 ? null : 100 - i));
  const table = tableOf(
    numbers(
      'y',
      Array.from({ length: 20 }, (_, i) => i),
    ),
    times('t', when),
  );
  const split = parts(
    splitHoldout(table, { ...options, task: 'regression', share: 0.2, timeColumn: 't' }),
  );
  assert.deepEqual(split.holdout, Int32Array.of(0, 1, 2, 3));
});

test('too few rows or a single class is said, with what would do', () => {
  const few = splitHoldout(tableOf(texts('y', ['a', 'b', null])), options);
  assert.deepEqual(few, {
    kind: 'insufficient',
    n: 2,
    required: 10,
    reason: "2 rows have a value in 'y', at least 10 are needed",
  });
  const single = splitHoldout(tableOf(texts('y', Array<string>(50).fill('a'))), options);
  assert.equal(single.kind === 'insufficient' && single.required, 2);
  assert.match(single.kind === 'insufficient' ? single.reason : '', /'a' in all 50 rows/);
});

test('the old rows of a stream may be of a single class', () => {
  const table = tableOf(
    texts(
      'y',
      Array.from({ length: 20 }, (_, i) => (i < 15 ? 'a' : 'b')),
    ),
    times(
      't',
      Array.from({ length: 20 }, (_, i) => i),
    ),
  );
  const split = splitHoldout(table, { ...options, timeColumn: 't' });
  assert.match(split.kind === 'insufficient' ? split.reason : '', /'a' in all 14 rows to train on/);
});

test('a share out of range or a time column of text is refused', () => {
  const table = tableOf(
    texts('y', Array<string>(20).fill('a')),
    texts('t', Array<string>(20).fill('x')),
  );
  assert.throws(
    () => splitHoldout(table, { ...options, share: 1 }),
    /share must be in \(0, 1\), got 1/,
  );
  const regression = { ...options, target: 'z', task: 'regression', timeColumn: 't' } as const;
  const withNumbers = tableOf(...table.columns, numbers('z', Array<number>(20).fill(1)));
  assert.throws(
    () => splitHoldout(withNumbers, regression),
    /time column 't' holds text \(e.g. 'x'\)/,
  );
});
