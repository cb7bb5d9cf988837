import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { FolderWatch } from './watch-folder.ts';

const GUARD_MS = 60_000;

test('a settled file is offered again at rescans although the clock was set back by hours', async (t) => {
  const { watch, offered, write } = await watched(t);
  await write('a.csv');
  await watch.start();
  await until(() => offered.length >= 2);
  setClockBack(t);
  const before = offered.length;
  await until(() => offered.length >= before + 2);
});

test('a file that never stops growing holds up no other although the clock was set back by hours', async (t) => {
  const { watch, write } = await watched(t);
  const over = new AbortController();
  const growing = (async () => {
    for (let lines = 1; !over.signal.aborted; lines++) {
      await write('growing.csv', lines);
      await delay(5);
    }
  })();
  try {
    await watch.start();
    await until(() => watch.oldestUnsettled() < Infinity);
    setClockBack(t);
    await until(() => watch.oldestUnsettled() === Infinity);
  } finally {
    over.abort();
    await growing;
  }
});

test('an empty file keeps its turn before younger ones until it has settled', async (t) => {
  const { watch, offered, write } = await watched(t);
  await write('empty.csv', 0);
  await watch.start();
  await until(() => watch.oldestUnsettled() < Infinity);
  while (!offered.includes('empty.csv')) {
    assert.ok(watch.oldestUnsettled() < Infinity, 'others may go before it');
    await setImmediate();
  }
});

async function watched(t: TestContext): Promise<{
  readonly watch: FolderWatch;
  readonly offered: readonly string[];
  readonly write: (name: string, lines?: number) => Promise<void>;
}> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-watch-folder-'));
  const offered: string[] = [];
  const watch = new FolderWatch({
    ...{ folder, glob: '*.csv', settleMs: 50, rescanMs: 60, polling: false, followSymlinks: false },
    logger: pino({ level: 'silent' }),
    onSettled: ({ name }) => offered.push(name),
    onGone: () => undefined,
  });
  t.after(async () => {
    watch.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  const write = (name: string, lines = 1): Promise<void> =>
    writeFile(path.join(folder, name), 'x\n'.repeat(lines));
  return { watch, offered, write };
}

function setClockBack(t: TestContext): void {
  const { now } = Date;
  t.mock.method(Date, 'now', () => now() - 4 * 60 * 60 * 1_000);
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + GUARD_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come to hold within a minute');
    await delay(5);
  }
}
