import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shewhart } from '../../core/drift/streams/shewhart.ts';
import { generateErrors, type ErrorStream } from './stream-errors.ts';
import { scoreDetector } from './stream-score.ts';

/** A chart of 2 values' warm-up that signals at the first value that is not 0. */
const options = { minValues: 2, threshold: 1 };

function streamOf(length: number, ones: readonly number[], change: number): ErrorStream {
  const errors = Float64Array.from({ length }, (_, i) => (ones.includes(i) ? 1 : 0));
  return { errors, change: { start: change, end: change } };
}

test('alarms before a change and after it was found are false, the first one from it on is the find', () => {
  const stream = streamOf(100, [10, 50, 53, 90], 50);
  const score = scoreDetector(shewhart, options, [stream]);
  assert.equal(score.quietRows, 50 + 49);
  assert.equal(score.falseAlarms, 3);
  assert.equal(score.delay, 0);
  assert.equal(score.missed, 0);
  assert.equal(score.mtfa, 33);
});

test('a change that is not found is missed, and what follows it is not quiet', () => {
  const found = streamOf(100, [60], 50);
  const silent = streamOf(100, [], 50);
  const score = scoreDetector(shewhart, options, [found, silent]);
  assert.equal(score.missed, 0.5);
  assert.equal(score.delay, 10);
  assert.equal(score.quietRows, 50 + 39 + 50);
  assert.equal(score.mtr, (139 / 10) * 0.5);
  assert.deepEqual(scoreDetector(shewhart, options, [silent]), {
    quietRows: 50,
    falseAlarms: 0,
    mtfa: 50,
    delay: null,
    missed: 1,
    mtr: 0,
  });
});

test('errors are generated at the rates that were asked for', () => {
  const rates = { before: 20_000, after: 20_000, from: 0.2, to: 0.4, transition: 10_000 };
  const { errors, change } = generateErrors(rates, 1);
  const rate = (from: number, to: number): number =>
    errors.subarray(from, to).reduce((a, b) => a + b, 0) / (to - from);
  assert.deepEqual(change, { start: 20_000, end: 30_000 });
  assert.ok(Math.abs(rate(0, 20_000) - 0.2) < 0.01);
  assert.ok(Math.abs(rate(20_000, 30_000) - 0.3) < 0.02);
  assert.ok(Math.abs(rate(30_000, 40_000) - 0.4) < 0.015);
});
