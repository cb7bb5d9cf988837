import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { outcomesOf, startPipeline } from '../test/support/scenarios.ts';
import { startStubWorker } from '../test/support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../test/support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const CALMOPS = fileURLToPath(new URL('../scripts/calmops.mjs', import.meta.url));

describe('calmops retire', { skip, timeout: 180_000 }, () => {
  const { settings, client, connection, stop } = temporal as TestTemporal;
  let worker: { stop(): Promise<void> };
  before(async () => {
    worker = await startStubWorker(connection);
  });
  after(async () => {
    await worker.stop();
    await stop();
  });

  test('ends a pipeline whose folder is gone, and not one whose folder is there', async () => {
    const pipeline = await startPipeline(client, 'old-sales', ['calm-1']);
    await outcomesOf(pipeline, 1);
    const folder = path.join(settings.pipelinesFolder, 'old-sales');
    await mkdir(folder, { recursive: true });
    const refused = await retire('old-sales');
    assert.equal(refused.code, 1);
    assert.match(refused.text, /is there: remove it first/);
    await rm(folder, { recursive: true });
    const ended = await retire('old-sales');
    assert.deepEqual(ended, { code: 0, text: 'old-sales ends after the files that wait.\n' });
    await pipeline.result();
    assert.equal((await pipeline.describe()).status.name, 'COMPLETED');
  });

  test('says so where there is no such pipeline, or no name of one', async () => {
    assert.deepEqual(await retire('never-was'), {
      ...{ code: 1, text: 'No pipeline never-was is running.\n' },
    });
    assert.match((await retire('../escape')).text, /^Name one pipeline\./);
  });

  async function retire(name: string): Promise<{ readonly code: number; readonly text: string }> {
    const child = spawn(process.execPath, [CALMOPS, 'retire', name], {
      env: {
        ...process.env,
        CALMOPS_HOME: settings.home,
        CALMOPS_PIPELINES: settings.pipelinesFolder,
        TEMPORAL_ADDRESS: `127.0.0.1:${settings.temporalPort}`,
      },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    }
    const [code] = (await once(child, 'close')) as [number];
    return { code, text };
  }
});
