import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { createLightActivities } from '../../activities/create-light-activities.ts';
import { openLocalStore } from '../../store/local-store.ts';
import {
  appointmentProposed,
  pause,
  pipelineModels,
  pipelineStatus,
  resume,
  runWorkflowId,
  type AppointmentProposal,
  type PipelineStatus,
} from '../../workflows/contract.ts';
import type { monitorPipeline } from '../../workflows/index.ts';
import { outcomesOf, startPipeline } from '../support/scenarios.ts';
import { stubActivities, stubFile } from '../support/stub-activities.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const ada = { by: 'ada', why: 'a test' };

/** Whoever comes to a closed gate waits until it is opened. */
class Gate {
  arrivals = 0;
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  close(): void {
    this.arrivals = 0;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  async pass(): Promise<void> {
    this.arrivals += 1;
    await this.#opened;
  }

  async untilArrival(): Promise<void> {
    while (this.arrivals === 0) await delay(20);
  }
}

describe('a model that is proposed while its run is cancelled', { skip, timeout: 300_000 }, () => {
  const { client, connection, settings, stop } = temporal as TestTemporal;
  const [comparing, saving, publishing] = [new Gate(), new Gate(), new Gate()];
  let worker: { stop(): Promise<void> };
  before(async () => {
    const stubs = stubActivities();
    const light = createLightActivities(openLocalStore(settings.storeFolder));
    worker = await startStubWorker(connection, {
      ...light,
      compareModels: async (input) => {
        await comparing.pass();
        return stubs.compareModels(input);
      },
      saveState: async (input) => {
        await saving.pass();
        return light.saveState(input);
      },
      publish: async (report) => {
        await publishing.pass();
        return light.publish(report);
      },
    });
  });
  after(async () => {
    for (const gate of [comparing, saving, publishing]) gate.open();
    await worker.stop();
    await stop();
  });

  const storm = (name: string) =>
    client.workflow.getHandle(runWorkflowId(name, stubFile('storm-2').sha256, 0));

  /** The run has sent its proposal, and the pipeline, which is busy with its store, has not answered. */
  async function untilProposed(name: string): Promise<WorkflowHandle<typeof monitorPipeline>> {
    comparing.close();
    const pipeline = await startPipeline(client, name, ['calm-1', 'storm-2']);
    await comparing.untilArrival();
    saving.close();
    await pipeline.executeUpdate(pause, { args: [ada] });
    await saving.untilArrival();
    comparing.open();
    await untilEvent(storm(name), 'signalExternalWorkflowExecutionInitiatedEventAttributes');
    return pipeline;
  }

  test('is in force and the run says so, where the run alone is cancelled', async () => {
    const pipeline = await untilProposed('run-cancelled');
    await storm('run-cancelled').cancel();
    await untilHeardOfCancellation(storm('run-cancelled'));
    saving.open();
    await pipeline.executeUpdate(resume, { args: [ada] });
    const last = (await outcomesOf(pipeline, 2)).at(-1);
    const { champion, candidates } = await pipeline.query(pipelineModels);
    assert.equal(champion?.model.trainedOn, 'storm-2');
    assert.equal(last?.outcome, 'promoted');
    assert.equal(last.championId, champion.model.id);
    assert.deepEqual(candidates, []);
  });

  test('is in force and the run says so, where the pipeline is cancelled', async () => {
    const pipeline = await untilProposed('pipeline-cancelled');
    await pipeline.cancel();
    saving.open();
    await assert.rejects(pipeline.result(), isCancelled);
    const again = await startPipeline(client, 'pipeline-cancelled', ['storm-2']);
    while (((await statusOf(again))?.runs ?? 0) < 2) await delay(50);
    const { champion } = await again.query(pipelineModels);
    const { last } = await again.query(pipelineStatus);
    assert.equal(champion?.model.trainedOn, 'storm-2');
    assert.deepEqual([last?.outcome, last?.championId], ['promoted', champion.model.id]);
  });

  test('is answered by a pipeline that is cancelled already and waits for its run', async () => {
    const name = 'cancelled-before';
    const pipeline = await startPipeline(client, name, ['calm-1', 'stuck-2']);
    const run = client.workflow.getHandle(runWorkflowId(name, stubFile('stuck-2').sha256, 0));
    while ((await statusOf(pipeline))?.running?.workflowId !== run.workflowId) await delay(50);
    const { champion } = await pipeline.query(pipelineModels);
    assert.ok(champion !== null);
    publishing.close();
    await pipeline.cancel();
    await publishing.untilArrival();
    const proposal: AppointmentProposal = {
      ...{ id: 'a proposal', runWorkflowId: run.workflowId, kind: 'promote', why: 'a test' },
      ...{ expectedChampionId: champion.model.id, model: champion.model },
    };
    await pipeline.signal(appointmentProposed, proposal);
    await untilEvent(run, 'workflowExecutionSignaledEventAttributes');
    publishing.open();
    await assert.rejects(pipeline.result(), isCancelled);
  });
});

async function statusOf(
  pipeline: WorkflowHandle<typeof monitorPipeline>,
): Promise<PipelineStatus | null> {
  return pipeline.query(pipelineStatus).catch(() => null);
}

function isCancelled(error: unknown): boolean {
  assert.ok(error instanceof WorkflowFailedError);
  assert.ok(error.cause instanceof CancelledFailure, String(error.cause));
  return true;
}

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

async function eventsOf(run: WorkflowHandle): Promise<Events> {
  return (await run.fetchHistory()).events ?? [];
}

async function untilEvent(run: WorkflowHandle, kind: keyof Events[number]): Promise<void> {
  while (!(await eventsOf(run)).some((event) => Boolean(event[kind]))) await delay(50);
}

/** The workflow of a run has been told that it is cancelled, and has done what it does about it. */
async function untilHeardOfCancellation(run: WorkflowHandle): Promise<void> {
  for (;;) {
    const events = await eventsOf(run);
    const asked = events.findIndex(
      (event) => event.workflowExecutionCancelRequestedEventAttributes,
    );
    const later = asked < 0 ? [] : events.slice(asked);
    if (later.some((event) => event.workflowTaskCompletedEventAttributes)) return;
    await delay(50);
  }
}
