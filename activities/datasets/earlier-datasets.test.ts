import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import {
  reportUri,
  runWorkflowId,
  type Dataset,
  type RunReport,
} from '../../workflows/contract.ts';
import { createLightActivities } from '../create-light-activities.ts';
import { datasetUri } from './dataset-uri.ts';
import { earlierDatasets, earlierLabelled, earlierThat } from './earlier-datasets.ts';

describe('the datasets before a run', () => {
  let folder: string;
  let store: ArtefactStore;
  const yaml = { name: 'sales', files: { folder: 'in' }, target: 'price' };
  const config: PipelineConfig = { ...pipelineSchema.parse(yaml), hooks: null };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-earlier-'));
    store = openLocalStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('are all that were processed before it, newest first', async () => {
    await publish('one', 1);
    await publish('two', 2);
    await publish('three', 3);
    assert.deepEqual(await namesBefore(3), ['two', 'one']);
    assert.deepEqual(await namesBefore(1), []);
    assert.deepEqual(await namesBefore(4, 1), ['three'], 'as many as were asked for');
  });

  test('have each dataset once, in the place of its first run', async () => {
    await publish('one', 1);
    await publish('two', 2);
    await publish('one', 3, { revision: 1 });
    assert.deepEqual(await namesBefore(4), ['two', 'one']);
  });

  test('leave out files that could not be read, and what was read in another way', async () => {
    await publish('one', 1);
    await publish('broken', 2, { readable: false });
    assert.deepEqual(await namesBefore(3), ['one']);
    const otherwise = { ...config, files: { ...config.files, format: 'json' as const } };
    assert.deepEqual(await earlierDatasets(otherwise, 3, { store, told: [] }), []);
  });

  test('are those of the pipeline as it is now, after it was started anew', async () => {
    await publish('old one', 1);
    await publish('old two', 2);
    await publish('old three', 3);
    await publish('new one', 1, { day: 2 });
    await publish('new two', 2, { day: 2, readable: false });
    assert.deepEqual(await namesBefore(3), ['new one']);
  });

  test('tell by their names which have labels, so that the others are not read', async () => {
    await publish('one', 1);
    await publish('two', 2, { labelled: false });
    await publish('three', 3, { labelled: false });
    await publish('four', 4);
    const read: string[] = [];
    const watched: ArtefactStore = {
      ...store,
      list: (prefix) => store.list(prefix),
      get: (uri, hash) => {
        read.push(uri);
        return store.get(uri, hash);
      },
    };
    const { datasets, isAll } = await earlierLabelled(config, 5, { store: watched, told: [] });
    assert.deepEqual(
      datasets.map(({ fileName }) => fileName),
      ['four', 'one'],
    );
    assert.deepEqual([read.length, isAll], [2, true]);
    const newest = await earlierLabelled(config, 5, { store: watched, told: [] }, 1);
    assert.deepEqual([newest.datasets.length, newest.isAll, read.length], [1, false, 3]);
  });

  test('are read, when one is looked for, no further back than to where it is', async () => {
    for (let k = 1; k <= 120; k++) await publish(`file ${k}`, k);
    let read = 0;
    const counting: ArtefactStore = {
      ...store,
      get: (uri, hash) => {
        read++;
        return store.get(uri, hash);
      },
    };
    const named = (name: string): Promise<readonly { readonly sequence: number }[]> =>
      earlierThat(
        ({ dataset }) => dataset.fileName === name,
        config,
        121,
        { store: counting, told: [] },
        { most: 1 },
      );
    assert.deepEqual(
      (await named('file 119')).map(({ sequence }) => sequence),
      [119],
    );
    assert.equal(read, 50, 'what is read at the same time, however many came before');
    assert.deepEqual(
      (await named('file 1')).map(({ sequence }) => sequence),
      [1],
    );
    assert.deepEqual(await named('file 0'), []);
  });

  test('are read where an earlier version named them without saying whether they have labels', async () => {
    await publish('one', 1);
    await publish('two', 2, { labelled: false });
    for (const uri of await store.list('arrivals/sales/')) {
      const old = uri.replace(/\.(un)?labelled\.json$/, '.json');
      assert.notEqual(old, uri);
      await store.put(old, await store.get(uri));
      await rm(path.join(folder, uri));
    }
    assert.deepEqual(await namesBefore(3), ['two', 'one']);
    const { datasets } = await earlierLabelled(config, 3, { store, told: [] });
    assert.deepEqual(
      datasets.map(({ fileName }) => fileName),
      ['one'],
    );
  });

  test('stay the same when a report is published twice', async () => {
    await publish('one', 1);
    const before = await store.list('');
    await publish('one', 1);
    assert.deepEqual(await store.list(''), before);
    assert.ok(before.includes(reportUri('sales', sha('one'), 0)));
  });

  async function namesBefore(sequence: number, most?: number): Promise<readonly string[]> {
    const found = await earlierDatasets(config, sequence, { store, told: [] }, most);
    return found.map(({ dataset }) => dataset.fileName);
  }

  async function publish(
    fileName: string,
    sequence: number,
    {
      revision = 0,
      readable = true,
      day = 1,
      labelled = true,
    }: {
      readonly revision?: number;
      readonly readable?: boolean;
      readonly day?: number;
      readonly labelled?: boolean;
    } = {},
  ): Promise<void> {
    const sha256 = sha(fileName);
    const uri = datasetUri(config, sha256);
    const dataset: Dataset = {
      ref: { uri, sha256, bytes: 1 },
      sha256,
      fileName,
      rows: 1,
      columns: 1,
      labelled,
      task: 'regression',
      taskReason: '',
    };
    const at = new Date(Date.UTC(2026, 0, day, 0, 0, sequence)).toISOString();
    const file = { name: fileName, path: fileName, sha256, bytes: 1, arrivedAt: at };
    const report: RunReport = {
      version: 1,
      pipeline: config.name,
      summary: {
        sequence,
        workflowId: runWorkflowId(config.name, sha256, revision),
        fileName,
        path: fileName,
        bytes: 1,
        sha256,
        revision,
        arrivedAt: at,
        finishedAt: at,
        outcome: 'kept',
        action: 'keep',
        reason: '',
        rows: 1,
        driftScore: null,
        metric: null,
        championId: null,
        report: null,
      },
      file,
      dataset: readable ? dataset : null,
      drift: null,
      evaluation: null,
      decision: null,
      challenger: null,
      comparison: null,
      predictions: null,
      failure: null,
    };
    await createLightActivities(store).publish(report);
  }
});

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
