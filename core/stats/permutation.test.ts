import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import { chooseInto, permutationPValue, randomRows } from './permutation.ts';

test('nothing as extreme gives the smallest p, everything as extreme 1', () => {
  assert.equal(
    permutationPValue(1, () => 0, 199),
    1 / 200,
  );
  assert.equal(
    permutationPValue(1, () => 1, 199),
    1,
  );
  assert.equal(
    permutationPValue(1, () => 1 - 1e-12, 5),
    1,
  );
});

test('drawing stops where p is large', () => {
  let draws = 0;
  const p = permutationPValue(0, () => (draws++ % 2 === 0 ? 1 : -1), 10_000);
  assert.ok(draws < 100, String(draws));
  assert.ok(Math.abs(p - 0.5) < 0.02);
});

test('of equally probable ranks at most a share α of p-values is at most α', () => {
  const random = createRandom(6);
  const repetitions = 3000;
  for (const alpha of [0.05, 0.2]) {
    let alarms = 0;
    for (let r = 0; r < repetitions; r++) {
      if (permutationPValue(random(), random, 99) <= alpha) alarms++;
    }
    const bound = alpha * repetitions + 3 * Math.sqrt(alpha * (1 - alpha) * repetitions);
    assert.ok(alarms <= bound, `${alarms} at ${alpha}, at most ${bound}`);
  }
});

test('a choice holds different rows, each as often as any other', () => {
  const random = createRandom(1);
  const counts = new Float64Array(10);
  for (let r = 0; r < 2000; r++) {
    const rows = randomRows(10, 4, random);
    assert.equal(new Set(rows).size, 4);
    for (const row of rows) counts[row] = (counts[row] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(Math.abs(count - 800) < 90, String(count));
  assert.deepEqual(randomRows(3, 9, random).slice().sort(), Int32Array.of(0, 1, 2));
  const elements = Int32Array.of(4, 4, 7);
  chooseInto(elements, 3, random);
  assert.deepEqual(elements.slice().sort(), Int32Array.of(4, 4, 7));
});

test('no permutations are refused', () => {
  assert.throws(() => permutationPValue(0, () => 0, 0), /at least 1 permutation is needed, got 0/);
});
