import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ddm } from './ddm.ts';
import { NumpyRandom } from './fixtures/mersenne-twister.ts';
import { rddm } from './rddm.ts';
import { runDetector } from './stream-detector.ts';

test('after a change it counts on from the outcomes since the warning', () => {
  const random = new NumpyRandom(8);
  const stream = [...random.bernoulli(0.1, 2000), ...random.bernoulli(0.6, 500)];
  const state = rddm.open();
  let lastQuiet = -1;
  const change = stream.findIndex((x, i) => {
    const signal = rddm.advance(state, x);
    if (signal === 'none') lastQuiet = i;
    return signal === 'change' && i >= 2000;
  });
  assert.ok(change >= 2000 && change < 2060, `found at ${change}`);
  const sinceWarning = stream.slice(lastQuiet + 1, change + 1);
  assert.equal(state.n, sinceWarning.length);
  assert.deepEqual(state.outcomes, sinceWarning);
  assert.equal(state.warnings, 0);
});

test('a concept that has become too long is recounted from its latest outcomes, which is no change', () => {
  const stream = new NumpyRandom(9).bernoulli(0.2, 1100);
  const state = rddm.open({ maxConcept: 1000, minConcept: 200, changeLevel: 5, warningLevel: 4 });
  stream.forEach((x, i) => {
    assert.equal(rddm.advance(state, x), 'none');
    if (i === 1000) {
      assert.equal(state.n, 200);
      const errors = stream.slice(801, 1001).reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(state.mean - errors / 200) < 1e-12);
    }
  });
  assert.equal(state.n, 299);
});

test('a warning that lasts longer than the limit is a change', () => {
  // From 20 % errors to a rate at which the level stays between warning and change.
  const pattern = (every: number, n: number): number[] =>
    Array.from({ length: n }, (_, i) => (i % every === 0 ? 1 : 0));
  const stream = [...pattern(5, 400), ...pattern(3, 400)];
  const options = { warningLevel: 0.5, changeLevel: 1000, warningLimit: 50 };
  const { warnings, changes } = runDetector(rddm, stream, options);
  const [first] = changes;
  assert.ok(first !== undefined);
  const streak = warnings.filter((i) => i >= first - 50 && i < first);
  assert.equal(streak.length, 50);
});

test('where DDM has grown deaf on a long concept, it still hears', () => {
  const random = new NumpyRandom(10);
  const stream = [...random.bernoulli(0.2, 100_000), ...random.bernoulli(0.24, 8000)];
  const levels = { warningLevel: 2, changeLevel: 3 };
  const first = (changes: readonly number[]): number =>
    changes.find((i) => i >= 100_000) ?? Infinity;
  const slow = first(runDetector(ddm, stream, levels).changes);
  const fast = first(runDetector(rddm, stream, levels).changes);
  assert.ok(fast < slow, `RDDM at ${fast}, DDM at ${slow}`);
});
