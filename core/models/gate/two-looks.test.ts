import assert from 'node:assert/strict';
import { test } from 'node:test';
import { twoLooks } from './two-looks.ts';

test('two looks together have the chance of an error of one, the first a 25th of it', () => {
  for (const confidence of [0.8, 0.95, 0.975, 0.99]) {
    const { ownFile, both } = twoLooks(confidence);
    assert.ok(Math.abs(1 - ownFile + (1 - both) - (1 - confidence)) < 1e-12);
    assert.ok(Math.abs((1 - ownFile) * 25 - (1 - confidence)) < 1e-12);
  }
});
