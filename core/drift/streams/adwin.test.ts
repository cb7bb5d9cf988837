import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adwin } from './adwin.ts';
import { NumpyRandom } from './fixtures/mersenne-twister.ts';
import { runDetector } from './stream-detector.ts';

test('the window’s mean and variance are those of the values in it', () => {
  const values = new NumpyRandom(3).normals(0.5, 0.1, 5000);
  const state = adwin.open({ delta: 1e-9 });
  for (const x of values) adwin.advance(state, x);
  assert.equal(state.width, 5000);
  const mean = values.reduce((sum, x) => sum + x) / 5000;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  assert.ok(Math.abs(state.total / state.width - mean) < 1e-12);
  assert.ok(Math.abs(state.squares - squares) < 1e-9 * squares);
});

test('a window that shrinks at a change keeps the values after it, with their mean', () => {
  const random = new NumpyRandom(4);
  const state = adwin.open({ afterChange: 'shrink' });
  const stream = [...random.bernoulli(0.2, 3000), ...random.bernoulli(0.7, 1000)];
  for (const x of stream) adwin.advance(state, x);
  assert.ok(state.width >= 900 && state.width < 1200, `${state.width} values`);
  assert.ok(Math.abs(state.total / state.width - 0.7) < 0.05);
  assert.ok(Math.abs(state.squares / state.width - 0.21) < 0.02);
});

test('it keeps a logarithm of the window in buckets', () => {
  const state = adwin.open({ delta: 1e-12 });
  for (const x of new NumpyRandom(5).bernoulli(0.5, 100_000)) adwin.advance(state, x);
  assert.equal(state.width, 100_000);
  const buckets = state.rows.reduce((n, row) => n + row.totals.length, 0);
  assert.ok(buckets <= 6 * Math.ceil(Math.log2(100_000)), `${buckets} buckets`);
  assert.equal(
    state.rows.reduce((n, row, k) => n + row.totals.length * 2 ** k, 0),
    100_000,
  );
});

test('stationary streams of 5,000 rarely alarm: fewer than one in twenty of 200', () => {
  let alarms = 0;
  for (let seed = 0; seed < 200; seed++) {
    const stream = new NumpyRandom(seed).bernoulli(0.3, 5000);
    if (runDetector(adwin, stream).changes.length > 0) alarms++;
  }
  assert.ok(alarms < 10, `${alarms} of 200`);
});

test('an option’s error names the option, its range and what was given', () => {
  assert.throws(() => adwin.open({ delta: 2 }), {
    name: 'RangeError',
    message: 'ADWIN: delta must be above 0 and below 1, got 2',
  });
  assert.throws(() => adwin.open({ clock: 0.5 }), {
    message: 'ADWIN: clock must be a whole number of at least 1, got 0.5',
  });
});
