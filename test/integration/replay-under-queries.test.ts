import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bundleWorkflowCode, Worker, type WorkflowBundle } from '@temporalio/worker';
import { pipelineStatus, pipelineWorkflowId, runWorkflowId } from '../../workflows/contract.ts';
import { workflowsPath } from '../../worker/workflow-source.ts';
import { outcomesOf, startPipeline } from '../support/scenarios.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

/** A query that comes while a local activity runs splits the workflow task that the activity is part of. */
describe('histories of workflows that are asked all the time', { skip, timeout: 300_000 }, () => {
  const { client, connection, stop } = temporal as TestTemporal;
  let worker: { stop(): Promise<void> };
  let workflowBundle: WorkflowBundle;
  before(async () => {
    worker = await startStubWorker(connection);
    workflowBundle = await bundleWorkflowCode({ workflowsPath });
  });
  after(async () => {
    await worker.stop();
    await stop();
  });

  for (let round = 1; round <= 5; round++) {
    test(`can be replayed, which is how a pipeline goes on in another worker (${round} of 5)`, async () => {
      const name = `asked-${round}`;
      const files = ['calm-1', 'storm-2', 'unlabelled-3', 'invalid-4', 'slow-5', 'calm-6'];
      const pipeline = await startPipeline(client, name, files);
      const asking = new AbortController();
      const questions = Array.from({ length: 3 }, async () => {
        while (!asking.signal.aborted) await pipeline.query(pipelineStatus).catch(() => undefined);
      });
      const runs = await outcomesOf(pipeline, files.length);
      asking.abort();
      await Promise.all(questions);
      assert.deepEqual(
        runs.map(({ outcome }) => outcome),
        ['trained', 'promoted', 'predicted', 'invalid', 'kept', 'kept'],
      );
      const ids = runs.map(({ sha256, revision }) => runWorkflowId(name, sha256, revision));
      for (const id of [pipelineWorkflowId(name), ...ids]) {
        const history = await client.workflow.getHandle(id).fetchHistory();
        await Worker.runReplayHistory({ workflowBundle }, history, id);
      }
    });
  }
});
