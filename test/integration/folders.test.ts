import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { loadPipeline } from '../../pipelines/load-pipeline.ts';
import { startFollowing } from '../../starter/follow-pipelines.ts';
import { runningStatus } from '../../starter/intake.ts';
import { keepConfiguration } from '../../starter/keep-configuration.ts';
import { startPipeline } from '../../starter/start-monitor.ts';
import type { Watcher } from '../../starter/watch.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { getJson } from '../../store/json.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { pause, pipelineWorkflowId, type PipelineStatus } from '../../workflows/contract.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const started = await startTestTemporal();
const skip = typeof started === 'string' ? started : false;

describe('the folder of a pipeline that runs', { skip }, () => {
  const temporal = started as TestTemporal;
  let worker: Awaited<ReturnType<typeof startStubWorker>>;
  let watcher: Watcher;
  let folder: string;
  let store: ArtefactStore;

  /** The pipeline as soon as it is so. */
  const sales = async (
    isSo: (status: PipelineStatus) => boolean | Promise<boolean>,
  ): Promise<PipelineStatus> => {
    for (;;) {
      const status = await runningStatus(temporal.client, 'sales').catch(() => null);
      if (status !== null && (await isSo(status))) return status;
      await delay(100);
    }
  };
  /** Until the configuration in force has this seed. */
  const inForce = (seed: number): Promise<PipelineStatus> =>
    sales(async ({ config: { stored } }) => {
      if (stored === undefined) return false;
      return (await getJson(store, stored.uri, z.looseObject({ seed: z.int() }))).seed === seed;
    });
  const save = (seed: number): Promise<void> =>
    writeFile(
      path.join(folder, 'pipeline.yaml'),
      `files: { folder: '${temporal.settings.home}/incoming' }\ntarget: bought\nseed: ${seed}\n`,
    );

  before(async () => {
    const { client, connection, settings } = temporal;
    folder = path.join(settings.pipelinesFolder, 'sales');
    await mkdir(folder, { recursive: true });
    await save(1);
    worker = await startStubWorker(connection);
    const loaded = await loadPipeline(folder);
    assert.equal(loaded.kind, 'valid');
    store = openLocalStore(settings.storeFolder);
    await startPipeline(client, await keepConfiguration(loaded.config, store), []);
    watcher = startFollowing({ client, store, logger: pino({ level: 'silent' }), settings });
    await watcher.ready;
  });
  after(async () => {
    await watcher.close();
    await worker.stop();
    await temporal.stop();
  });

  it('puts a changed pipeline.yaml in force when it is saved, with no new file', async () => {
    await save(2);
    await inForce(2);
  });

  it('takes the same change back and forth', async () => {
    for (const seed of [1, 2, 1]) {
      await save(seed);
      await inForce(seed);
    }
  });

  it('pauses the pipeline when it goes, with the reason, and resumes it when it is back', async () => {
    const aside = path.join(temporal.settings.home, 'aside');
    await rename(folder, aside);
    const { paused } = await sales((status) => status.paused !== null);
    assert.equal(paused?.by, 'the watcher');
    assert.match(paused.why, /folder is gone/);
    await rename(aside, folder);
    await sales((status) => status.paused === null);
  });

  it('resumes no pipeline that a person has paused', async () => {
    const handle = temporal.client.workflow.getHandle(pipelineWorkflowId('sales'));
    await handle.executeUpdate(pause, { args: [{ by: 'ada', why: 'stocktaking' }] });
    await rm(folder, { recursive: true });
    await mkdir(folder);
    await save(3);
    const { paused } = await inForce(3);
    assert.equal(paused?.by, 'ada');
  });
});
