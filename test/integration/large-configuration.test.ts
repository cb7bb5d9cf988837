import assert from 'node:assert/strict';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { pino } from 'pino';
import { startFollowing } from '../../starter/follow-pipelines.ts';
import { runningStatus } from '../../starter/intake.ts';
import type { Watcher } from '../../starter/watch.ts';
import { parseModelCard } from '../../store/model-card.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { startWorker, type RunningWorker } from '../../worker/worker.ts';
import { pipelineModels, pipelineWorkflowId, retrain } from '../../workflows/contract.ts';
import type { monitorPipeline } from '../../workflows/index.ts';
import { loans } from '../support/loans.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const started = await startTestTemporal();
const skip = typeof started === 'string' ? started : false;

/** As large as a pipeline.yaml may be, and more in JSON: each name has quotes there. */
const YAML_BYTES = 255 * 1024;

describe('a pipeline.yaml as large as is allowed', { skip }, () => {
  const temporal = started as TestTemporal;
  const { settings, client } = temporal;
  const inbox = path.join(settings.home, 'incoming', 'wide');
  const folder = path.join(settings.pipelinesFolder, 'wide');
  const store = openLocalStore(settings.storeFolder);
  const pipeline: WorkflowHandle<typeof monitorPipeline> = client.workflow.getHandle(
    pipelineWorkflowId('wide'),
  );
  let worker: RunningWorker;
  let watcher: Watcher;

  before(async () => {
    await mkdir(folder, { recursive: true });
    await mkdir(inbox, { recursive: true });
    await save('region');
    const logger = pino({ level: 'silent' });
    worker = await startWorker({ settings, logger, connection: temporal.connection });
    watcher = startFollowing({ client, store, logger, settings });
    await watcher.ready;
  });
  after(async () => {
    await watcher.close();
    await worker.shutdown();
    await temporal.stop();
  });

  /** Of all the columns that are ignored, one is in the data. */
  async function save(ignored: string): Promise<void> {
    const head = `files: { folder: '${inbox}' }\ntarget: defaulted\nestimator: { kind: forest, trees: 5 }\nretrain: { on: never }\n`;
    const names = [ignored];
    for (let bytes = head.length + 100, i = 0; bytes < YAML_BYTES; i++) {
      const name = `c${i.toString(36)}`;
      names.push(name);
      bytes += name.length + 1;
    }
    const file = path.join(folder, 'pipeline.yaml');
    await writeFile(file, `${head}ignore: [${names.join(',')}]\n`);
    const { size } = await stat(file);
    assert.ok(size > 250 * 1024 && size <= 256 * 1024, `${size} bytes`);
  }

  async function drop(name: string, seed: number): Promise<void> {
    const partial = path.join(inbox, `.${name}.part`);
    await writeFile(partial, loans('old', seed));
    await rename(partial, path.join(inbox, name));
  }

  /** Features of the model in force. */
  async function features(): Promise<readonly string[]> {
    const { champion } = await pipeline.query(pipelineModels);
    const card = parseModelCard(await store.get(champion?.model.card.uri ?? ''));
    return card.features.map(({ name }) => name);
  }

  async function configuration(): Promise<string> {
    return (await runningStatus(client, 'wide'))?.config.stored?.sha256 ?? '';
  }

  test('a first file has its outcome under it', async () => {
    await drop('1.csv', 1);
    const [run] = await outcomesOf(pipeline, 1);
    assert.equal(run?.outcome, 'trained', run?.reason);
    assert.deepEqual(await features(), ['income', 'debt']);
  });

  test('changed, it is in force when it is saved, and what is trained next follows it', async () => {
    const before = await configuration();
    await save('debt');
    while ((await configuration()) === before) await delay(100);
    await drop('2.csv', 2);
    const [, run] = await outcomesOf(pipeline, 2);
    // The champion has a feature that the new configuration ignores.
    assert.equal(run?.outcome, 'kept', run?.reason);
    await pipeline.executeUpdate(retrain, { args: [{ by: 'ada', why: 'other columns' }] });
    const [, , again] = await outcomesOf(pipeline, 3);
    assert.match(again?.outcome ?? '', /^(promoted|refused)$/, again?.reason);
    const { champion, candidates } = await pipeline.query(pipelineModels);
    const trained = again?.outcome === 'promoted' ? champion?.model : candidates[0];
    const card = parseModelCard(await store.get(trained?.card.uri ?? ''));
    assert.deepEqual(
      card.features.map(({ name }) => name),
      ['income', 'region'],
    );
  });

  test('what Temporal keeps of the pipeline stays small', async () => {
    const { events } = await pipeline.fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    const bytes = started?.input?.payloads?.[0]?.data?.byteLength ?? 0;
    assert.ok(bytes > 0 && bytes < 8 * 1024, `${bytes} bytes`);
  });
});
