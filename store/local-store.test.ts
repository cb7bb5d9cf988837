import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { z } from 'zod';
import { ArtefactDamagedError, ArtefactMissingError } from './artefact-store.ts';
import { getJson, putJson } from './json.ts';
import { openLocalStore } from './local-store.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'local-store-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('what was put can be got, and the first of two wins', async () => {
  const store = openLocalStore(folder);
  const first = await store.put('models/a/model.bin', Buffer.from('one'));
  const second = await store.put('models/a/model.bin', Buffer.from('two!'));
  assert.deepEqual(second, first);
  assert.equal(first.bytes, 3);
  assert.equal(Buffer.from(await store.get(first.uri, first.sha256)).toString(), 'one');
});

it('of many writers at once one wins, and all are told so', async () => {
  const stores = Array.from({ length: 8 }, () => openLocalStore(folder));
  const refs = await Promise.all(
    stores.map((store, i) => store.put('race/x', Buffer.alloc(100_000, String(i)))),
  );
  const bytes = await openLocalStore(folder).get('race/x', refs[0]!.sha256);
  assert.equal(bytes.byteLength, 100_000);
  assert.equal(new Set(refs.map(({ sha256 }) => sha256)).size, 1);
  assert.deepEqual(await readdir(path.join(folder, '.tmp')), []);
});

it('a file is copied, and read from where localPath says', async () => {
  const store = openLocalStore(path.join(folder, 'store'));
  const file = path.join(folder, 'source');
  await writeFile(file, 'content');
  const ref = await store.putFile('datasets/x.parquet', file);
  await writeFile(file, 'changed');
  assert.equal(Buffer.from(await store.get(ref.uri, ref.sha256)).toString(), 'content');
  assert.equal(await store.localPath(ref.uri), path.join(folder, 'store', 'datasets', 'x.parquet'));
});

it('damaged bytes are noticed', async () => {
  const store = openLocalStore(folder);
  const ref = await store.put('a', Buffer.from('good'));
  await writeFile(path.join(folder, 'a'), 'evil');
  await assert.rejects(store.get('a', ref.sha256), ArtefactDamagedError);
});

it('what is missing is said to be missing', async () => {
  const store = openLocalStore(folder);
  assert.equal(await store.exists('no/such'), false);
  await assert.rejects(store.get('no/such'), ArtefactMissingError);
  await assert.rejects(store.localPath('no/such'), ArtefactMissingError);
  assert.deepEqual(await store.list(''), []);
});

it('lists by prefix, ascending, without temporary files', async () => {
  const store = openLocalStore(folder);
  for (const uri of ['b/2', 'b/10', 'a', 'b.x', 'bb/1']) await store.put(uri, Buffer.from(uri));
  await mkdir(path.join(folder, '.tmp'), { recursive: true });
  await writeFile(path.join(folder, '.tmp', 'half'), '');
  assert.deepEqual(await store.list(''), ['a', 'b.x', 'b/10', 'b/2', 'bb/1']);
  assert.deepEqual(await store.list('b/'), ['b/10', 'b/2']);
  assert.deepEqual(await store.list('b/1'), ['b/10']);
});

it('uris that could leave the store are refused', async () => {
  const store = openLocalStore(folder);
  const hostile = [
    '',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a//b',
    'a/',
    './a',
    'a\\b',
    'a\0b',
    '.tmp/x',
    'C:x',
    'é',
    'a\n',
  ];
  for (const uri of hostile) {
    await assert.rejects(store.put(uri, Buffer.from('x')), RangeError, JSON.stringify(uri));
    await assert.rejects(store.get(uri), RangeError, JSON.stringify(uri));
    await assert.rejects(store.exists(uri), RangeError, JSON.stringify(uri));
  }
});

it('what a dead process left half-written is removed a day later', async () => {
  const store = openLocalStore(folder);
  const [old, fresh] = [path.join(folder, '.tmp', 'old'), path.join(folder, '.tmp', 'fresh')];
  await mkdir(path.join(folder, '.tmp'));
  await writeFile(old, 'half');
  await writeFile(fresh, 'half');
  await utimes(old, 0, 0);
  await store.put('a', Buffer.from('x'));
  assert.deepEqual(await readdir(path.join(folder, '.tmp')), ['fresh']);
});

it('JSON is checked when it is read', async () => {
  const store = openLocalStore(folder);
  await putJson(store, 'v.json', { n: 1 });
  assert.deepEqual(await getJson(store, 'v.json', z.strictObject({ n: z.number() })), { n: 1 });
  await assert.rejects(
    getJson(store, 'v.json', z.strictObject({ n: z.string() })),
    (error) => error instanceof ArtefactDamagedError && /v\.json .*n: /.test(error.message),
  );
  await store.put('t.json', Buffer.from('{'));
  await assert.rejects(getJson(store, 't.json', z.unknown()), ArtefactDamagedError);
});
