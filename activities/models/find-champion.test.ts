import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipelineSchema } from '../../pipelines/schema.ts';
import { computeIn, environmentIn, ingested } from '../../test/support/in-process.ts';
import { loans } from '../../test/support/loans.ts';
import {
  summaryHead,
  type Dataset,
  type LightActivities,
  type ModelRef,
} from '../../workflows/contract.ts';
import { createLightActivities } from '../create-light-activities.ts';
import { trainOnThreads } from '../training/train-on-threads.ts';

const config = {
  ...pipelineSchema.parse({
    ...{ name: 'loans', files: { folder: 'incoming' }, target: 'defaulted' },
    estimator: { kind: 'boosting', iterations: 5 },
  }),
  hooks: null,
};

describe('the champion that the store knows', () => {
  let folder: string;
  let light: Omit<LightActivities, 'notify'>;
  let dataset: Dataset;
  let model: ModelRef;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-champion-'));
    const environment = environmentIn(folder);
    light = createLightActivities(environment.store);
    dataset = await ingested('week-1.csv', loans('old', 1), config, environment);
    const input = { config, dataset, parent: null, mode: 'full', refusal: null } as const;
    const work = { signal: new AbortController().signal, report: () => undefined };
    model = await trainOnThreads(input, computeIn(environment), work);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('is none before the first run', async () => {
    assert.equal(await light.findChampion(config), null);
  });

  test('is the one after the run that ended last, as it was appointed', async () => {
    await ended('2026-01-01T00:00:00.000Z', 0, model.id);
    const found = await light.findChampion(config);
    assert.deepEqual(found?.model, model);
    assert.match(found.why, /week-1\.csv/);
  });

  test('is none for a pipeline of the same name that predicts something else', async () => {
    assert.equal(await light.findChampion({ ...config, target: 'income' }), null);
  });

  test('is none if the last run left none, or its card is gone', async () => {
    await ended('2026-01-02T00:00:00.000Z', 1, null);
    assert.equal(await light.findChampion(config), null);
    await ended('2026-01-03T00:00:00.000Z', 2, 'abc');
    assert.equal(await light.findChampion(config), null);
  });

  async function ended(
    finishedAt: string,
    revision: number,
    championId: string | null,
  ): Promise<void> {
    const { sha256, fileName: name } = dataset;
    const file = { name, sha256, path: `/${name}`, bytes: 1, arrivedAt: finishedAt };
    await light.publish({
      version: 1,
      pipeline: config.name,
      summary: {
        ...summaryHead(config.name, file, revision, revision + 1),
        ...{ finishedAt, outcome: 'kept', action: 'keep', reason: 'a test', rows: 1 },
        ...{ driftScore: null, metric: null, championId, report: null },
      },
      file,
      dataset,
      ...{ drift: null, evaluation: null, decision: null, challenger: null, comparison: null },
      ...{ predictions: null, failure: null },
    });
  }
});
