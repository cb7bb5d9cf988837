import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { foreignForest } from '../test/support/foreign-forest.ts';
import { startInstallation, type TestInstallation } from '../test/support/installation.ts';
import { loans } from '../test/support/loans.ts';
import { outcomesOf } from '../test/support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../test/support/temporal.ts';
import { parseModelCard } from '../store/model-card.ts';
import { parseRunReport } from '../web/stored-reports.ts';
import { pipelineModels, pipelineStatus, retrain, type RunSummary } from '../workflows/contract.ts';

const PROGRAM = fileURLToPath(new URL('../scripts/calmops.mjs', import.meta.url));
const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

describe('calmops import', { skip }, () => {
  const { settings, stop } = temporal as TestTemporal;
  let calmops: TestInstallation;

  const fileOf = async (name: string, content: string | Uint8Array): Promise<string> => {
    const file = path.join(settings.home, name);
    await writeFile(file, content);
    return file;
  };

  before(async () => {
    calmops = await startInstallation(temporal as TestTemporal, {
      name: 'loans',
      target: 'defaulted',
    });
    await mkdir(path.join(settings.pipelinesFolder, 'loans'), { recursive: true });
    await writeFile(
      path.join(settings.pipelinesFolder, 'loans/pipeline.yaml'),
      `files: { folder: '${calmops.folder}' }\ntarget: defaulted\n`,
    );
  });
  after(async () => {
    await calmops.stop();
    await stop();
  });

  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [PROGRAM, ...args], {
      env: {
        ...process.env,
        CALMOPS_HOME: settings.home,
        CALMOPS_PIPELINES: settings.pipelinesFolder,
        CALMOPS_LOGS: settings.logsFolder,
        CALMOPS_TEMPORAL_PORT: String(settings.temporalPort),
      },
    });
  const NAMES = ['--features', 'income,debt', '--classes', 'no,yes'];

  const newest = async (runs: number): Promise<RunSummary> => {
    const found = (await outcomesOf(calmops.pipeline, runs)).at(-1);
    assert.ok(found !== undefined);
    return found;
  };

  test('puts the model in force where there is none, and files are compared with its reference', async () => {
    const forest = await fileOf('old.json', foreignForest(loans('old', 1)));
    const reference = await fileOf('reference.csv', loans('old', 2));
    const { stdout } = await run(
      ...['import', 'loans', '--ml-random-forest', forest, '--reference', reference, ...NAMES],
      ...['--by', 'ada'],
    );
    assert.match(
      stdout,
      /^loans: model [0-9a-f]+ \(accuracy 0\.\d{3} on the reference\) is the champion$/m,
    );
    const { champion } = await calmops.pipeline.query(pipelineModels);
    assert.equal(champion?.by, 'ada');
    assert.equal(champion.why, 'imported from old.json');
    await calmops.drop('january.csv', loans('old', 3));
    const kept = await newest(1);
    assert.equal(kept.outcome, 'kept', kept.reason);
    assert.equal(kept.championId, champion.model.id);
    assert.ok(kept.driftScore !== null && kept.metric !== null);
  });

  test('lets another one run beside the champion, and the gate promotes it on new files', async () => {
    const training = await fileOf('december.csv', loans('new', 4));
    const forest = await fileOf('new.json', foreignForest(loans('new', 4)));
    const reference = await fileOf('reference-new.csv', loans('new', 5));
    const { stdout } = await run(
      ...['import', 'loans', '--ml-random-forest', forest, '--reference', reference, ...NAMES],
      ...['--trained-on', training, '--shadow', '1'],
    );
    assert.match(stdout, /runs beside the champion until both have met 1 file with/);
    await calmops.drop('february.csv', loans('new', 6));
    const promoted = await newest(2);
    assert.equal(promoted.outcome, 'promoted', promoted.reason);
    const { champion } = await calmops.pipeline.query(pipelineModels);
    assert.equal(champion?.model.trainedOn, 'december.csv');
  });

  test('is a parent that retraining goes on from', async () => {
    await calmops.pipeline.executeUpdate(retrain, { args: [{ by: 'ada', why: 'a test' }] });
    const retrained = await newest(3);
    assert.ok(['promoted', 'refused'].includes(retrained.outcome), retrained.reason);
    const report = parseRunReport(await calmops.store.get(retrained.report?.uri ?? ''));
    assert.ok(report.challenger !== null && report.comparison !== null);
    const card = parseModelCard(await calmops.store.get(report.challenger.card.uri));
    assert.equal(card.parent, (await newest(2)).championId);
  });

  test('reads what calmops export writes, which names its columns and classes', async () => {
    const { candidates, previous, champion } = await calmops.pipeline.query(pipelineModels);
    const foreign = [champion, previous].find(
      (each) => each?.model.estimator === 'ml-random-forest',
    );
    assert.ok(foreign !== null && foreign !== undefined);
    const file = path.join(settings.home, 'exported.json');
    await run('export', 'loans', '--model', foreign.model.id, '--ml-random-forest', file);
    const reference = await fileOf('reference-again.csv', loans('new', 7));
    const { stdout } = await run(
      ...['import', 'loans', '--ml-random-forest', file, '--reference', reference, '--shadow', '0'],
    );
    assert.match(stdout, /is kept as a candidate/);
    const { candidates: now } = await calmops.pipeline.query(pipelineModels);
    assert.equal(now.length, candidates.length + 1);
    const { audit } = await calmops.pipeline.query(pipelineStatus);
    assert.equal(audit[0]?.action, 'importModel');
  });

  test('says what is wrong: a model that is there already, a wrong file, no reference', async () => {
    const forest = path.join(settings.home, 'new.json');
    const reference = path.join(settings.home, 'reference-new.csv');
    const trained = ['--trained-on', path.join(settings.home, 'december.csv')];
    const files = ['--ml-random-forest', forest, '--reference', reference, ...NAMES, ...trained];
    await assert.rejects(run('import', 'loans', ...files), {
      code: 1,
      stderr: /was not imported: importModel: the pipeline has model [0-9a-f]+ already/,
    });
    const none = await fileOf('none.json', '{}');
    await assert.rejects(
      run('import', 'loans', ...NAMES, '--ml-random-forest', none, '--reference', reference),
      { code: 1, stderr: /none\.json was not imported: none\.json: .*RFClassifier/ },
    );
    await assert.rejects(run('import', 'loans', '--ml-random-forest', forest), {
      code: 1,
      stderr: /^Name a file of labelled rows with --reference\.\n\nUsage/,
    });
  });
});
