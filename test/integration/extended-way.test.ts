/** What a pipeline can be asked for beside the plain way: shadow mode, late labels, reasons, promises over files. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseDriftReport, type StoredDrift } from '../../web/stored-drift.ts';
import {
  LIGHT_QUEUE,
  pipelineModels,
  pipelineRuns,
  pipelineStatus,
  type RunReport,
  type RunSummary,
} from '../../workflows/contract.ts';
import { feederOf, inputOf, reportOf } from '../support/file-feeder.ts';
import {
  startProcesses,
  watchedPipeline,
  type TestInstallation,
  type WatchedPipeline,
} from '../support/installation.ts';
import { loans } from '../support/loans.ts';
import { estimatedIn } from '../support/estimated.ts';
import { columnsOf, SHOP, shoppers } from '../support/shoppers.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

describe('the ways of files beside the plain one', { skip, concurrency: true }, () => {
  let calmops: Pick<TestInstallation, 'store' | 'stop'>;
  let shadowed: WatchedPipeline;
  let waiting: WatchedPipeline;
  let patient: WatchedPipeline;
  let moving: WatchedPipeline;
  let turning: WatchedPipeline;

  before(async () => {
    const server = temporal as TestTemporal;
    const pipeline = (name: string, yaml: Readonly<Record<string, unknown>>) =>
      watchedPipeline(server, { ...SHOP, ...yaml, name });
    shadowed = await pipeline('shadowed', {
      ...{ target: 'defaulted', ignore: [], gate: { shadow: 2 } },
    });
    waiting = await pipeline('waiting', { labels: { suffix: '-labels', key: 'id' } });
    patient = await pipeline('patient', { labels: { suffix: '-labels', key: 'id' } });
    moving = await pipeline('moving', {});
    turning = await pipeline('turning', { detection: { over: 'lord' } });
    // It continues as new every other file, so that what it carries is carried.
    await server.client.workflow.start('monitorPipeline', {
      workflowId: turning.pipeline.workflowId,
      taskQueue: LIGHT_QUEUE,
      args: [{ config: turning.config, continueAfterRuns: 2 }],
    });
    calmops = await startProcesses(server, [shadowed, waiting, patient, moving, turning]);
  });
  after(async () => {
    await calmops.stop();
    await (temporal as TestTemporal).stop();
  });

  test('a challenger in shadow meets the champion on two more files before it takes over', async () => {
    const { pipeline } = shadowed;
    const files = feederOf(shadowed);
    const first = await files.drop('2026-01.csv', loans('old', 1));
    const passed = await files.drop('2026-02.csv', loans('new', 2));
    assert.equal(passed.outcome, 'shadowed', passed.reason);
    assert.equal(passed.championId, first.championId);
    const { shadow } = await pipeline.query(pipelineStatus);
    assert.deepEqual([shadow?.filesSeen, shadow?.files], [0, 2]);

    const predicted = await files.drop('2026-03.csv', loans('new', 3, { target: false }));
    assert.equal(predicted.outcome, 'predicted', predicted.reason);
    const seen = await files.drop('2026-04.csv', loans('new', 4));
    assert.equal(seen.outcome, 'withheld', seen.reason);
    const halfway = (await report(seen)).shadow;
    assert.deepEqual([halfway?.seen, halfway?.files, halfway?.comparison.rows], [1, 2, 400]);

    const last = await files.drop('2026-05.csv', loans('new', 5));
    assert.equal(last.outcome, 'promoted', last.reason);
    const told = (await report(last)).shadow;
    assert.deepEqual([told?.seen, told?.comparison.rows], [2, 800]);
    assert.ok(told !== undefined && told.comparison.gain.low > 0);
    assert.equal((await pipeline.query(pipelineStatus)).shadow ?? null, null);
    const { champion, previous } = await pipeline.query(pipelineModels);
    assert.deepEqual(
      [champion?.model.id, previous?.model.id],
      [shadow?.model.id, first.championId],
    );
  });

  test('a file without labels is predicted with an estimate, which its labels confirm', async () => {
    const files = feederOf(waiting);
    const trained = await files.drop('week-1.csv', shoppers(1));
    assert.equal(trained.outcome, 'trained', trained.reason);

    const predicted = await files.drop('week-2.csv', shoppers(2, { labels: false }));
    assert.equal(predicted.outcome, 'predicted', predicted.reason);
    assert.match(predicted.reason, /no labels; estimated accuracy/);
    const { estimated, predictions } = await report(predicted);
    assert.ok(estimated !== undefined && estimated !== null && predictions !== null);

    const labels = columnsOf(shoppers(2), ['id', 'buys']);
    const evaluated = await files.drop('week-2-labels.csv', labels);
    assert.equal(evaluated.outcome, 'kept', evaluated.reason);
    assert.match(evaluated.reason, /labels of week-2\.csv/);
    const { late, dataset, evaluation } = await report(evaluated);
    assert.equal(dataset?.labelsFor?.fileName, 'week-2.csv');
    assert.equal(late?.modelId, trained.championId);
    assert.equal(late.evaluation.rows, 500);
    assert.equal(evaluation?.champion.current.rows, 500);
    const { low, high } = estimatedIn({ estimated }).metric;
    const { value } = late.evaluation.primary;
    assert.ok(value > low && value < high, `${value} of ${low} to ${high}`);

    const { runs } = await waiting.pipeline.query(pipelineRuns, { offset: 0, limit: 10 });
    const reopened = runs.find(({ sha256 }) => sha256 === predicted.sha256)?.sequel;
    assert.ok(reopened?.kind === 'labelled');
    assert.deepEqual(reopened.metric, late.evaluation.primary);

    const corrected = labels.trimEnd().split('\n').slice(0, -100).join('\n');
    await files.drop('week-2-labels.csv', `${corrected}\n`);
    const later = await waiting.pipeline.query(pipelineRuns, { offset: 0, limit: 10 });
    const again = later.runs.find(({ sha256 }) => sha256 === predicted.sha256)?.sequel;
    assert.equal(again?.kind === 'labelled' ? again.rows : null, 400);
  });

  test('labels that come before their file wait for it, and it is a labelled file then', async () => {
    const files = feederOf(patient);
    await files.drop('week-1.csv', shoppers(1));
    const labels = columnsOf(shoppers(2), ['id', 'buys']);
    const early = await files.drop('week-2-labels.csv', labels);
    assert.equal(early.outcome, 'waiting', early.reason);
    const run = await files.drop('week-2.csv', shoppers(2, { labels: false }));
    assert.equal(run.outcome, 'kept', run.reason);
    assert.match(run.reason, /^Its labels came before it, in week-2-labels\.csv/);
    const { evaluation, dataset } = await report(run);
    assert.equal(evaluation?.champion.current.rows, 500);
    assert.equal(dataset?.labelsFrom?.sha256, early.sha256);
  });

  test('a drifted file without labels says where the change is and what it may cost', async () => {
    const files = feederOf(moving);
    await files.drop('week-1.csv', shoppers(1));
    const run = await files.drop('week-2.csv', shoppers(2, { moved: true, labels: false }));
    assert.equal(run.outcome, 'predicted', run.reason);
    assert.match(run.reason, /no labels; estimated accuracy .*income.*; the champion predicts/);
    const told = await report(run);
    const { estimated, drift } = told;
    assert.equal(estimatedIn({ estimated }).method, 'CBPE');
    assert.deepEqual(drift?.material, ['income']);
    const { explanation } = await driftOf(told);
    const slice = explanation?.slice ?? null;
    assert.ok(slice !== null && slice.carried > 0.5 && slice.currentShare > slice.referenceShare);
    assert.match(slice.rule, /income|region/);
  });

  test('columns that depend on each other otherwise are drift, and earn the files after them a larger part', async () => {
    const files = feederOf(turning);
    await files.drop('week-1.csv', shoppers(1));
    const runs = [
      await files.drop('week-2.csv', shoppers(2)),
      await files.drop('week-3.csv', shoppers(3, { turned: true })),
      await files.drop('week-4.csv', shoppers(4)),
    ];
    const seen = await Promise.all(runs.map(report));
    assert.deepEqual(
      seen.map(({ drift }) => drift?.together?.material),
      [false, true, false],
    );
    const [, turned] = seen;
    assert.deepEqual(turned?.drift?.material, []);
    assert.ok(turned.drift.together?.columns.includes('debt'));
    assert.match(turned.summary.reason, /together/);
    assert.equal(turned.summary.outcome, 'kept', 'it hurts nobody');
    const { explanation } = await driftOf(turned);
    const [pair] = explanation?.pairs ?? [];
    assert.deepEqual([...(pair?.columns ?? [])].sort(), ['debt', 'income']);

    const inputs = await Promise.all(runs.map((run) => inputOf(run, temporal as TestTemporal)));
    const [first = 0, second = 0, third = 0] = inputs.map(
      ({ falseAlarmRate }) => falseAlarmRate ?? 0,
    );
    assert.ok(first > second && second > 0, `without an alarm ${first}, then ${second}`);
    assert.ok(third > second, `after one ${third}`);
  });

  function report(run: RunSummary): Promise<RunReport> {
    return reportOf(run, calmops.store);
  }
  async function driftOf({ drift }: RunReport): Promise<StoredDrift> {
    assert.ok(drift !== null);
    return parseDriftReport(await calmops.store.get(drift.report.uri, drift.report.sha256));
  }
});
