/** What the disk did to the store, met by the running whole. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  pipelineModels,
  pipelineStatus,
  promote,
  type ModelRef,
} from '../../workflows/contract.ts';
import { feederOf, type Feeder } from '../support/file-feeder.ts';
import { startProcesses, watchedPipeline, type WatchedPipeline } from '../support/installation.ts';
import { loans } from '../support/loans.ts';
import { SHOP, shoppers } from '../support/shoppers.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const NAMES = ['falls-back', 'card', 'alone', 'missing'] as const;
/** Their world changes, so that a challenger takes over. */
const OF_LOANS: ReadonlySet<string> = new Set(['falls-back', 'card']);

describe('a champion that is damaged on the disk', { skip }, () => {
  let stop: () => Promise<void>;
  const pipelines = new Map<string, WatchedPipeline>();
  before(async () => {
    const server = temporal as TestTemporal;
    for (const name of NAMES) {
      const yaml = OF_LOANS.has(name) ? { target: 'defaulted' } : SHOP;
      pipelines.set(name, await watchedPipeline(server, { ...yaml, name }));
    }
    ({ stop } = await startProcesses(server, [...pipelines.values()]));
  });
  after(async () => {
    await stop();
    await (temporal as TestTemporal).stop();
  });

  test('is replaced by the model before it, which is said on the run and kept with the pipeline', async () => {
    const { files, pipeline } = watched('falls-back');
    await files.drop('1.csv', loans('old', 1));
    const promoted = await files.drop('2.csv', loans('new', 2));
    assert.equal(promoted.outcome, 'promoted', promoted.reason);
    const { champion, previous } = await pipeline.query(pipelineModels);
    assert.ok(champion !== null && previous !== null);
    const sound = await turnBit(champion.model.artefact.uri);
    const run = await files.drop('3.csv', loans('old', 3));
    assert.equal(run.outcome, 'kept', run.reason);
    assert.equal(run.championId, previous.model.id);
    assert.match(run.reason, /^The champion, model \S+ is damaged: models\/\S+ has sha256/);
    assert.match(run.reason, /back from a backup of the store and promote it again, or have a new/);
    const now = await pipeline.query(pipelineStatus);
    assert.equal(now.champion?.model.id, previous.model.id);
    assert.equal(now.previous, null);
    assert.equal(now.audit[0]?.action, 'fallBack');
    const next = await files.drop('4.csv', loans('old', 4));
    assert.doesNotMatch(next.reason, /damaged/, 'it is said once');

    // The remedy that was told.
    await writeFile(inStore(champion.model.artefact.uri), sound);
    const again = { by: 'ada', why: 'put back', modelId: champion.model.id };
    await pipeline.executeUpdate(promote, { args: [again] });
    const healed = await files.drop('5.csv', loans('new', 5));
    assert.equal(healed.championId, champion.model.id);
    assert.doesNotMatch(healed.reason, /damaged/);
  });

  test('counts as damaged where its card is', async () => {
    const { files, pipeline } = watched('card');
    await files.drop('1.csv', loans('old', 1));
    await files.drop('2.csv', loans('new', 2));
    const { champion, previous } = await pipeline.query(pipelineModels);
    await turnBit(champion?.model.card.uri ?? '');
    const run = await files.drop('3.csv', loans('old', 3));
    assert.ok(run.outcome !== 'failed', run.reason);
    assert.match(run.reason, /card\.json has sha256/);
    assert.ok(run.reason.includes(`Model ${previous?.model.id}, the newest sound one`), run.reason);
  });

  test('is replaced by one that is trained anew where there is no other', async () => {
    const { files, pipeline } = watched('alone');
    await files.drop('1.csv', shoppers(1));
    const { champion } = await pipeline.query(pipelineModels);
    await turnBit(champion?.model.artefact.uri ?? '');
    const run = await files.drop('2.csv', shoppers(2));
    assert.equal(run.outcome, 'trained', run.reason);
    assert.match(run.reason, /No model before it is sound/);
    const now = await pipeline.query(pipelineModels);
    assert.equal(now.champion?.model.trainedOn, '2.csv');
    assert.equal(now.previous, null);
    const next = await files.drop('3.csv', shoppers(3));
    assert.equal(next.outcome, 'kept', next.reason);
    assert.doesNotMatch(next.reason, /damaged/);
  });

  test('can be trained anew from its own file', async () => {
    const { files, pipeline } = watched('missing');
    const first = await files.drop('1.csv', shoppers(1));
    const { champion } = await pipeline.query(pipelineModels);
    const model = champion?.model as ModelRef;
    const sound = await turnBit(model.artefact.uri);
    const run = await files.again(first);
    assert.equal(run.outcome, 'trained', run.reason);
    assert.equal(run.championId, model.id, 'the same data, the same model');
    assert.deepEqual(await readFile(inStore(model.artefact.uri)), sound);
    const kept = await readdir(inStore('.damaged'));
    assert.ok(
      kept.some((name) => name.includes(model.id)),
      'the damaged one is kept aside',
    );
    await rm(inStore(model.card.uri));
    const next = await files.drop('2.csv', shoppers(2));
    assert.equal(next.outcome, 'trained', next.reason);
  });

  function watched(name: (typeof NAMES)[number]): {
    files: Feeder;
    pipeline: WatchedPipeline['pipeline'];
  } {
    const found = pipelines.get(name);
    assert.ok(found !== undefined);
    return { files: feederOf(found), pipeline: found.pipeline };
  }
});

function inStore(uri: string): string {
  return path.join((temporal as TestTemporal).settings.storeFolder, uri);
}

/** Turns one bit in the middle of an artefact. @returns what it was before */
async function turnBit(uri: string): Promise<Uint8Array> {
  const sound = await readFile(inStore(uri));
  const turned = Buffer.from(sound);
  const middle = turned.length >> 1;
  turned.writeUInt8(turned.readUInt8(middle) ^ 1, middle);
  await writeFile(inStore(uri), turned);
  return sound;
}
