import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scored, type Scored } from '../metrics/scored.ts';
import { twoLooks, worldTurned } from './two-looks.ts';

test('two looks together have the chance of an error of one, the first a 25th of it', () => {
  for (const confidence of [0.8, 0.95, 0.975, 0.99]) {
    const { ownFile, both } = twoLooks(confidence);
    assert.ok(Math.abs(1 - ownFile + (1 - both) - (1 - confidence)) < 1e-12);
    assert.ok(Math.abs((1 - ownFile) * 25 - (1 - confidence)) < 1e-12);
  }
});

test('the world turned where the champion fares worse than on the file before beyond all doubt', () => {
  const before = champion({ rows: 336, right: 280 });
  assert.equal(worldTurned(champion({ rows: 336, right: 200 }), before), true);
  assert.equal(worldTurned(champion({ rows: 336, right: 250 }), before), false, 'a bad week');
  assert.equal(worldTurned(champion({ rows: 336, right: 336 }), before), false, 'it fares better');
  assert.equal(worldTurned(champion({ rows: 12, right: 6 }), before), false, 'too few to tell');
});

function champion({ rows, right }: { rows: number; right: number }): Scored {
  const labels = Int32Array.from({ length: rows }, (_, i) => ((97 * i) % rows < right ? 1 : 0));
  const probabilities = Float64Array.from({ length: 2 * rows }, (_, i) =>
    i % 2 === 1 ? 0.9 : 0.1,
  );
  const classes = ['no', 'yes'];
  const said = {
    kind: 'classification',
    classes,
    labels: new Int32Array(rows).fill(1),
    probabilities,
  } as const;
  return scored(said, { kind: 'classification', classes, labels });
}
