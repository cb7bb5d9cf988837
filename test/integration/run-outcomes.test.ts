/** What becomes of a run when something around it fails, and nothing is wrong with its file. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pipelineStatus, runReport, type RunReport } from '../../workflows/contract.ts';
import { outcomesOf, startPipeline } from '../support/scenarios.ts';
import { stubActivities } from '../support/stub-activities.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

describe('a run around which something fails', { skip }, () => {
  const { client, connection, stop } = temporal as TestTemporal;
  const published: RunReport[] = [];
  let worker: { stop(): Promise<void> };
  before(async () => {
    const activities = stubActivities();
    worker = await startStubWorker(connection, {
      ...activities,
      publish: async (report) => {
        published.push(report);
        const { fileName, workflowId } = report.summary;
        if (fileName.includes('cancelled')) await client.workflow.getHandle(workflowId).cancel();
        return activities.publish(report);
      },
    });
  });
  after(async () => {
    await worker.stop();
    await stop();
  });

  test('a file that is not there any more is gone, which is no fault of its content', async () => {
    const pipeline = await startPipeline(client, 'gone', ['gone-1', 'calm-2']);
    const [gone, next] = await outcomesOf(pipeline, 2);
    assert.equal(gone?.outcome, 'gone', gone?.reason);
    assert.equal(next?.outcome, 'trained');
  });

  test('workers that are stopped in trainings never open the breaker', async () => {
    const files = ['calm-1', 'stopped-2', 'stopped-3', 'stopped-4', 'stopped-5'];
    const pipeline = await startPipeline(client, 'stopped', files);
    const runs = await outcomesOf(pipeline, files.length);
    assert.deepEqual(
      runs.map(({ outcome }) => outcome),
      ['trained', 'failed', 'failed', 'failed', 'failed'],
    );
    const { breaker } = await pipeline.query(pipelineStatus);
    assert.deepEqual(breaker, { kind: 'closed', failures: 0 });
  });

  test('who cancels a run while its report is published is too late: it keeps its outcome, in store and state', async () => {
    const pipeline = await startPipeline(client, 'too-late', ['calm-1', 'calm-cancelled-2']);
    const run = (await outcomesOf(pipeline, 2)).at(-1);
    assert.equal(run?.outcome, 'kept', run?.reason);
    const told = published.filter(({ pipeline: name, file }) => {
      return name === 'too-late' && file.name === 'calm-cancelled-2';
    });
    // It may be published more than once, and says the same each time.
    assert.deepEqual([...new Set(told.map(({ summary }) => summary.outcome))], ['kept']);
    const report = await client.workflow.getHandle(run.workflowId).query(runReport);
    assert.equal(report?.summary.outcome, 'kept');
  });
});
