import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { LogFile, LogTrouble } from './log-file.ts';

const noFullDevice = existsSync('/dev/full') ? false : 'this system has no /dev/full';

test('a log on a full disk is said once, with what to do, and goes on when there is room', async (t) => {
  const disk = await smallDisk(t);
  if (disk === null) return;
  const filler = path.join(disk, 'filler');
  const said: string[] = [];
  const trouble = new LogTrouble((message) => said.push(message));
  const sales = new LogFile(path.join(disk, 'sales.log'), trouble);
  const weather = new LogFile(path.join(disk, 'weather.log'), trouble);
  sales.write('before\n');
  await fill(filler);
  for (let i = 0; i < 300; i++) for (const log of [sales, weather]) log.write(`${lineOf(i)}\n`);
  assert.equal(said.length, 1, said.join('\n'));
  assert.match(said[0] ?? '', /(sales|weather)\.log cannot be written: .*ENOSPC.*Make room/);

  await rm(filler);
  sales.write('after\n');
  weather.write('after\n');
  assert.deepEqual(said.slice(1), ['All logs are written again.']);
  const lines = (await readFile(path.join(disk, 'sales.log'), 'utf8')).trim().split('\n');
  const expected = ['before', ...Array.from({ length: 300 }, (_, i) => lineOf(i)), 'after'];
  assert.deepEqual(lines, expected, 'nothing that there was room to hold is lost');
});

test('a log whose folder is in the way is said, and written once it is not', async (t) => {
  const folder = await temporaryFolder(t);
  const said: string[] = [];
  const log = new LogFile(
    path.join(folder, 'logs', 'sales.log'),
    new LogTrouble((message) => said.push(message)),
  );
  await writeFile(path.join(folder, 'logs'), 'a file where the folder should be');
  log.write('one\n');
  log.write('two\n');
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /sales\.log cannot be written: /);
  await rm(path.join(folder, 'logs'));
  await mkdir(path.join(folder, 'logs'));
  log.write('three\n');
  assert.equal(await readFile(path.join(folder, 'logs', 'sales.log'), 'utf8'), 'three\n');
  assert.equal(said.length, 2);
});

for (const what of ['stdout', 'stderr', 'logs'] as const) {
  test(
    `a process whose ${what} cannot be written goes on to its end`,
    { skip: noFullDevice },
    async (t) => {
      const folder = await temporaryFolder(t);
      const full = openSync('/dev/full', 'w');
      t.after(() => closeSync(full));
      const logs = what === 'logs' ? '/dev/full' : path.join(folder, 'logs');
      const { status, stderr, signal } = spawnSync(
        process.execPath,
        ['--import', 'tsx', path.join(import.meta.dirname, 'fixtures/logging-process.ts')],
        {
          env: { ...process.env, CALMOPS_HOME: path.join(folder, 'home'), CALMOPS_LOGS: logs },
          stdio: ['ignore', what === 'stdout' ? full : 'ignore', what === 'stderr' ? full : 'pipe'],
          encoding: 'utf8',
        },
      );
      assert.equal(status, 7, `the code that its own main answers; ${String(signal)} ${stderr}`);
      if (what !== 'stderr') assert.match(stderr, /cannot be written/);
    },
  );
}

function lineOf(i: number): string {
  return `record ${i} ${'x'.repeat(500)}`;
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-log-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file system of 1 MiB; null, and the test skipped, where this user may not mount one. */
async function smallDisk(t: TestContext): Promise<string | null> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder], { stdio: 'ignore' });
  } catch {
    await rm(folder, { recursive: true });
    t.skip('a small file system cannot be mounted here');
    return null;
  }
  t.after(async () => {
    execFileSync('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true });
  });
  return folder;
}

/** Writes a file until the disk is full. */
async function fill(file: string): Promise<void> {
  await assert.rejects(writeFile(file, Buffer.alloc(2 * 2 ** 20)), /ENOSPC/);
}
