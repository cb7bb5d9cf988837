import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createWithWholeConfig } from '../activities/whole-configuration.ts';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { openLocalStore } from '../store/local-store.ts';
import { wholeConfig } from '../test/support/scenarios.ts';
import { keepConfiguration } from './keep-configuration.ts';

const wide = (): PipelineConfig => ({
  ...wholeConfig('sales', { gate: { shadow: 2 }, retrain: { coolDown: '2h' } }),
  ignore: Array.from({ length: 50_000 }, (_, i) => `column-${i}`),
});

test('a configuration that is kept is brought back whole, and travels small', async (t) => {
  const { store } = await storeOf(t);
  const kept = await keepConfiguration(wide(), store);
  assert.ok(Buffer.byteLength(JSON.stringify(kept)) < 1_500, 'it stays small');
  const { config } = await createWithWholeConfig(store)({ config: kept });
  assert.deepEqual(config, wide());
});

test('the same configuration kept again is the same; another hooks.ts makes it another', async (t) => {
  const { store } = await storeOf(t);
  const config = wide();
  const kept = await keepConfiguration(config, store);
  assert.deepEqual(await keepConfiguration(wide(), store), kept);
  const hooks = (sha256: string) => ({ path: '/pipelines/sales/hooks.ts', sha256 });
  const one = await keepConfiguration({ ...config, hooks: hooks('1') }, store);
  const two = await keepConfiguration({ ...config, hooks: hooks('2') }, store);
  assert.equal(new Set([kept, one, two].map(({ stored }) => stored.uri)).size, 3);
});

test('one that the store lost is waited for, with what helps, and written anew when it is kept again', async (t) => {
  const { store, folder } = await storeOf(t);
  const kept = await keepConfiguration(wide(), store);
  const file = path.join(folder, kept.stored.uri);
  const read = () => createWithWholeConfig(store)({ config: kept });
  await rm(file);
  await assert.rejects(read, (error) => {
    assert.ok(error instanceof InfrastructureError);
    assert.match(error.message, /configuration of pipeline 'sales'.*nothing is stored.*backup/);
    return true;
  });
  await writeFile(file, '{"name":"sales"}');
  await assert.rejects(read, /configuration of pipeline 'sales' cannot be read.*sha256/);
  await keepConfiguration(wide(), store);
  assert.deepEqual((await read()).config, wide());
});

test('a configuration that older code sent whole is used as it is', async (t) => {
  const { store } = await storeOf(t);
  const { config } = await createWithWholeConfig(store)({ config: wide() });
  assert.deepEqual(config, wide());
});

async function storeOf(t: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-configs-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return { folder, store: openLocalStore(folder) };
}
