/** What an operator sees in Temporal's own lists and pages, of runs and of pipelines. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { RunSummary } from '../../workflows/contract.ts';
import {
  pause,
  PIPELINE_MEMO,
  pipelineWorkflowId,
  runWorkflowId,
} from '../../workflows/contract.ts';
import { outcomesOf, startPipeline } from '../support/scenarios.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const PATIENCE_MS = 30_000;

describe('the lists of Temporal', { skip }, () => {
  const { client, connection, stop } = temporal as TestTemporal;
  let worker: { stop(): Promise<void> };
  before(async () => {
    worker = await startStubWorker(connection);
  });
  after(async () => {
    await worker.stop();
    await stop();
  });

  const listed = async (query: string): Promise<WorkflowExecutionInfo[]> => {
    const found: WorkflowExecutionInfo[] = [];
    for await (const each of client.workflow.list({ query })) found.push(each);
    return found;
  };
  /** Visibility is a moment behind. */
  const until = async <T>(read: () => Promise<T>, isDone: (found: T) => boolean): Promise<T> => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await read();
      if (isDone(found) || Date.now() > deadline) return found;
      await delay(50);
    }
  };

  it('show the outcome and the file of every run, and that it is done', async () => {
    const files = ['invalid-1', 'calm-2', 'calm-3', 'storm-4', 'unlabelled-5', 'broken-6'];
    const pipeline = await startPipeline(client, 'listed', files);
    const runs = await outcomesOf(pipeline, files.length);
    const query = `CalmopsPipeline = 'listed' AND WorkflowType = 'monitorDataset' AND CalmopsStage = 'done'`;
    const found = await until(
      () => listed(query),
      (each) => each.length === files.length,
    );
    const shown: Record<string, unknown> = Object.fromEntries(
      found.map(({ typedSearchAttributes: attributes }): [string, unknown] => [
        String(attributes.get(defineSearchAttributeKey('CalmopsFile', 'KEYWORD'))),
        attributes.get(defineSearchAttributeKey('CalmopsOutcome', 'KEYWORD')),
      ]),
    );
    assert.deepEqual(shown, Object.fromEntries(runs.map((run) => [run.fileName, run.outcome])));
    assert.equal((await listed(`${query} AND CalmopsOutcome = 'invalid'`)).length, 1);
  });

  it('are paid for with one upsert by a run that keeps its champion', async () => {
    const pipeline = await startPipeline(client, 'counted', ['calm-1', 'calm-2']);
    const [, kept] = await outcomesOf(pipeline, 2);
    const { events } = await historyOf(kept);
    const upserts = events.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes);
    assert.equal(upserts.length, 1);
    assert.ok(events.length <= 19, `${String(events.length)} events`);
  });

  it('tell what each activity of a run is for', async () => {
    const pipeline = await startPipeline(client, 'told', ['calm-1', 'storm-2']);
    const [, promoted] = await outcomesOf(pipeline, 2);
    const { events } = await historyOf(promoted);
    const summaries = events.flatMap(({ activityTaskScheduledEventAttributes, userMetadata }) =>
      activityTaskScheduledEventAttributes
        ? [Buffer.from(userMetadata?.summary?.data ?? []).toString()]
        : [],
    );
    assert.equal(summaries[0], '"storm-2"');
    assert.match(summaries[1] ?? '', /^"storm-2 beside champion /);
    assert.match(summaries[2] ?? '', /^"\w+, forest, on storm-2"$/);
    assert.match(summaries[3] ?? '', /^"challenger .+ against champion /);
  });

  it('hold a pipeline as it is at rest, and what it was told at once', async () => {
    const pipeline = await startPipeline(client, 'at-rest', ['calm-1', 'calm-2', 'invalid-3']);
    const runs = await outcomesOf(pipeline, 3);
    const read = async (): Promise<Record<string, unknown>> => {
      const [found] = await listed(
        `WorkflowId = '${pipelineWorkflowId('at-rest')}' AND ExecutionStatus = 'Running'`,
      );
      return (found?.memo?.[PIPELINE_MEMO] ?? {}) as Record<string, unknown>;
    };
    const memo = await until(read, (found) => found['runs'] === 3);
    const { fileName, sha256, revision, outcome, reason, finishedAt } = runs[2]!;
    assert.deepEqual(memo['last'], { fileName, sha256, revision, outcome, reason, finishedAt });
    assert.equal(memo['queued'], 0);
    assert.equal(memo['paused'], null);
    await pipeline.executeUpdate(pause, { args: [{ by: 'ada', why: 'lunch' }] });
    const paused = await until(read, (found) => found['paused'] !== null);
    assert.match(JSON.stringify(paused['paused']), /"by":"ada","why":"lunch"/);
  });

  it('are told of a backlog a few times, not once for each file', async () => {
    const files = Array.from({ length: 12 }, (_, i) => `calm-${String(i)}`);
    const pipeline = await startPipeline(client, 'backlog', files);
    await outcomesOf(pipeline, files.length);
    const { events } = await pipeline.fetchHistory();
    const modified = (events ?? []).filter(
      (event) => event.workflowPropertiesModifiedEventAttributes,
    );
    assert.ok(modified.length < files.length, `${String(modified.length)} events`);
  });

  async function historyOf(run: RunSummary | undefined) {
    assert.ok(run);
    const id = runWorkflowId(
      /^dataset\/([^/]+)\//.exec(run.workflowId)?.[1] ?? '',
      run.sha256,
      run.revision,
    );
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    return { events: events ?? [] };
  }
});
