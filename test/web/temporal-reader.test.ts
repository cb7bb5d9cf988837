/** What the dashboard hears from a real Temporal server, and whom it blames when it hears nothing. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { createTemporalReader } from '../../web/temporal-reader.ts';
import {
  EndedWorkflowError,
  UnansweredError,
  UnknownWorkflowError,
  type TemporalReader,
} from '../../web/temporal.ts';
import { datasetsArrived, pipelineStatus, pipelineWorkflowId } from '../../workflows/contract.ts';
import { outcomesOf, startPipeline } from '../support/scenarios.ts';
import { stubFile } from '../support/stub-activities.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const PATIENCE_MS = 120_000;
const OTHER_CODE = fileURLToPath(new URL('../support/incompatible-workflows.ts', import.meta.url));

describe('a reader of a real Temporal server', { skip }, () => {
  const { client, connection, stop } = temporal as TestTemporal;
  let reader: TemporalReader;
  let worker: { stop(): Promise<void> } | null = null;
  const sales = pipelineWorkflowId('sales');

  before(async () => {
    reader = createTemporalReader(client);
    worker = await startStubWorker(connection);
    const pipeline = await startPipeline(client, 'sales', ['calm-1', 'calm-2']);
    await outcomesOf(pipeline, 2);
  });
  after(async () => {
    await worker?.stop();
    await stop();
  });

  const until = async <T>(read: () => Promise<T>, isDone: (found: T) => boolean): Promise<T> => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await read();
      if (isDone(found) || Date.now() > deadline) return found;
      await delay(200);
    }
  };
  const trouble = (): Promise<unknown> =>
    reader.query(sales, pipelineStatus).then(
      () => null,
      (error: unknown) => error,
    );

  it('lists pipelines with what they wrote of themselves, and asks none', async () => {
    const { pipelines, idleQueues } = await until(
      () => reader.pipelines(),
      (found) => found.pipelines[0]?.memo?.runs === 2,
    );
    assert.deepEqual(
      pipelines.map(({ name, memo, working, failing }) => [name, memo?.last, working, failing]),
      [['sales', pipelines[0]?.memo?.last, null, false]],
    );
    assert.equal(pipelines[0]?.memo?.last?.fileName, 'calm-2');
    assert.deepEqual(idleQueues, []);
  });

  it('tells of a workflow that never was, and of one that has ended, without its last words', async () => {
    await assert.rejects(
      reader.query(pipelineWorkflowId('none'), pipelineStatus),
      UnknownWorkflowError,
    );
    const other = await startPipeline(client, 'over', ['calm-1']);
    await outcomesOf(other, 1);
    await other.terminate('a test');
    await assert.rejects(
      reader.query(pipelineWorkflowId('over'), pipelineStatus),
      (error) => error instanceof EndedWorkflowError && /was terminated at 2/.test(error.message),
    );
  });

  it('is answered from what it knows while the history has not grown, without a worker', async () => {
    const before = await reader.query(sales, pipelineStatus);
    await worker?.stop();
    worker = null;
    assert.deepEqual(await reader.query(sales, pipelineStatus), before);
  });

  it('says that a worker was there a moment ago, not that there is none', async () => {
    await client.workflow.getHandle(sales).signal(datasetsArrived, [stubFile('calm-3')]);
    const error = await trouble();
    assert.ok(error instanceof UnansweredError);
    assert.equal(error.who, 'worker');
    assert.match(error.message, /asked for work \d+ s ago.*busy, or has just ended/);
  });

  it('says of code that does not fit a pipeline that it fails, and why, for that pipeline alone', async () => {
    worker = await startStubWorker(connection, undefined, OTHER_CODE);
    const error = await until(
      trouble,
      (found) => found instanceof UnansweredError && found.who === 'workflow',
    );
    assert.ok(error instanceof UnansweredError);
    assert.equal(error.who, 'workflow');
    assert.match(error.message, /workflow code fails in the worker.*[Nn]ondeterminism/);
    assert.match(error.message, /nothing is lost, and other pipelines go on/);
  });

  it('counts it among the failing workflows, and marks it in the list', async () => {
    const failing = await until(
      () => reader.failingWorkflows(),
      (found) => found.length > 0,
    );
    assert.deepEqual(failing, [sales]);
    const { pipelines } = await reader.pipelines();
    assert.equal(pipelines.find(({ name }) => name === 'sales')?.failing, true);
  });

  it('hears the pipeline again when code that fits is back', async () => {
    await worker?.stop();
    worker = await startStubWorker(connection);
    const answered = await until(trouble, (found) => found === null);
    assert.equal(answered, null);
  });
});
