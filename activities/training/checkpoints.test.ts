import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openCheckpoints } from './checkpoints.ts';
import { createFinishedParts } from './finished-parts.ts';

describe('checkpoints', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-checkpoints-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('give back what was kept, and nothing of work that has ended', async () => {
    const checkpoints = openCheckpoints(folder);
    await checkpoints.keep('ended', parts({ one: [1, 2, 3], two: [] }));
    await checkpoints.keep('ended', parts({ three: [4] }));
    const kept = await checkpoints.read('ended');
    assert.deepEqual([...kept.keys()].sort(), ['one', 'three', 'two']);
    assert.deepEqual([...(kept.get('one') ?? [])], [1, 2, 3]);
    await checkpoints.remove('ended');
    assert.deepEqual([...(await checkpoints.read('ended'))], []);
  });

  test('leave out what was damaged on disk: a turned bit would change a model without a word', async () => {
    const checkpoints = openCheckpoints(folder);
    const keepAlone = async (content: Record<string, number[]>): Promise<string> => {
      const before = await files();
      await checkpoints.keep('work', parts(content));
      const [added = ''] = (await files()).filter((file) => !before.includes(file));
      return path.join(folder, 'work', added);
    };
    const files = (): Promise<readonly string[]> =>
      readdir(path.join(folder, 'work')).catch(() => []);
    await keepAlone({ sound: [1, 2, 3] });
    const damaged = await keepAlone({ damaged: [4, 5, 6] });
    const cut = await keepAlone({ cut: [7, 8, 9] });
    const bytes = await readFile(damaged);
    bytes.writeUInt8(bytes.readUInt8(1) ^ 1, 1);
    await writeFile(damaged, bytes);
    await writeFile(cut, (await readFile(cut)).subarray(0, 5));
    assert.equal((await files()).length, 3);
    assert.deepEqual([...(await checkpoints.read('work')).keys()], ['sound']);
  });

  test('forget work that nobody has gone on with for a week', async () => {
    const checkpoints = openCheckpoints(folder);
    await checkpoints.keep('abandoned', parts({ one: [1] }));
    await checkpoints.keep('under way', parts({ one: [1] }));
    const lastWeek = new Date(Date.now() - 8 * 24 * 60 * 60 * 1_000);
    await utimes(path.join(folder, 'abandoned'), lastWeek, lastWeek);
    await checkpoints.sweep();
    assert.equal((await checkpoints.read('abandoned')).size, 0);
    assert.equal((await checkpoints.read('under way')).size, 1);
  });

  test('keep the small parts of a training together, a file for each second, in whichever work they are', async (t) => {
    let clock = 0;
    t.mock.method(performance, 'now', () => clock);
    const own = path.join(folder, 'training');
    const finished = createFinishedParts(openCheckpoints(own));
    const [search, fit] = [finished.of('search'), finished.of('fit')];
    for (let part = 0; part < 500; part++) {
      clock += 10;
      await (part < 250 ? search : fit).add(String(part), () => Uint8Array.of(part));
    }
    assert.equal((await readdir(path.join(own, 'search'))).length, 3);
    assert.equal((await readdir(path.join(own, 'fit'))).length, 3, 'one second is of both');
    const kept = openCheckpoints(own);
    assert.equal((await kept.read('search')).size + (await kept.read('fit')).size, 500);
    await finished.remove();
    assert.deepEqual(await readdir(own), []);
  });

  test('keep nothing of a training that takes less than a second', async (t) => {
    let clock = 0;
    t.mock.method(performance, 'now', () => clock);
    const own = path.join(folder, 'short');
    const finished = createFinishedParts(openCheckpoints(own));
    for (let part = 0; part < 9; part++) {
      clock += 100;
      await finished.of('fit').add(String(part), () => assert.fail('it need not be encoded'));
    }
    assert.equal(existsSync(own), false);
  });
});

function parts(content: Record<string, readonly number[]>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(content).map(([part, bytes]) => [part, Uint8Array.from(bytes)]));
}
