import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTestTemporal, type TestTemporal } from '../test/support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const CALMOPS = fileURLToPath(new URL('../scripts/calmops.mjs', import.meta.url));

describe('a watcher whose store is not there', { skip, timeout: 600_000 }, () => {
  const { settings, stop } = temporal as TestTemporal;
  after(stop);

  for (const [how, leave] of [
    ['is away', () => Promise.resolve()],
    ['is not mounted', () => mkdir(settings.storeFolder)],
  ] as const) {
    test(`since it ${how} begins none in its place, and says what it waits for`, async () => {
      await leave();
      const folder = path.join(settings.home, 'incoming');
      const pipeline = path.join(settings.pipelinesFolder, 'shop');
      await mkdir(folder, { recursive: true });
      await mkdir(pipeline, { recursive: true });
      const yaml = `name: shop\ntarget: buys\nfiles:\n  folder: ${JSON.stringify(folder)}\n`;
      await writeFile(path.join(pipeline, 'pipeline.yaml'), yaml);
      await writeFile(path.join(folder, '1.csv'), 'age,buys\n31,yes\n');
      const before = await present(settings.storeFolder);

      const watcher = spawn(process.execPath, [CALMOPS, 'watch'], {
        env: {
          ...process.env,
          CALMOPS_HOME: settings.home,
          CALMOPS_PIPELINES: settings.pipelinesFolder,
          CALMOPS_LOGS: settings.logsFolder,
          TEMPORAL_ADDRESS: `127.0.0.1:${settings.temporalPort}`,
        },
      });
      let log = '';
      for (const stream of [watcher.stdout, watcher.stderr]) {
        stream.setEncoding('utf8').on('data', (piece: string) => (log += piece));
      }
      const ended = once(watcher, 'exit');
      while (!/the store \S+ is not there; mount it, or put it back/.test(log)) {
        assert.equal(watcher.exitCode, null, log);
        assert.deepEqual(await present(settings.storeFolder), before, log);
        await delay(50);
      }
      watcher.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null], log);
      assert.deepEqual(await present(settings.storeFolder), before, log);
    });
  }
});

/** The names in a folder; null where there is none. */
async function present(folder: string): Promise<readonly string[] | null> {
  return readdir(folder).catch(() => null);
}
