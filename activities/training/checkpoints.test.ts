import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openCheckpoints } from './checkpoints.ts';

describe('checkpoints', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-checkpoints-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('give back what was worth keeping, and nothing of work that has ended', async () => {
    const checkpoints = openCheckpoints(folder);
    const bytes = Uint8Array.of(1, 2, 3);
    assert.equal(await checkpoints.keep('ended', 'quick', bytes, 999), false);
    assert.equal(await checkpoints.keep('ended', 'slow', bytes, 1000), true);
    assert.deepEqual([...(await checkpoints.read('ended'))], [['slow', Buffer.from(bytes)]]);
    await checkpoints.remove('ended');
    assert.deepEqual([...(await checkpoints.read('ended'))], []);
  });

  test('leave out a part that was damaged on disk: a turned bit would change a model without a word', async () => {
    const checkpoints = openCheckpoints(folder, 0);
    await checkpoints.keep('work', 'sound', Uint8Array.of(1, 2, 3), 1);
    await checkpoints.keep('work', 'damaged', Uint8Array.of(4, 5, 6), 1);
    await checkpoints.keep('work', 'cut', Uint8Array.of(7, 8, 9), 1);
    const file = (part: string): string => path.join(folder, 'work', `${part}.bin`);
    const damaged = await readFile(file('damaged'));
    damaged.writeUInt8(damaged.readUInt8(1) ^ 1, 1);
    await writeFile(file('damaged'), damaged);
    await writeFile(file('cut'), (await readFile(file('cut'))).subarray(0, 5));
    assert.deepEqual((await readdir(path.join(folder, 'work'))).length, 3);
    assert.deepEqual([...(await checkpoints.read('work')).keys()], ['sound']);
  });
});
