import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseModelCard } from '../../store/model-card.ts';
import { parseRunReport } from '../../web/stored-reports.ts';
import {
  pause,
  pipelineModels,
  pipelineStatus,
  resume,
  type RunSummary,
} from '../../workflows/contract.ts';
import { startInstallation, type TestInstallation } from '../support/installation.ts';
import { loans } from '../support/loans.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const ada = { by: 'ada', why: 'a test' };

describe('files that fall into a watched folder', { skip }, () => {
  let calmops: TestInstallation;
  let runs = 0;
  before(async () => {
    calmops = await startInstallation(temporal as TestTemporal, {
      name: 'loans',
      target: 'defaulted',
    });
  });
  after(async () => {
    await calmops.stop();
    await (temporal as TestTemporal).stop();
  });

  /** Drops a file and waits for its outcome. */
  async function outcomeOf(name: string, content: string | Uint8Array): Promise<RunSummary> {
    await calmops.drop(name, content);
    return next(name);
  }

  async function next(name: string): Promise<RunSummary> {
    runs += 1;
    const run = (await outcomesOf(calmops.pipeline, runs)).at(-1);
    assert.ok(run !== undefined);
    assert.equal(run.fileName, name);
    return run;
  }

  test('the first one trains the first champion, with its lineage on its card', async () => {
    const run = await outcomeOf('2026-01.csv', loans('old', 1));
    assert.equal(run.outcome, 'trained', run.reason);
    const { champion } = await calmops.pipeline.query(pipelineModels);
    assert.ok(champion !== null);
    assert.ok(champion.model.score.value > 0.8, `accuracy ${champion.model.score.value}`);
    const card = parseModelCard(await calmops.store.get(champion.model.card.uri));
    assert.equal(card.trainedOn.sha256, run.sha256);
    assert.equal(card.parent, null);
    assert.deepEqual(
      card.features.map(({ name }) => name),
      ['income', 'debt', 'region'],
    );
  });

  test('one from the same world leaves the champion in force', async () => {
    const run = await outcomeOf('2026-02.csv', loans('old', 2));
    assert.equal(run.outcome, 'kept', run.reason);
    assert.ok(run.driftScore !== null && run.driftScore < 1);
  });

  test('one from a changed world brings a better champion', async () => {
    const run = await outcomeOf('2026-03.csv', loans('new', 3));
    assert.equal(run.outcome, 'promoted', run.reason);
    assert.ok(run.report !== null);
    const report = parseRunReport(await calmops.store.get(run.report.uri, run.report.sha256));
    assert.ok(report.drift?.material.includes('debt'));
    assert.ok(report.comparison !== null && report.comparison.gain.low > 0);
    assert.equal(run.championId, report.challenger?.id);
  });

  test('one without the target is predicted', async () => {
    const run = await outcomeOf('2026-04.csv', loans('new', 4, { target: false }));
    assert.equal(run.outcome, 'predicted', run.reason);
    const report = parseRunReport(await calmops.store.get(run.report?.uri ?? ''));
    assert.ok(report.predictions !== null);
    assert.ok(await calmops.store.exists(report.predictions.uri));
  });

  const invalid: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['empty.csv', '', /empty|0 bytes/],
    ['header-only.csv', 'income,debt,region,defaulted\n', /no rows/],
    ['ragged.csv', `${loans('old', 5)}1,2\n`, /line 402|row 40[12]/],
    ['binary.csv', Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256), /./],
    ['twice.csv', 'income,income,defaulted\n1,2,yes\n', /income/],
    ['short.parquet', new TextEncoder().encode('PAR1 and then nothing'), /parquet/i],
    ['notes.docx', 'words', /extension|format|\.docx/],
    [
      'other.csv',
      'height,defaulted\n1,yes\n2,no\n3,yes\n',
      /columns 'income', 'debt', 'region' are absent/,
    ],
  ];
  for (const [name, content, reason] of invalid) {
    test(`${name} is invalid, with the reason, and the file stays`, async () => {
      const run = await outcomeOf(name, content);
      assert.equal(run.outcome, 'invalid', run.reason);
      assert.match(run.reason, reason);
    });
  }

  test('a folder that is named like a file is no file', async () => {
    await mkdir(path.join(calmops.folder, 'folder.csv'));
    const run = await outcomeOf('2026-05.csv', loans('new', 6));
    assert.equal(run.outcome, 'kept', run.reason);
  });

  test('a file that vanishes before it is read is gone, which says nothing of its content', async () => {
    await calmops.pipeline.executeUpdate(pause, { args: [ada] });
    await calmops.drop('gone.csv', loans('new', 7));
    while ((await calmops.pipeline.query(pipelineStatus)).queued === 0) continue;
    await rm(path.join(calmops.folder, 'gone.csv'));
    await calmops.pipeline.executeUpdate(resume, { args: [ada] });
    const run = await next('gone.csv');
    assert.equal(run.outcome, 'gone', run.reason);
    assert.match(run.reason, /gone|vanish|no longer|not there/);
  });

  test('the same bytes under another name are the same file', async () => {
    await calmops.drop('copy-of-2026-05.csv', loans('new', 6));
    const run = await outcomeOf('2026-06.csv', loans('new', 8));
    assert.equal(run.outcome, 'kept', run.reason);
    assert.equal((await calmops.pipeline.query(pipelineStatus)).runs, runs);
  });
});
