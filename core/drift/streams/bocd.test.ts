import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bocd } from './bocd.ts';
import { NumpyRandom } from './fixtures/mersenne-twister.ts';
import { runDetector } from './stream-detector.ts';

test('the probabilities of all run lengths add up to 1, pooled ones included', () => {
  const state = bocd.open({ maxRuns: 20 });
  for (const x of new NumpyRandom(15).normals(0, 1, 300)) {
    bocd.advance(state, x);
    const total = state.runs.reduce((sum, run) => sum + Math.exp(run.logProbability), 0);
    assert.ok(Math.abs(total - 1) < 1e-9, `${total}`);
    assert.ok(state.runs.length <= 20);
  }
});

test('pooling long runs changes nothing about changes found within their bound', () => {
  const random = new NumpyRandom(16);
  const stream = [...random.normals(0, 1, 600), ...random.normals(2, 1, 600)];
  const found = (maxRuns: number): readonly number[] =>
    runDetector(bocd, stream, { maxRuns, hazard: 1e-4 }).changes;
  assert.deepEqual(found(100), found(2000));
  assert.equal(found(100).length, 1);
});
