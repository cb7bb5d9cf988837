import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProcessEndedError } from './process-ended.ts';
import { startProcessPool, type ProcessPool } from './process-pool.ts';

const FILE = new URL('./fixtures/start-serving.mjs', import.meta.url);
const SMALL = { memoryMb: 400, cpuSeconds: 20 };

describe('a pool of processes', { timeout: 120_000 }, () => {
  let pool: ProcessPool;
  const gone: number[] = [];
  before(() => {
    const shared = { file: FILE, data: 'given', size: 1, ready: 1 };
    pool = startProcessPool({ ...shared, onGone: (pid) => gone.push(pid) });
  });
  after(() => pool.close());

  test('answers, tells its process what the pool was given, and keeps the process', async () => {
    const first = await answer(pool);
    assert.equal(first.data, 'given');
    assert.equal((await answer(pool)).pid, first.pid);
  });

  test('tells of progress', async () => {
    const heard: unknown[] = [];
    await pool.run({ does: 'report' }, { onProgress: (value) => heard.push(value) });
    assert.deepEqual(heard, [0.5]);
  });

  for (const [does, end] of [
    ['crash', { kind: 'crash', how: 'SIGABRT' }],
    ['exit', { kind: 'crash', how: 'exit code 3' }],
    ['die by a signal', { kind: 'killed', signal: 'SIGKILL' }],
  ] as const) {
    test(`says how the process ended (${does}), and goes on with another`, async () => {
      const { pid } = await answer(pool);
      await assert.rejects(pool.run({ does }), endedBy(end));
      assert.notEqual((await answer(pool)).pid, pid);
      assert.ok(gone.includes(pid));
    });
  }

  test('ends a task that takes more memory than it may, though its main thread is busy', async () => {
    const end = { kind: 'memory', limitMb: SMALL.memoryMb } as const;
    await assert.rejects(pool.run({ does: 'eat' }, { limits: SMALL }), endedBy(end));
    await answer(pool);
  });

  test('ends a task that takes more processor time than it may, though it never lets go', async () => {
    const limits = { memoryMb: 4096, cpuSeconds: 0.5 };
    await assert.rejects(
      pool.run({ does: 'spin' }, { limits }),
      endedBy({ kind: 'cpu', limitSeconds: 0.5 }),
    );
    await answer(pool);
  });

  test('ends a task that is cancelled wherever it is, and one that waits before it begins', async () => {
    const cancellation = new AbortController();
    const { signal } = cancellation;
    const spinning = pool.run({ does: 'spin' }, { signal });
    const waiting = pool.run({ does: 'answer' }, { signal });
    cancellation.abort();
    await assert.rejects(spinning, { name: 'AbortError' });
    await assert.rejects(waiting, { name: 'AbortError' });
    await answer(pool);
  });

  test('replaces a process that has grown too large', async () => {
    const narrow = startProcessPool({
      file: FILE,
      data: null,
      size: 1,
      ready: 1,
      replaceAboveMb: 1,
    });
    const [first, second] = [await answer(narrow), await answer(narrow)];
    await narrow.close();
    assert.notEqual(first.pid, second.pid);
  });

  test('rejects what can never run instead of starting processes for ever', async () => {
    const missing = new URL('./fixtures/no-such-file.mjs', import.meta.url);
    const broken = startProcessPool({ file: missing, data: null, size: 2, ready: 0 });
    await assert.rejects(broken.run({ does: 'answer' }), { name: 'ProcessEndedError' });
    await broken.close();
  });

  test('leaves no process behind, even when the parent is killed while a task is busy', async () => {
    const parent = spawn(process.execPath, [
      fileURLToPath(new URL('./fixtures/parent-of-spinning.mjs', import.meta.url)),
    ]);
    const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
    const pid = Number(line);
    assert.ok(isRunning(pid));
    parent.kill('SIGKILL');
    for (let i = 0; i < 300 && isRunning(pid); i++) await delay(100);
    assert.equal(isRunning(pid), false);
  });
});

async function answer(
  pool: ProcessPool,
): Promise<{ readonly data: unknown; readonly pid: number }> {
  return (await pool.run({ does: 'answer' })) as { data: unknown; pid: number };
}

function endedBy(end: ProcessEndedError['end']): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ProcessEndedError);
    assert.deepEqual(error.end, end);
    return true;
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
