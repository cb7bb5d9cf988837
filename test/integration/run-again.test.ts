/** Trouble with a mount, a disk or a store: files wait for its end, and what ended without a true outcome is run again. */
import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { hashFile } from '../../data/hash-file.ts';
import { latestRun } from '../../starter/recorded-runs.ts';
import { keepConfiguration } from '../../starter/keep-configuration.ts';
import { tellOfFiles } from '../../starter/start-monitor.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { startWorker } from '../../worker/worker.ts';
import {
  datasetsArrived,
  pipelineStatus,
  reprocess,
  runWorkflowId,
  type DatasetFile,
} from '../../workflows/contract.ts';
import type { monitorPipeline } from '../../workflows/index.ts';
import { pino } from 'pino';
import { watchedPipeline, type WatchedPipeline } from '../support/installation.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { SHOP, shoppers } from '../support/shoppers.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const QUEUED = 30;
const ada = { by: 'ada', why: 'it is mended' };

describe('trouble around files', { skip }, () => {
  let worker: { shutdown(): Promise<void> };
  before(async () => {
    const { settings, connection } = temporal as TestTemporal;
    worker = await startWorker({ settings, logger: pino({ level: 'silent' }), connection });
  });
  after(async () => {
    await worker.shutdown();
    await (temporal as TestTemporal).stop();
  });

  test('a folder that is away while 30 files of it wait: all get their true outcome when it is back', async () => {
    const inbox = await inboxOf('unmounted');
    const files: DatasetFile[] = [];
    for (let i = 0; i < QUEUED; i++) files.push(await inbox.write(`${i}.csv`, shoppers(i)));
    await rename(inbox.folder, `${inbox.folder}.unmounted`);
    await inbox.hand(files);
    const [first] = files;
    const message = await troubleOf(runWorkflowId('unmounted', first?.sha256 ?? '', 0));
    assert.match(message, /0\.csv cannot be read: its folder is not there; mount it.*tries again$/);
    await rename(`${inbox.folder}.unmounted`, inbox.folder);
    const runs = await outcomesOf(inbox.pipeline, QUEUED);
    for (const run of runs) assert.match(run.outcome, /^(trained|kept|withheld)$/, run.reason);
    assert.deepEqual(
      runs.map(({ fileName, revision }) => [fileName, revision]),
      files.map(({ name }) => [name, 0]),
      'each once, in their order',
    );
  });

  test('a store that is away while a file waits: nothing is begun in its place, and the file gets its outcome', async () => {
    const { settings } = temporal as TestTemporal;
    const inbox = await inboxOf('storeless');
    await inbox.hand([await inbox.write('1.csv', shoppers(50))]);
    assert.equal((await outcomesOf(inbox.pipeline, 1))[0]?.outcome, 'trained');
    await rename(settings.storeFolder, `${settings.storeFolder}.away`);
    const file = await inbox.write('2.csv', shoppers(51));
    await inbox.hand([file]);
    const message = await troubleOf(runWorkflowId('storeless', file.sha256, 0));
    assert.match(message, /the store .* is not there; mount it, or put it back/);
    await rename(`${settings.storeFolder}.away`, settings.storeFolder);
    const run = (await outcomesOf(inbox.pipeline, 2)).at(-1);
    assert.equal(run?.outcome, 'kept', run?.reason);
  });

  test('a file that was gone is run when it comes again, with the same bytes', async () => {
    const inbox = await inboxOf('back');
    const file = await inbox.write('1.csv', shoppers(60));
    await inbox.write('other.txt', 'it shows that the folder is there');
    await rm(file.path);
    await inbox.hand([file]);
    assert.equal((await outcomesOf(inbox.pipeline, 1))[0]?.outcome, 'gone');
    const again = await inbox.write('again.csv', shoppers(60));
    const { settings } = temporal as TestTemporal;
    const store = openLocalStore(settings.storeFolder);
    const rerunOf = (await latestRun(store, 'back', file.sha256))?.revision;
    assert.equal(rerunOf, 0);
    const offered = { ...again, rerunOf };
    // However often it is offered, it is run once.
    await inbox.pipeline.signal(datasetsArrived, [offered, offered]);
    const run = (await outcomesOf(inbox.pipeline, 2)).at(-1);
    assert.deepEqual([run?.outcome, run?.revision, run?.fileName], ['trained', 1, 'again.csv']);
    await inbox.pipeline.signal(datasetsArrived, [offered]);
    assert.equal((await inbox.pipeline.query(pipelineStatus)).queued, 0);
    assert.equal((await latestRun(store, 'back', file.sha256))?.outcome, 'trained');
  });

  test('a run that the pipeline does not have at hand is run again when its file is named', async () => {
    const inbox = await inboxOf('old');
    await inbox.hand([await inbox.write('1.csv', shoppers(70))]);
    await outcomesOf(inbox.pipeline, 1);
    const file = await inbox.write('2.csv', shoppers(71));
    const unnamed = inbox.pipeline.executeUpdate(reprocess, {
      args: [{ ...ada, sha256: file.sha256 }],
    });
    await refused(unnamed, /no recent run .*calmops -- reprocess/);
    const other = { ...ada, sha256: 'a'.repeat(64), file };
    await refused(inbox.pipeline.executeUpdate(reprocess, { args: [other] }), /sha256 of the file/);
    const named = { ...ada, sha256: file.sha256, file };
    await inbox.pipeline.executeUpdate(reprocess, { args: [named] });
    const run = (await outcomesOf(inbox.pipeline, 2)).at(-1);
    assert.deepEqual([run?.outcome, run?.revision], ['kept', 1], run?.reason);
  });

  interface Inbox extends WatchedPipeline {
    write(name: string, content: string): Promise<DatasetFile>;
    hand(files: readonly DatasetFile[]): Promise<void>;
  }

  /** A pipeline whose folder nobody watches. */
  async function inboxOf(name: string): Promise<Inbox> {
    const server = temporal as TestTemporal;
    const watched = await watchedPipeline(server, { ...SHOP, name });
    const store = openLocalStore(server.settings.storeFolder);
    const kept = await keepConfiguration(watched.config, store);
    return {
      ...watched,
      write: async (fileName, content) => {
        const file = path.join(watched.folder, fileName);
        await writeFile(file, content);
        const arrivedAt = new Date().toISOString();
        return { name: fileName, path: file, arrivedAt, ...(await hashFile(file)) };
      },
      hand: (files) => tellOfFiles(server.client, kept, files),
    };
  }

  /** What the server tells of an activity of a run that failed and is tried again. */
  async function troubleOf(workflowId: string): Promise<string> {
    const handle: WorkflowHandle<typeof monitorPipeline> = (
      temporal as TestTemporal
    ).client.workflow.getHandle(workflowId);
    for (;;) {
      const found = await handle.describe().catch(() => null);
      const message = found?.raw.pendingActivities?.[0]?.lastFailure?.message;
      if (typeof message === 'string') return message;
      await delay(100);
    }
  }

  async function refused(update: Promise<unknown>, reason: RegExp): Promise<void> {
    await assert.rejects(update, (error) => {
      assert.ok(error instanceof WorkflowUpdateFailedError);
      assert.match(error.cause?.message ?? '', reason);
      return true;
    });
  }
});
