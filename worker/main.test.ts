import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { msToTs } from '@temporalio/common/lib/time.js';
import { startTestTemporal, type TestTemporal } from '../test/support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const CALMOPS = fileURLToPath(new URL('../scripts/calmops.mjs', import.meta.url));

describe('a worker process', { skip, timeout: 1_200_000 }, () => {
  const { client, settings, stop } = temporal as TestTemporal;
  after(stop);

  test('that cannot work ends with 1, so that its supervisor hears of it', async () => {
    const { ended, log } = startWorker({ TEMPORAL_NAMESPACE: 'nope' });
    assert.deepEqual(await ended, [1, null], log());
    assert.match(log(), /"level":60/);
    assert.match(log(), /has no namespace 'nope'/);
  });

  // The server tells of it when a long poll is over, which takes a minute or two.
  test('whose namespace is deleted ends with 1, and says so', { timeout: 900_000 }, async () => {
    const { workflowService, operatorService } = client.connection;
    const namespace = 'deleted';
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('3 days'),
    });
    const isThere = async (): Promise<boolean> =>
      workflowService.countWorkflowExecutions({ namespace }).then(
        () => true,
        () => false,
      );
    while (!(await isThere())) await delay(200);
    const { ended, log } = startWorker({ TEMPORAL_NAMESPACE: namespace });
    await until(() => log().includes('Worker started'));
    await operatorService.deleteNamespace({ namespace });
    assert.deepEqual(await ended, [1, null], log());
    assert.match(log(), /"level":60[^\n]*has no namespace 'deleted'/);
    assert.deepEqual(await readdir(path.join(settings.home, 'scratch')), []);
  });

  test('that is asked to stop ends with 0, and leaves no working files', async () => {
    const { child, ended, log } = startWorker({});
    await until(() => log().includes('Worker started'));
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], log());
    assert.deepEqual(await readdir(path.join(settings.home, 'scratch')), []);
  });

  function startWorker(env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [CALMOPS, 'worker'], {
      env: {
        ...process.env,
        CALMOPS_HOME: settings.home,
        CALMOPS_LOGS: settings.logsFolder,
        TEMPORAL_ADDRESS: `127.0.0.1:${settings.temporalPort}`,
        ...env,
      },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    }
    return { child, ended: once(child, 'exit'), log: () => text };
  }
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(50);
}
