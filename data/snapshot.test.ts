import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import { mountSmall } from '../test/support/small-disk.ts';
import { DatasetGoneError } from './dataset-gone.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { takeSnapshot, type SnapshotOptions } from './snapshot.ts';

const TEXT = 'a,b\n1,2\n';
const OPTIONS: SnapshotOptions = {
  compression: 'none',
  encoding: 'utf-8',
  maxBytes: 1 << 20,
  expected: { sha256: createHash('sha256').update(TEXT).digest('hex'), bytes: TEXT.length },
};

let home = '';
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'snapshot-test-'));
});
after(() => rm(home, { recursive: true, force: true }));

/** A file in a folder of its own, and a name for its copy. */
async function inbox(name: string): Promise<{ folder: string; file: string; copy: string }> {
  const folder = path.join(home, name);
  await mkdir(folder);
  const file = path.join(folder, 'january.csv');
  await writeFile(file, TEXT);
  return { folder, file, copy: path.join(home, `${name}.copy`) };
}

async function failureOf(work: Promise<void>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, 'it was to fail');
  return error;
}

describe('what is wrong with a folder is not the fault of its files', () => {
  it('a folder that was moved away or unmounted is waited for, and then its file is read', async () => {
    const { folder, file, copy } = await inbox('away');
    await rename(folder, `${folder}.unmounted`);
    const error = await failureOf(takeSnapshot(file, copy, OPTIONS));
    assert.ok(error instanceof InfrastructureError, String(error));
    assert.ok(!(error instanceof InvalidDatasetError));
    assert.match(error.message, /january\.csv cannot be read: its folder is not there; mount it/);
    await rename(`${folder}.unmounted`, folder);
    await takeSnapshot(file, copy, OPTIONS);
  });

  it('so is a folder in whose place there is a file', async () => {
    const { folder, file, copy } = await inbox('replaced');
    await rename(folder, `${folder}.old`);
    await writeFile(folder, 'not a folder');
    const error = await failureOf(takeSnapshot(file, copy, OPTIONS));
    assert.ok(error instanceof InfrastructureError, String(error));
  });

  it('a full disk of the worker says what to do, and the next attempt reads the file', async (t) => {
    const { file } = await inbox('full');
    const small = path.join(home, 'small');
    await mkdir(small);
    if (!mountSmall(small)) {
      t.skip('only root can make a small disk');
      return;
    }
    t.after(() => execFileSync('umount', [small]));
    await writeFile(path.join(small, 'filler'), Buffer.alloc(64 << 10)).catch(() => undefined);
    const error = await failureOf(takeSnapshot(file, path.join(small, 'copy'), OPTIONS));
    assert.ok(error instanceof InfrastructureError, String(error));
    assert.match(error.message, /temporary folder of the worker .*no space is left on its disk/);
    await Promise.all((await readdir(small)).map((name) => rm(path.join(small, name))));
    await takeSnapshot(file, path.join(small, 'again'), OPTIONS);
  });

  it('says it in few words, however long the path is', async () => {
    const deep = path.join(home, ...Array.from({ length: 15 }, () => 'd'.repeat(200)), 'x.csv');
    const { message } = await failureOf(takeSnapshot(deep, path.join(home, 'deep'), OPTIONS));
    assert.ok(message.length < 400, message);
    assert.match(message, /x\.csv cannot be read/);
  });
});

describe('bytes that are not there any more say nothing about themselves', () => {
  it('a file that was removed while its folder is there is gone', async () => {
    const { file, copy } = await inbox('removed');
    await writeFile(path.join(path.dirname(file), 'other.csv'), TEXT);
    await rm(file);
    const error = await failureOf(takeSnapshot(file, copy, OPTIONS));
    assert.ok(error instanceof DatasetGoneError, String(error));
    assert.match(error.message, /the file is gone/);
  });

  it('one whose folder is empty is not gone: nothing may be mounted there, until anything is in it', async () => {
    const { file, copy } = await inbox('unmounted');
    await rm(file);
    const error = await failureOf(takeSnapshot(file, copy, OPTIONS));
    assert.ok(error instanceof InfrastructureError, String(error));
    assert.match(error.message, /its folder is empty.*mount/);
    await writeFile(path.join(path.dirname(file), 'next.csv'), TEXT);
    const later = await failureOf(takeSnapshot(file, copy, OPTIONS));
    assert.ok(later instanceof DatasetGoneError, String(later));
  });

  it('so is one that was written over', async () => {
    const { file, copy } = await inbox('changed');
    await writeFile(file, `${TEXT}3,4\n`);
    const error = await failureOf(takeSnapshot(file, copy, OPTIONS));
    assert.ok(error instanceof DatasetGoneError, String(error));
    assert.match(error.message, /changed after it was seen/);
  });
});

describe('what is no dataset file is refused before it is read', () => {
  it('a symbolic link, wherever it leads, unless links are followed', async () => {
    const { folder, copy } = await inbox('links');
    for (const [name, target] of [
      ['secret.csv', '/etc/passwd'],
      ['dangling.csv', '/no/such/file'],
      ['loop.csv', path.join(folder, 'loop.csv')],
    ] as const) {
      await symlink(target, path.join(folder, name));
      const error = await failureOf(takeSnapshot(path.join(folder, name), copy, OPTIONS));
      assert.ok(error instanceof InvalidDatasetError, String(error));
      assert.match(error.message, /symbolic link.*files\.followSymlinks/, name);
    }
    await symlink(path.join(folder, 'january.csv'), path.join(folder, 'good.csv'));
    await takeSnapshot(path.join(folder, 'good.csv'), copy, { ...OPTIONS, followSymlinks: true });
  });

  it('a pipe, which nobody writes to', async () => {
    const { folder, copy } = await inbox('pipes');
    const pipe = path.join(folder, 'pipe.csv');
    execFileSync('mkfifo', [pipe]);
    const error = await failureOf(takeSnapshot(pipe, copy, OPTIONS));
    assert.match(error.message, /found a device, pipe or socket/);
  });

  it('a giant, by its size alone, if there is nothing in it too', async () => {
    const { file, copy } = await inbox('giant');
    await truncate(file, 2 ** 40);
    const error = await failureOf(takeSnapshot(file, copy, OPTIONS));
    assert.ok(error instanceof InvalidDatasetError, String(error));
    assert.match(error.message, /has 1099511627776 bytes, at most 1048576 are read; split it/);
  });
});

describe('a zstd file that asks for too much memory is refused in words', () => {
  // Magic number, a descriptor without sizes, the window's descriptor, and what may follow.
  const withWindow = (descriptor: number): Buffer =>
    Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor]), Buffer.alloc(30)]);

  for (const [name, bytes, words] of [
    ['--long=31', withWindow(21 << 3), /takes a window of 2048 MiB, at most 128 MiB/],
    ['--long=28', withWindow(18 << 3), /takes a window of 256 MiB, at most 128 MiB/],
    ['the largest that can be written', withWindow(0xff), /takes a window of \d+ MiB/],
  ] as const) {
    it(name, async () => {
      const file = path.join(home, 'window.csv.zst');
      await writeFile(file, bytes);
      const options = { ...OPTIONS, compression: 'zstd', expected: undefined } as const;
      const error = await failureOf(takeSnapshot(file, path.join(home, `${name}.copy`), options));
      assert.ok(error instanceof InvalidDatasetError, String(error));
      assert.match(error.message, words);
      assert.match(error.message, /--long=27/);
    });
  }
});
