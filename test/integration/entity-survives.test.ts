import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import {
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { createLightActivities } from '../../activities/create-light-activities.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { parseHistoryPage } from '../../web/stored-reports.ts';
import {
  configure,
  datasetsArrived,
  historyPageUri,
  MAX_BATCH,
  offerDatasets,
  pause,
  pipelineModels,
  pipelineRuns,
  pipelineStatus,
  promote,
  reportUri,
  retire,
  runWorkflowId,
  type DatasetFile,
  type LightActivities,
  type PipelineModels,
  type PipelineStatus,
  type RunSummary,
} from '../../workflows/contract.ts';
import type { monitorPipeline } from '../../workflows/index.ts';
import { outcomesOf, scenarioConfig, startPipeline } from '../support/scenarios.ts';
import { stubFile } from '../support/stub-activities.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const ada = { by: 'ada', why: 'a test' };

type Pipeline = WorkflowHandle<typeof monitorPipeline>;

describe('a pipeline whose workflow ends', { skip }, () => {
  const { client, connection, settings, stop } = temporal as TestTemporal;
  let store: ArtefactStore;
  let worker: { stop(): Promise<void> };
  /** set while the store cannot be written */
  let broken: Error | null = null;

  const startWorker = () => startStubWorker(connection, unlessBroken(createLightActivities(store)));
  function unlessBroken(light: Omit<LightActivities, 'notify'>): Omit<LightActivities, 'notify'> {
    return {
      ...light,
      publish: (report) => (broken === null ? light.publish(report) : Promise.reject(broken)),
      sealRuns: (page) => (broken === null ? light.sealRuns(page) : Promise.reject(broken)),
    };
  }
  before(async () => {
    store = openLocalStore(settings.storeFolder);
    worker = await startWorker();
  });
  after(async () => {
    await worker.stop();
    await stop();
  });

  const files = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => `calm-${String(from + i).padStart(3, '0')}`);
  const start = (name: string, names: readonly string[]): Promise<Pipeline> =>
    startPipeline(client, name, names);

  test('comes back with its order, its pages and every run, after it was terminated', async () => {
    const pipeline = await start('paged', files(1, 100));
    await pipeline.signal(datasetsArrived, files(101, 112).map(stubFile));
    await outcomesOf(pipeline, 112);
    await pipeline.terminate('a test');
    const again = await start('paged', files(113, 152));
    await outcomesOf(again, 152);
    const { runs, sealedPages } = await again.query(pipelineRuns, { offset: 0, limit: 100 });
    const pages = await pagesOf('paged', sealedPages);
    const all = [...pages.flat(), ...runs.toReversed()];
    assert.deepEqual(
      all.map(({ fileName }) => fileName),
      files(1, 152),
      'each once, in order',
    );
    assert.deepEqual(
      all.map(({ sequence }) => sequence),
      all.map((_, i) => i + 1),
    );
    assert.equal(all.filter(({ outcome }) => outcome === 'trained').length, 1);
  });

  test('comes back with champion, candidates, breaker, audit and what was said to it', async () => {
    const names = ['calm-1', 'storm-2', 'refused-3', 'refused-4', 'calm-5'];
    const pipeline = await start('whole', names);
    await outcomesOf(pipeline, 5);
    const [candidate] = (await pipeline.query(pipelineModels)).candidates;
    await pipeline.executeUpdate(promote, { args: [{ ...ada, modelId: candidate?.id ?? '' }] });
    await pipeline.signal(datasetsArrived, [stubFile('refused-6')]);
    await outcomesOf(pipeline, 6);
    await pipeline.executeUpdate(pause, { args: [ada] });
    const known = await whatIsKnown(pipeline);
    assert.deepEqual(known.status.breaker, { kind: 'open', ...untilOf(known.status) });
    await savedStates('whole', 2);
    await pipeline.terminate('a test');
    const again = await start('whole', []);
    await untilRuns(again, 6);
    const found = await whatIsKnown(again);
    assert.deepEqual(found, known);
  });

  test('finds in the reports what happened after its state was saved', async () => {
    const names = ['calm-1', 'storm-2', 'refused-3', 'broken-4'];
    const pipeline = await start('replayed', names);
    await outcomesOf(pipeline, 4);
    const known = await whatIsKnown(pipeline);
    assert.equal((await store.list('state/replayed/')).length, 0, 'nothing was saved');
    await pipeline.terminate('a test');
    const again = await start('replayed', []);
    await untilRuns(again, 4);
    const found = await whatIsKnown(again);
    assert.deepEqual(found.status.breaker, known.status.breaker);
    assert.deepEqual(found.models.candidates, known.models.candidates);
    assert.equal(found.models.champion?.model.id, known.models.champion?.model.id);
    assert.equal(found.models.champion?.why, known.models.champion?.why);
    assert.equal(found.models.previous?.model.id, known.models.previous?.model.id);
    assert.deepEqual(found.runs, known.runs);
  });

  test('closes as cancelled, with its queue kept, and runs again what was under way', async () => {
    const pipeline = await start('called-off', ['calm-1', 'stuck-2', 'calm-3', 'calm-4']);
    const run = runWorkflowId('called-off', stubFile('stuck-2').sha256, 0);
    while ((await statusOf(pipeline))?.running?.workflowId !== run) await delay(50);
    await pipeline.cancel();
    await assert.rejects(pipeline.result(), (error: unknown) => {
      assert.ok(error instanceof WorkflowFailedError);
      assert.ok(error.cause instanceof CancelledFailure, String(error.cause));
      return true;
    });
    const again = await start('called-off', []);
    await untilRuns(again, 2);
    const repetition = client.workflow.getHandle(`${run}/1`);
    while ((await statusOf(again))?.running?.workflowId !== repetition.workflowId) await delay(50);
    assert.deepEqual(
      (await again.query(pipelineStatus)).next.map(({ fileName }) => fileName),
      ['calm-3', 'calm-4'],
    );
    await repetition.terminate('a test');
    const runs = await outcomesOf(again, 5);
    assert.deepEqual(
      runs.map(({ outcome }) => outcome),
      ['trained', 'cancelled', 'failed', 'kept', 'kept'],
    );
  });

  test('knows the runs that ended after the moment that it is reset to', async () => {
    const pipeline = await start('set-back', ['calm-1']);
    await outcomesOf(pipeline, 1);
    const { events } = await pipeline.fetchHistory();
    const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
    await pipeline.signal(datasetsArrived, [stubFile('calm-2'), stubFile('calm-3')]);
    await outcomesOf(pipeline, 3);
    await client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: pipeline.workflowId },
      workflowTaskFinishEventId: tasks.at(-1)?.eventId ?? null,
      requestId: 'a reset',
      reason: 'a test',
    });
    await pipeline.signal(datasetsArrived, [stubFile('calm-4')]);
    const runs = await outcomesOf(client.workflow.getHandle(pipeline.workflowId), 4);
    assert.deepEqual(
      runs.map(({ fileName, sequence }) => [fileName, sequence]),
      [
        ['calm-1', 1],
        ['calm-2', 2],
        ['calm-3', 3],
        ['calm-4', 4],
      ],
    );
  });

  test('waits in sight while the store is broken, answers meanwhile, and goes on', async () => {
    const pipeline = await start('no-store', ['calm-1']);
    await outcomesOf(pipeline, 1);
    broken = new Error('ENOSPC: no space left on device');
    try {
      await pipeline.signal(datasetsArrived, [stubFile('calm-2')]);
      const run = client.workflow.getHandle(
        runWorkflowId('no-store', stubFile('calm-2').sha256, 0),
      );
      const pending = await untilPending(run);
      assert.equal(pending.activityType?.name, 'publish');
      while (((await untilPending(run)).attempt ?? 0) < 3) await delay(200);
      assert.match((await untilPending(run)).lastFailure?.message ?? '', /ENOSPC/);
      const before = (await run.fetchHistory()).events?.length ?? 0;
      while (((await untilPending(run)).attempt ?? 0) < 4) await delay(200);
      assert.equal((await run.fetchHistory()).events?.length, before, 'attempts are no events');
      assert.equal((await pipeline.query(pipelineStatus)).state, 'working');
    } finally {
      broken = null;
    }
    assert.equal((await outcomesOf(pipeline, 2)).at(-1)?.outcome, 'kept');
  });

  test('continues as new while it is paused, when its history has grown', async () => {
    const pipeline = await start('told-often', ['calm-1']);
    await outcomesOf(pipeline, 1);
    await pipeline.executeUpdate(pause, { args: [ada] });
    const { runId } = await pipeline.describe();
    await worker.stop();
    // Known already, and as large as they may be: the server suggests it from 4 MiB on.
    const known = { ...stubFile('calm-1'), path: `/data/${'a'.repeat(2_000)}` };
    for (let sent = 0; sent < 25; sent++) {
      await pipeline.signal(datasetsArrived, Array<DatasetFile>(MAX_BATCH).fill(known));
    }
    worker = await startWorker();
    const now = client.workflow.getHandle(pipeline.workflowId);
    while ((await now.describe()).runId === runId) await delay(100);
    assert.equal((await now.query(pipelineStatus)).state, 'paused');
    assert.ok(((await now.fetchHistory()).events?.length ?? 0) < 50);
  });

  test('says what became of files that were offered', async () => {
    const pipeline = await start('offered', []);
    await pipeline.executeUpdate(pause, { args: [ada] });
    const offer = (names: readonly string[]) =>
      pipeline.executeUpdate(offerDatasets, { args: [names.map(stubFile)] });
    assert.deepEqual(await offer(files(1, 100)), { taken: 100, known: 0, room: 150 });
    assert.deepEqual(await offer(files(51, 150)), { taken: 50, known: 50, room: 100 });
    assert.deepEqual(await offer(files(151, 249)), { taken: 99, known: 0, room: 1 });
    assert.deepEqual(await offer(files(250, 260)), { taken: 1, known: 0, room: 0 });
    const before = (await pipeline.fetchHistory()).events?.length;
    await assert.rejects(offer(files(1, 2)), (error: unknown) => {
      assert.ok(error instanceof WorkflowUpdateFailedError);
      assert.deepEqual(detailsOf(error), { taken: 0, known: 2, room: 0 });
      return true;
    });
    assert.equal((await pipeline.fetchHistory()).events?.length, before, 'it leaves no trace');
    await pipeline.terminate('a test');
  });

  test('refuses the configuration that it has, and without a trace', async () => {
    const pipeline = await start('configured', ['calm-1']);
    await outcomesOf(pipeline, 1);
    const config = scenarioConfig('configured');
    const before = (await pipeline.fetchHistory()).events?.length;
    await refused(pipeline.executeUpdate(configure, { args: [{ ...ada, config }] }), 'Unchanged');
    assert.equal((await pipeline.fetchHistory()).events?.length, before);
    const changed = { ...config, description: 'changed' };
    await pipeline.executeUpdate(configure, { args: [{ ...ada, config: changed }] });
    const { audit } = await pipeline.query(pipelineStatus);
    assert.deepEqual(
      audit.map(({ action }) => action),
      ['configure'],
    );
  });

  test('promotes a candidate once, when two people ask for it at the same time', async () => {
    const pipeline = await start('wanted', ['calm-1', 'refused-2']);
    await outcomesOf(pipeline, 2);
    const modelId = (await pipeline.query(pipelineModels)).candidates[0]?.id ?? '';
    await worker.stop();
    const asked = ['ada', 'bob'].map((by) =>
      pipeline.executeUpdate(promote, { args: [{ by, why: 'a test', modelId }] }),
    );
    const settled = Promise.allSettled(asked);
    worker = await startWorker();
    const ends = (await settled).map(({ status }) => status).sort();
    assert.deepEqual(ends, ['fulfilled', 'rejected']);
    assert.equal((await pipeline.query(pipelineStatus)).audit.length, 1);
  });

  test('runs a file again whose report was removed, and says so', async () => {
    const pipeline = await start('removed', ['calm-1']);
    await outcomesOf(pipeline, 1);
    await pipeline.terminate('a test');
    const { sha256 } = stubFile('calm-1');
    await rm(await store.localPath(reportUri('removed', sha256, 0)));
    const again = await start('removed', ['calm-1']);
    await untilRuns(again, 2);
    const [run] = (await again.query(pipelineRuns, { offset: 0, limit: 10 })).runs;
    assert.deepEqual([run?.fileName, run?.revision, run?.sequence], ['calm-1', 1, 2]);
    const [entry] = (await again.query(pipelineStatus)).audit;
    assert.equal(entry?.by, 'CalmOps');
    assert.match(entry.why, /the report of it is not in the store/);
  });

  test('ends when it is retired, after the files that wait or without them', async () => {
    const finishing = await start('finishing', files(1, 5));
    await finishing.executeUpdate(retire, { args: [{ ...ada, queue: 'finish' }] });
    await finishing.result();
    assert.equal((await store.list('reports/finishing/')).length, 5);
    const dropping = await start('dropping', ['calm-1']);
    await outcomesOf(dropping, 1);
    await dropping.executeUpdate(pause, { args: [ada] });
    await dropping.signal(datasetsArrived, files(2, 5).map(stubFile));
    await refused(
      dropping.executeUpdate(retire, { args: [{ ...ada, queue: 'finish' }] }),
      'Refused',
    );
    await dropping.executeUpdate(retire, { args: [{ ...ada, queue: 'drop' }] });
    await dropping.result();
    assert.equal((await store.list('reports/dropping/')).length, 1);
    const again = await start('dropping', []);
    await untilRuns(again, 1);
    const { audit, queued } = await again.query(pipelineStatus);
    assert.equal(audit[0]?.action, 'retire');
    assert.match(audit[0].detail, /4 files that waited will not be run/);
    assert.equal(queued, 0);
  });

  async function pagesOf(name: string, count: number): Promise<readonly (readonly RunSummary[])[]> {
    const pages = Array.from({ length: count }, (_, page) => store.get(historyPageUri(name, page)));
    return (await Promise.all(pages)).map(parseHistoryPage);
  }

  async function savedStates(name: string, count: number): Promise<void> {
    while ((await store.list(`state/${name}/`)).length < count) await delay(50);
  }

  async function untilPending(run: WorkflowHandle) {
    for (;;) {
      const { raw } = await run.describe().catch(() => ({ raw: null }));
      const [pending] = raw?.pendingActivities ?? [];
      if (pending?.activityType?.name === 'publish') return pending;
      await delay(50);
    }
  }
});

/** Everything that a pipeline tells of itself. */
async function whatIsKnown(pipeline: Pipeline): Promise<{
  readonly status: PipelineStatus;
  readonly models: PipelineModels;
  readonly runs: readonly RunSummary[];
}> {
  const status = await pipeline.query(pipelineStatus);
  const models = await pipeline.query(pipelineModels);
  const { runs } = await pipeline.query(pipelineRuns, { offset: 0, limit: 100 });
  return { status, models, runs };
}

function untilOf({ breaker }: PipelineStatus): object {
  if (breaker.kind !== 'open') return {};
  const { until, coolDownMs, reason } = breaker;
  return { until, coolDownMs, reason };
}

async function statusOf(pipeline: Pipeline): Promise<PipelineStatus | null> {
  return pipeline.query(pipelineStatus).catch(() => null);
}

async function untilRuns(pipeline: Pipeline, count: number): Promise<void> {
  while ((await statusOf(pipeline))?.runs !== count) await delay(50);
}

function detailsOf({ cause }: WorkflowUpdateFailedError): unknown {
  return (cause as { readonly details?: readonly unknown[] } | undefined)?.details?.[0];
}

async function refused(update: Promise<unknown>, type: string): Promise<void> {
  await assert.rejects(update, (error: unknown) => {
    assert.ok(error instanceof WorkflowUpdateFailedError);
    assert.equal((error.cause as { readonly type?: string } | undefined)?.type, type);
    return true;
  });
}
