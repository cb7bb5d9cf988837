import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import {
  configure,
  datasetsArrived,
  dropShadow,
  importModel,
  pause,
  pipelineModels,
  pipelineStatus,
  pipelineWorkflowId,
  promote,
  reprocess,
  resetBreaker,
  resume,
  retrain,
  rollback,
  runProgress,
  runReport,
  runWorkflowId,
} from '../../workflows/contract.ts';
import { estimatedIn } from '../support/estimated.ts';
import { outcomesOf, SCENARIOS, scenarioConfig, startPipeline } from '../support/scenarios.ts';
import { stubFile } from '../support/stub-activities.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const ada = { by: 'ada', why: 'a test' };

describe('a pipeline on a real Temporal server', { skip }, () => {
  const { client, connection, stop } = temporal as TestTemporal;
  let worker: { stop(): Promise<void> };
  before(async () => {
    worker = await startStubWorker(connection);
  });
  after(async () => {
    await worker.stop();
    await stop();
  });

  for (const { name, files, outcomes, more, meanwhile, then } of SCENARIOS) {
    test(`${name}: ${files.join(', ')} end as ${outcomes.join(', ')}`, async () => {
      const pipeline = await startPipeline(client, name, files, { more });
      await meanwhile?.(client, name);
      const runs = await outcomesOf(pipeline, files.length);
      assert.deepEqual(
        runs.map((run) => run.outcome),
        outcomes,
      );
      assert.deepEqual(
        runs.map((run) => run.fileName),
        files,
        'in order of arrival',
      );
      for (const run of runs) assert.match(run.reason, /\S/);
      await then?.(pipeline);
    });
  }

  test('the champion that a run meets is the one its predecessor left', async () => {
    const pipeline = await startPipeline(client, 'lineage', ['calm-1', 'storm-2', 'calm-3']);
    const runs = await outcomesOf(pipeline, 3);
    const { champion, previous } = await pipeline.query(pipelineModels);
    assert.deepEqual(
      runs.map((run) => run.championId),
      [previous?.model.id, champion?.model.id, champion?.model.id],
    );
    assert.equal(champion?.model.trainedOn, 'storm-2');
    assert.match(champion.why, /better/);
  });

  test('a file that was offered twice runs once', async () => {
    const pipeline = await startPipeline(client, 'twice', ['calm-1', 'calm-1']);
    await pipeline.signal(datasetsArrived, [stubFile('calm-1'), stubFile('calm-2')]);
    await outcomesOf(pipeline, 2);
    await pipeline.signal(datasetsArrived, [stubFile('calm-1'), stubFile('calm-3')]);
    const runs = await outcomesOf(pipeline, 3);
    assert.deepEqual(
      runs.map((run) => run.fileName),
      ['calm-1', 'calm-2', 'calm-3'],
    );
  });

  test('continuing as new loses and repeats nothing', async () => {
    const files = Array.from({ length: 7 }, (_, i) => `calm-${i}`);
    const pipeline = await startPipeline(client, 'long', files, { continueAfterRuns: 2 });
    const runs = await outcomesOf(pipeline, 7);
    assert.deepEqual(
      runs.map((run) => run.fileName),
      files,
    );
    assert.deepEqual(
      runs.map((run) => run.outcome),
      ['trained', ...Array.from({ length: 6 }, () => 'kept')],
    );
    const { executions } = await client.workflowService.listWorkflowExecutions({
      namespace: 'default',
      query: `WorkflowId = '${pipelineWorkflowId('long')}' AND ExecutionStatus = 'ContinuedAsNew'`,
    });
    assert.ok(executions.length >= 2, 'it did continue as new');
  });

  test('a paused pipeline takes files in and runs them when it is resumed', async () => {
    const pipeline = await startPipeline(client, 'paused', ['calm-1']);
    await outcomesOf(pipeline, 1);
    await pipeline.executeUpdate(pause, { args: [ada] });
    await pipeline.signal(datasetsArrived, [stubFile('calm-2')]);
    const status = await pipeline.query(pipelineStatus);
    assert.equal(status.state, 'paused');
    assert.equal(status.queued, 1);
    await pipeline.executeUpdate(resume, { args: [ada] });
    assert.equal((await outcomesOf(pipeline, 2)).at(-1)?.fileName, 'calm-2');
    const { audit } = await pipeline.query(pipelineStatus);
    assert.deepEqual(
      audit.map(({ action, by, why }) => ({ action, by, why })),
      [
        { action: 'resume', ...ada },
        { action: 'pause', ...ada },
      ],
    );
  });

  test('what cannot be done is refused with the reason', async () => {
    const pipeline = await startPipeline(client, 'refusals', ['invalid-1']);
    await outcomesOf(pipeline, 1);
    const refused = async (update: Promise<unknown>, reason: RegExp): Promise<void> => {
      await assert.rejects(update, (error) => {
        assert.ok(error instanceof WorkflowUpdateFailedError);
        assert.match(error.cause?.message ?? '', reason);
        return true;
      });
    };
    await refused(pipeline.executeUpdate(resume, { args: [ada] }), /not paused/);
    await refused(pipeline.executeUpdate(rollback, { args: [ada] }), /no previous model/);
    await refused(pipeline.executeUpdate(retrain, { args: [ada] }), /no file has been read/);
    await refused(pipeline.executeUpdate(resetBreaker, { args: [ada] }), /counted no failure/);
    await refused(
      pipeline.executeUpdate(promote, { args: [{ ...ada, modelId: 'nobody' }] }),
      /no candidate has the id 'nobody'/,
    );
    await refused(
      pipeline.executeUpdate(reprocess, { args: [{ ...ada, sha256: 'f00' }] }),
      /sha256 'f00'/,
    );
    await refused(
      pipeline.executeUpdate(configure, {
        args: [{ ...ada, config: { ...scenarioConfig('refusals'), target: 'z' } }],
      }),
      /target cannot change from 'y' to 'z'/,
    );
    await refused(pipeline.executeUpdate(pause, { args: [{ by: 'ada', why: ' ' }] }), /say why/);
  });

  test('labels that come late are said to be, with what they tell of the predictions', async () => {
    const files = ['calm-1', 'unlabelled-2', 'labels-3'];
    const pipeline = await startPipeline(client, 'late', files);
    const last = (await outcomesOf(pipeline, 3)).at(-1);
    assert.match(
      last?.reason ?? '',
      /^These are the labels of unlabelled-2, whose predictions by model model had accuracy 0\.80/,
    );
    const predicted = runWorkflowId('late', stubFile('unlabelled-2').sha256, 0);
    const before = await client.workflow.getHandle(predicted).query(runReport);
    assert.ok(before !== null);
    assert.equal(estimatedIn(before).metric.value, 0.89);
    const run = client.workflow.getHandle(last?.workflowId ?? '');
    assert.equal((await run.query(runReport))?.late?.evaluation.metrics.accuracy, 0.8);
  });

  test('labels that come late open the evaluation of their file again, and so do corrected ones', async () => {
    const files = ['calm-1', 'unlabelled-2', 'labels-3'];
    const pipeline = await startPipeline(client, 'reopened', files, { continueAfterRuns: 3 });
    const [, predicted, told] = await outcomesOf(pipeline, 3);
    assert.equal(predicted?.outcome, 'predicted', 'what was decided then stays');
    const { sequel } = predicted;
    assert.ok(sequel?.kind === 'labelled');
    assert.equal(sequel.metric.value, 0.8);
    assert.ok(told !== undefined);
    assert.equal(sequel.by.sha256, told.sha256);
    assert.equal(sequel.at, told.finishedAt);
    await pipeline.signal(datasetsArrived, [stubFile('labels-4')]);
    const [, again] = await outcomesOf(pipeline, 4);
    assert.equal(again?.sequel?.by.fileName, 'labels-4');
  });

  test('labels that come first wait, and say in the end which file they were joined to', async () => {
    const files = ['calm-1', 'early-2', 'joined-3'];
    const pipeline = await startPipeline(client, 'early', files);
    const [, waiting, joined] = await outcomesOf(pipeline, 3);
    assert.equal(waiting?.outcome, 'waiting');
    assert.equal(waiting.action, null);
    assert.equal(waiting.sequel?.kind, 'joined');
    assert.equal(waiting.sequel.by.fileName, 'joined-3');
    assert.match(joined?.reason ?? '', /^Its labels came before it, in early-2\. /);
    await pipeline.executeUpdate(retrain, { args: [ada] });
    assert.equal((await outcomesOf(pipeline, 4)).at(-1)?.fileName, 'joined-3');
  });

  test('a challenger in shadow is seen, withholds retraining, and takes over on the evidence of all its files', async () => {
    const pipeline = await startPipeline(client, 'shadow', ['calm-1', 'storm-2', 'storm-3'], {
      more: { gate: { shadow: 2 } },
    });
    const [, began, waited] = await outcomesOf(pipeline, 3);
    assert.match(began?.reason ?? '', /runs beside the champion on the next 2 labelled files/);
    assert.match(waited?.reason ?? '', /challenger \S+ runs beside the champion \(1 of 2 files/);
    const { shadow } = await pipeline.query(pipelineStatus);
    assert.equal(shadow?.filesSeen, 1);
    assert.equal(shadow.comparison?.verdict, 'promote');
    await pipeline.signal(datasetsArrived, [stubFile('calm-4')]);
    const promoted = (await outcomesOf(pipeline, 4)).at(-1);
    assert.equal(promoted?.outcome, 'promoted');
    assert.equal(promoted.action, 'promote');
    assert.equal(promoted.championId, shadow.model.id);
    assert.equal((await pipeline.query(pipelineStatus)).shadow, null);
    const { candidates, champion } = await pipeline.query(pipelineModels);
    assert.deepEqual(candidates, []);
    assert.equal(champion?.model.trainedOn, 'storm-2');
    const report = await client.workflow.getHandle(promoted.workflowId).query(runReport);
    assert.equal(report?.shadow?.seen, 2);
  });

  test('corrected labels are no further file to a challenger in shadow', async () => {
    const files = ['calm-1', 'unlabelled-2', 'storm-3', 'labels-4', 'labels-5'];
    const pipeline = await startPipeline(client, 'corrected', files, {
      more: { gate: { shadow: 2 } },
    });
    const last = (await outcomesOf(pipeline, 5)).at(-1);
    assert.equal(last?.outcome, 'kept', last?.reason);
    const { shadow } = await pipeline.query(pipelineStatus);
    assert.equal(shadow?.filesSeen, 1);
  });

  test('a fallback is tried where it is another mode than the one that was used, and only there', async () => {
    const files = ['calm-1', 'refused-2', 'refused-same-3'];
    const pipeline = await startPipeline(client, 'same-mode', files, {
      more: { retrain: { mode: 'window', fallback: 'full' } },
    });
    const [, other, same] = await outcomesOf(pipeline, 3);
    assert.ok(other !== undefined && same !== undefined);
    const trainings = async ({ workflowId }: typeof same): Promise<number> => {
      const { stages } = await client.workflow.getHandle(workflowId).query(runProgress);
      return stages.filter(({ stage }) => stage === 'train').length;
    };
    assert.deepEqual([other.outcome, await trainings(other)], ['refused', 2]);
    assert.deepEqual([same.outcome, await trainings(same)], ['refused', 1]);
    const told =
      /not shown to be better\. The fallback 'full' is how it was trained, and was not tried again\.$/;
    assert.match(same.reason, told);
    assert.doesNotMatch(other.reason, /fallback/);
  });

  test('a challenger in shadow that cannot read a file is refused; the file is not to blame', async () => {
    const files = ['calm-1', 'storm-2', 'unreadable-3'];
    const pipeline = await startPipeline(client, 'unreadable', files, {
      more: { gate: { shadow: 2 } },
    });
    assert.equal((await outcomesOf(pipeline, 3)).at(-1)?.outcome, 'kept');
    const [candidate] = (await pipeline.query(pipelineModels)).candidates;
    assert.match(candidate?.refusedBecause ?? '', /unreadable-3: no column 'price'/);
    const { shadow, breaker } = await pipeline.query(pipelineStatus);
    assert.equal(shadow, null);
    assert.deepEqual(breaker, { kind: 'closed', failures: 1 });
  });

  test('a shadow ends when its champion is replaced, or a newer challenger passes', async () => {
    const files = ['calm-1', 'refused-2', 'storm-3'];
    const more = { gate: { shadow: 3 } };
    const pipeline = await startPipeline(client, 'shadow-ends', files, { more });
    await outcomesOf(pipeline, 3);
    const { shadow: first } = await pipeline.query(pipelineStatus);
    assert.equal(first?.model.trainedOn, 'storm-3');
    await pipeline.signal(datasetsArrived, [stubFile('calm-4')]);
    await outcomesOf(pipeline, 4);
    await pipeline.executeUpdate(retrain, { args: [ada] });
    await outcomesOf(pipeline, 5);
    const { shadow: second } = await pipeline.query(pipelineStatus);
    assert.equal(second?.model.trainedOn, 'calm-4');
    assert.equal(second.filesSeen, 0);
    const { candidates } = await pipeline.query(pipelineModels);
    assert.deepEqual(
      candidates.map(({ trainedOn }) => trainedOn),
      ['storm-3', 'refused-2'],
    );
    assert.match(candidates[0]?.refusedBecause ?? '', /newer challenger/);
    const modelId = candidates[1]?.id ?? '';
    await pipeline.executeUpdate(promote, { args: [{ ...ada, modelId }] });
    assert.equal((await pipeline.query(pipelineStatus)).shadow, null);
    const [ended] = (await pipeline.query(pipelineModels)).candidates;
    assert.equal(ended?.trainedOn, 'calm-4');
    assert.match(ended.refusedBecause ?? '', /champion that it ran beside was replaced/);
  });

  test('a person may put a challenger in shadow in force before its time', async () => {
    const more = { gate: { shadow: 3 } };
    const pipeline = await startPipeline(client, 'shadow-by-hand', ['calm-1', 'storm-2'], { more });
    await outcomesOf(pipeline, 2);
    const modelId = (await pipeline.query(pipelineStatus)).shadow?.model.id ?? '';
    await pipeline.executeUpdate(promote, { args: [{ ...ada, modelId }] });
    const { champion, shadow } = await pipeline.query(pipelineStatus);
    assert.equal(champion?.model.id, modelId);
    assert.equal(shadow, null);
    assert.deepEqual((await pipeline.query(pipelineModels)).candidates, []);
  });

  test('a person may end the time of a challenger in shadow; it stays a candidate', async () => {
    const more = { gate: { shadow: 2 } };
    const files = ['calm-1', 'storm-2'];
    const pipeline = await startPipeline(client, 'dropped', files, { more });
    await outcomesOf(pipeline, 2);
    const modelId = (await pipeline.query(pipelineStatus)).shadow?.model.id ?? '';
    const wrong = pipeline.executeUpdate(dropShadow, { args: [{ ...ada, modelId: 'nobody' }] });
    await assert.rejects(wrong, (error) => {
      assert.ok(error instanceof WorkflowUpdateFailedError);
      assert.match(error.cause?.message ?? '', /'nobody' does not run in shadow/);
      return true;
    });
    await pipeline.executeUpdate(dropShadow, { args: [{ ...ada, modelId }] });
    const { shadow, audit, breaker } = await pipeline.query(pipelineStatus);
    assert.equal(shadow, null);
    assert.equal(audit[0]?.action, 'dropShadow');
    assert.deepEqual(breaker, { kind: 'closed', failures: 0 });
    const [candidate] = (await pipeline.query(pipelineModels)).candidates;
    assert.equal(candidate?.id, modelId);
    assert.match(candidate.refusedBecause ?? '', /ada ended its time .*: a test/);
    await pipeline.signal(datasetsArrived, [stubFile('storm-3')]);
    assert.equal((await outcomesOf(pipeline, 3)).at(-1)?.outcome, 'shadowed');
  });

  test('a pipeline that begins anew goes on with the champion that the store knows', async () => {
    const pipeline = await startPipeline(client, 'taken-up-again', ['calm-1'], {
      continueAfterRuns: 1,
    });
    const [run] = await outcomesOf(pipeline, 1);
    assert.equal(run?.outcome, 'kept', 'it is compared, not trained on as the first');
    const { champion } = await pipeline.query(pipelineModels);
    assert.equal(champion?.model.trainedOn, 'calm-0');
    assert.equal(champion.why, 'the store has it');
  });

  test('retraining that rests after a promotion says so, in the run and in the status', async () => {
    const files = ['calm-1', 'storm-2', 'storm-3'];
    const more = { retrain: { coolDown: '10m' } };
    const pipeline = await startPipeline(client, 'resting', files, { more });
    const last = (await outcomesOf(pipeline, 3)).at(-1);
    assert.equal(last?.outcome, 'withheld');
    assert.match(last.reason, /withheld, since retraining rests for 10m after the champion was/);
    const { coolDown } = await pipeline.query(pipelineStatus);
    assert.match(coolDown?.words ?? '', /rests for 10m/);
    assert.ok(Date.parse(coolDown?.until ?? '') > Date.now());
    await pipeline.executeUpdate(retrain, { args: [ada] });
    assert.equal((await outcomesOf(pipeline, 4)).at(-1)?.outcome, 'promoted');
  });

  test('a refused challenger can be promoted by hand, and rolled back', async () => {
    const pipeline = await startPipeline(client, 'by-hand', ['calm-1', 'refused-2']);
    await outcomesOf(pipeline, 2);
    const { candidates } = await pipeline.query(pipelineModels);
    const modelId = candidates[0]?.id ?? '';
    assert.equal(candidates[0]?.refusedBecause, 'It is not shown to be better.');
    assert.match(candidates[0].report?.uri ?? '', /^reports\/by-hand\//);
    await pipeline.executeUpdate(promote, { args: [{ ...ada, modelId }] });
    const [entry] = (await pipeline.query(pipelineStatus)).audit;
    assert.match(entry?.detail ?? '', /which was refused: It is not shown to be better/);
    assert.deepEqual(entry?.report, candidates[0].report);
    const promoted = await pipeline.query(pipelineModels);
    assert.equal(promoted.champion?.model.id, modelId);
    assert.equal(promoted.champion.by, 'ada');
    assert.deepEqual(promoted.candidates, []);
    await pipeline.executeUpdate(rollback, { args: [ada] });
    assert.equal((await pipeline.query(pipelineModels)).champion?.model.trainedOn, 'calm-1');
  });

  test('a model made elsewhere runs beside the champion, and takes over if the gate says so', async () => {
    const pipeline = await startPipeline(client, 'imported', ['calm-1']);
    await outcomesOf(pipeline, 1);
    const { champion } = await pipeline.query(pipelineModels);
    assert.ok(champion !== null);
    const model = (id: string) => ({ ...champion.model, id });
    const imports = (id: string, files: number) =>
      pipeline.executeUpdate(importModel, { args: [{ ...ada, model: model(id), files }] });
    const refused = (update: Promise<unknown>, reason: RegExp) =>
      assert.rejects(update, (error: unknown) => {
        assert.ok(error instanceof WorkflowUpdateFailedError);
        assert.match(error.cause?.message ?? '', reason);
        return true;
      });
    await refused(imports(champion.model.id, 1), /has model .* already/);
    await refused(imports('foreign', 11), /0 to 10 files, got 11/);
    await refused(
      pipeline.executeUpdate(importModel, {
        args: [{ ...ada, model: { ...model('foreign'), task: 'regression' }, files: 1 }],
      }),
      /it is for regression, the champion for classification/,
    );
    await imports('kept', 0);
    assert.equal((await pipeline.query(pipelineModels)).candidates[0]?.id, 'kept');
    await imports('foreign', 1);
    assert.equal((await pipeline.query(pipelineStatus)).shadow?.model.id, 'foreign');
    await refused(imports('other', 1), /challenger foreign runs beside the champion/);
    await pipeline.signal(datasetsArrived, [stubFile('calm-2')]);
    const run = (await outcomesOf(pipeline, 2)).at(-1);
    assert.equal(run?.outcome, 'promoted');
    assert.equal(run.championId, 'foreign');
    const { audit } = await pipeline.query(pipelineStatus);
    assert.deepEqual(
      audit.map(({ action, detail }) => [action, detail]),
      [
        ['importModel', 'model foreign runs beside the champion for 1 files'],
        ['importModel', 'model kept is a candidate'],
      ],
    );
  });

  test('a model made elsewhere is the first champion of a pipeline that has none', async () => {
    const other = await startPipeline(client, 'donor', ['calm-1']);
    await outcomesOf(other, 1);
    const { champion } = await other.query(pipelineModels);
    assert.ok(champion !== null);
    const pipeline = await startPipeline(client, 'taker', []);
    await pipeline.executeUpdate(importModel, {
      args: [{ ...ada, model: { ...champion.model, id: 'foreign' }, files: 3 }],
    });
    await pipeline.signal(datasetsArrived, [stubFile('calm-2')]);
    const run = (await outcomesOf(pipeline, 1)).at(-1);
    assert.equal(run?.outcome, 'kept');
    assert.equal(run.championId, 'foreign');
  });

  test('a person can have the newest file trained on and any recent one run again', async () => {
    const pipeline = await startPipeline(client, 'again', ['calm-1', 'calm-2']);
    const [first] = await outcomesOf(pipeline, 2);
    await pipeline.executeUpdate(retrain, { args: [ada] });
    const forced = (await outcomesOf(pipeline, 3)).at(-1);
    assert.equal(forced?.outcome, 'promoted');
    assert.match(forced.reason, /ada/);
    await pipeline.executeUpdate(reprocess, { args: [{ ...ada, sha256: first?.sha256 ?? '' }] });
    const again = (await outcomesOf(pipeline, 4)).at(-1);
    assert.equal(again?.fileName, 'calm-1');
    assert.equal(again.revision, 2);
  });

  test('a run that is terminated by hand has an outcome and the next file goes on', async () => {
    const pipeline = await startPipeline(client, 'terminated', ['calm-1']);
    await outcomesOf(pipeline, 1);
    await pipeline.executeUpdate(pause, { args: [ada] });
    await pipeline.signal(datasetsArrived, [stubFile('stuck-2'), stubFile('calm-3')]);
    await pipeline.executeUpdate(resume, { args: [ada] });
    const run = client.workflow.getHandle(
      runWorkflowId('terminated', stubFile('stuck-2').sha256, 0),
    );
    while (!(await isRunning(run))) continue;
    await run.terminate('a test');
    const runs = await outcomesOf(pipeline, 3);
    assert.deepEqual(
      runs.map((each) => each.outcome),
      ['trained', 'failed', 'kept'],
    );
    assert.match(runs[1]?.reason ?? '', /terminated/);
  });

  test('a run that is cancelled says so', async () => {
    const pipeline = await startPipeline(client, 'cancelled', ['calm-1', 'stuck-2', 'calm-3']);
    const run = client.workflow.getHandle(
      runWorkflowId('cancelled', stubFile('stuck-2').sha256, 0),
    );
    while (!(await isRunning(run))) continue;
    await run.cancel();
    const runs = await outcomesOf(pipeline, 3);
    assert.deepEqual(
      runs.map((each) => each.outcome),
      ['trained', 'cancelled', 'kept'],
    );
  });

  test('a run can be asked how far it is and what it found', async () => {
    const pipeline = await startPipeline(client, 'asked', ['calm-1', 'storm-2']);
    await outcomesOf(pipeline, 2);
    const run = client.workflow.getHandle(runWorkflowId('asked', stubFile('storm-2').sha256, 0));
    const progress = await run.query(runProgress);
    assert.equal(progress.finished, true);
    assert.deepEqual(
      progress.stages.map(({ stage }) => stage),
      ['ingest', 'examine', 'decide', 'train', 'compare', 'promote', 'publish'],
    );
    const report = await run.query(runReport);
    assert.equal(report?.summary.outcome, 'promoted');
    assert.equal(report.comparison?.verdict, 'promote');
  });
});

/** A run that is not there yet is waited for. */
async function isRunning(run: WorkflowHandle): Promise<boolean> {
  try {
    return (await run.describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
