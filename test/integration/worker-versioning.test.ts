import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { Settings } from '../../shell/settings.ts';
import { startWorker, type RunningWorker } from '../../worker/worker.ts';
import { pipelineWorkflowId, runWorkflowId } from '../../workflows/contract.ts';
import { startInstallation, type TestInstallation } from '../support/installation.ts';
import { loans } from '../support/loans.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

const WITHIN_MS = 60_000;
/** temporal.api.enums.v1.VersioningBehavior */
const PINNED = 1;
const AUTO_UPGRADE = 2;

const release = (buildId: string): NonNullable<Settings['release']> => ({
  deploymentName: 'calmops',
  buildId,
});

describe('workers of two releases', { skip }, () => {
  let calmops: TestInstallation;
  let second: RunningWorker;
  before(async () => {
    const server = temporal as TestTemporal;
    calmops = await startInstallation(
      { ...server, settings: { ...server.settings, release: release('release-1') } },
      { name: 'loans', target: 'defaulted' },
    );
    second = await startWorker({
      settings: { ...server.settings, release: release('release-2') },
      logger: pino({ level: 'silent' }),
      connection: server.connection,
    });
  });
  after(async () => {
    await second.shutdown();
    await calmops.stop();
    await (temporal as TestTemporal).stop();
  });

  let runs = 0;
  /** Drops a file, and answers which release its run and its pipeline went on under. */
  async function releasesOf(name: string): Promise<Record<'run' | 'pipeline', unknown>> {
    runs += 1;
    await calmops.drop(name, loans('old', runs));
    const run = (await outcomesOf(calmops.pipeline, runs)).at(-1);
    assert.notEqual(run?.outcome, 'failed', run?.reason);
    return {
      run: await versioningOf(runWorkflowId('loans', run?.sha256 ?? '', 0)),
      pipeline: await versioningOf(pipelineWorkflowId('loans')),
    };
  }

  async function versioningOf(workflowId: string): Promise<unknown> {
    const { raw } = await (temporal as TestTemporal).client.workflow
      .getHandle(workflowId)
      .describe();
    const { behavior, deploymentVersion } = raw.workflowExecutionInfo?.versioningInfo ?? {};
    return [behavior, deploymentVersion?.buildId];
  }

  test('the current one gets the files, also after a release and after a rollback', async () => {
    for (const current of ['release-1', 'release-2', 'release-1']) {
      await makeCurrent(temporal as TestTemporal, release(current));
      assert.deepEqual(await releasesOf(`${current}-${String(runs)}.csv`), {
        run: [PINNED, current],
        pipeline: [AUTO_UPGRADE, current],
      });
    }
  });
});

/** What `temporal worker deployment set-current-version` does; the server knows a release once its workers have polled. */
async function makeCurrent(
  { client }: TestTemporal,
  version: NonNullable<Settings['release']>,
): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: 'default',
        ...version,
      });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(200);
    }
  }
}
