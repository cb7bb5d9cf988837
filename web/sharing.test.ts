import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharing } from './sharing.ts';

test('what is asked for twice within the time is asked once, and anew after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let asked = 0;
  const ask = sharing(1_000, () => Promise.resolve((asked += 1)));
  assert.deepEqual(await Promise.all([ask('a'), ask('a')]), [1, 1]);
  t.mock.timers.tick(1_001);
  assert.equal(await ask('a'), 2);
});

test('an answer is not shared for hours when the clock was set back while it was made', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { now } = Date;
  let asked = 0;
  const ask = sharing(1_000, () => {
    t.mock.method(Date, 'now', () => now() - 4 * 60 * 60 * 1_000);
    return Promise.resolve((asked += 1));
  });
  await ask('a');
  t.mock.timers.tick(1_001);
  assert.equal(await ask('a'), 2);
});
