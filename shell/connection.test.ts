import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { connectOptions } from './connection.ts';

const VARIABLES = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_API_KEY_FILE',
  'CALMOPS_TEMPORAL_PORT',
] as const;
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

beforeEach(() => {
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
});
afterEach(() => {
  for (const name of VARIABLES) {
    if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before[name];
  }
});

test('without a server of one’s own, commands reach the one that npm start embeds, on its port', () => {
  assert.equal(connectOptions().connection.address, '127.0.0.1:7233');
  process.env['CALMOPS_TEMPORAL_PORT'] = '7333';
  assert.equal(connectOptions().connection.address, '127.0.0.1:7333');
  assert.equal(connectOptions().configured, false);
});

test('TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE name another server', () => {
  process.env['TEMPORAL_ADDRESS'] = 'temporal.example:7233';
  process.env['TEMPORAL_NAMESPACE'] = 'models';
  const { connection, namespace, configured } = connectOptions();
  assert.equal(connection.address, 'temporal.example:7233');
  assert.equal(namespace, 'models');
  assert.equal(configured, true);
});

test('the API key of Temporal may be in a file, and other variables hold beside it', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-api-key-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'api-key');
  await writeFile(file, 'of the cloud\n');
  process.env['TEMPORAL_API_KEY_FILE'] = file;
  process.env['TEMPORAL_ADDRESS'] = 'temporal.example:7233';
  const { connection } = connectOptions();
  assert.equal(connection.apiKey, 'of the cloud');
  assert.equal(connection.address, 'temporal.example:7233');
  process.env['TEMPORAL_API_KEY'] = 'another';
  assert.throws(() => connectOptions(), /TEMPORAL_API_KEY and TEMPORAL_API_KEY_FILE are both set/);
});
