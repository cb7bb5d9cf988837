import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NumpyRandom } from './fixtures/mersenne-twister.ts';
import { pageHinkley } from './page-hinkley.ts';
import { runDetector } from './stream-detector.ts';

const step = (from: number, to: number): number[] => {
  const random = new NumpyRandom(11);
  return [...random.normals(from, 1, 1000), ...random.normals(to, 1, 300)];
};

test('a falling mean counts when both sides do', () => {
  const fall = step(3, 0);
  const found = runDetector(pageHinkley, fall, { sides: 'both' }).changes;
  assert.ok(found[0] !== undefined && found[0] >= 1000 && found[0] < 1050, found.join());
  assert.deepEqual(runDetector(pageHinkley, fall, { sides: 'increase' }).changes, []);
});

test('told to continue, it signals for as long as the sum is above the threshold', () => {
  const { changes } = runDetector(pageHinkley, step(0, 3), { afterChange: 'continue' });
  const [first] = changes;
  assert.ok(first !== undefined && first >= 1000 && first < 1050);
  assert.deepEqual(
    changes,
    Array.from({ length: changes.length }, (_, i) => first + i),
  );
  assert.ok(changes.length > 200);
});

test('above its minimum, clamped and plain sum differ only in what a stable time leaves behind', () => {
  const delay = (statistic: 'above minimum' | 'clamped' | 'sum'): number =>
    (runDetector(pageHinkley, step(0, 3), { statistic, delta: 0.2 }).changes[0] ?? Infinity) - 1000;
  assert.equal(delay('above minimum'), delay('clamped'));
  // 1,000 values at −0.2 each are paid back first.
  assert.ok(delay('sum') > delay('clamped') + 40, `${delay('sum')} rows`);
});
