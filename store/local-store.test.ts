import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { z } from 'zod';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import { mountSmall } from '../test/support/small-disk.ts';
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

it('folders that somebody cleared away between two artefacts are made again', async () => {
  const store = openLocalStore(folder);
  await store.put('history/a/0.json', Buffer.from('none'));
  await store.put('reports/a/1.json', Buffer.from('one'));
  for (const name of ['.tmp', 'reports']) await rm(path.join(folder, name), { recursive: true });
  assert.deepEqual(await store.list('reports/a/'), []);
  await store.put('reports/a/2.json', Buffer.from('two'));
  assert.deepEqual(await store.list('reports/a/'), ['reports/a/2.json']);
  assert.deepEqual(await readdir(path.join(folder, '.tmp')), []);
});

describe('a store whose folder is moved away', () => {
  it('is waited for: nothing is said to be missing, and nothing is begun anew in its place', async () => {
    const root = path.join(folder, 'store');
    const store = openLocalStore(root);
    const ref = await store.put('reports/a.json', Buffer.from('{}'));
    await rename(root, `${root}.away`);
    for (const work of [
      () => store.put('reports/b.json', Buffer.from('{}')),
      () => store.get(ref.uri),
      () => store.exists(ref.uri),
      () => store.list('reports/'),
      () => store.localPath(ref.uri),
    ]) {
      await assert.rejects(work, (error) => {
        assert.ok(error instanceof InfrastructureError, String(error));
        assert.match(error.message, /the store .* is not there; mount it, or put it back/);
        return true;
      });
    }
    assert.deepEqual(await readdir(folder), ['store.away']);
    await rename(`${root}.away`, root);
    await store.put('reports/b.json', Buffer.from('{}'));
    assert.deepEqual(await store.list('reports/'), ['reports/a.json', 'reports/b.json']);
  });

  it('is not begun by who knows that it was there before', async () => {
    const root = path.join(folder, 'never');
    const store = openLocalStore(root, { mustExist: true });
    await assert.rejects(store.put('a', Buffer.from('x')), InfrastructureError);
    await assert.rejects(store.exists('a'), InfrastructureError);
    assert.deepEqual(await readdir(folder), []);
  });
});

it('a full disk leaves nothing half-written, and what was to be stored is stored when there is room', async (t) => {
  const disk = path.join(folder, 'disk');
  await mkdir(disk);
  if (!mountSmall(disk)) {
    t.skip('only root can make a small disk');
    return;
  }
  try {
    await fillAndEmpty(disk);
  } finally {
    execFileSync('umount', [disk]);
  }
});

async function fillAndEmpty(disk: string): Promise<void> {
  const store = openLocalStore(disk);
  await store.put('filler', Buffer.alloc(40 << 10));
  const large = Buffer.alloc(40 << 10, 1);
  await assert.rejects(store.put('models/a/model.bin', large), (error) => {
    assert.ok(error instanceof InfrastructureError, String(error));
    assert.match(error.message, /no space is left on its disk; free some \(ENOSPC\)/);
    return true;
  });
  assert.deepEqual(await readdir(path.join(disk, '.tmp')), []);
  assert.deepEqual(await store.list(''), ['filler']);
  await rm(path.join(disk, 'filler'));
  const { uri, sha256 } = await store.put('models/a/model.bin', large);
  assert.deepEqual(Buffer.from(await store.get(uri, sha256)), large);
}

it('what is damaged is set aside, kept, and can be made anew', async () => {
  const store = openLocalStore(folder);
  await store.put('references/a.bin', Buffer.from('good'));
  await writeFile(path.join(folder, 'references', 'a.bin'), 'evil');
  await store.setAside('references/a.bin');
  assert.equal(await store.exists('references/a.bin'), false);
  assert.deepEqual(await store.list(''), []);
  const [kept = ''] = await readdir(path.join(folder, '.damaged'));
  assert.equal(await readFile(path.join(folder, '.damaged', kept), 'utf8'), 'evil');
  await store.put('references/a.bin', Buffer.from('good'));
  assert.equal(Buffer.from(await store.get('references/a.bin')).toString(), 'good');
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
