import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startTestTemporal, type TestTemporal } from '../test/support/temporal.ts';
import { requireSameStore } from './require-same-store.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

describe('the store of a worker', { skip }, () => {
  const { connection, stop } = temporal as TestTemporal;
  let folder: string;
  const check = (store: string): Promise<void> =>
    requireSameStore(connection, 'default', path.join(folder, store));
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-stores-'));
  });
  after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('is named by the first worker of a namespace, also by several at once, and found again by all', async () => {
    await Promise.all([check('store'), check('store'), check('store')]);
    await check('store');
  });

  test('is refused if it is another one, with what would help', async () => {
    await mkdir(path.join(folder, 'other'));
    await writeFile(path.join(folder, 'other', '.id'), '5f0f3f5e-6f43-4f3a-9c55-0a6a4f6f7d11\n');
    await assert.rejects(check('other'), {
      name: 'OtherStoreError',
      message: /is 5f0f3f5e-.*use the store .*CALMOPS_HOME.*TEMPORAL_NAMESPACE/s,
    });
  });

  test('is refused while it is away, and nothing is begun in its place', async () => {
    const store = path.join(folder, 'store');
    await rename(store, `${store}.away`);
    await assert.rejects(check('store'), { name: 'OtherStoreError', message: /has no identity/ });
    await assert.rejects(readFile(store), { code: 'ENOENT' });
    await rename(`${store}.away`, store);
    await check('store');
  });

  test('is refused if its identity cannot be read', async () => {
    await mkdir(path.join(folder, 'damaged'));
    await writeFile(path.join(folder, 'damaged', '.id'), 'noise');
    await assert.rejects(check('damaged'), /does not hold the identity of a store/);
  });
});
