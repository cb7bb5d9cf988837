import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipelineSchema } from '../pipelines/schema.ts';
import { openLocalStore } from '../store/local-store.ts';
import { summaryHead, type Dataset, type RunReport } from '../workflows/contract.ts';
import { createLightActivities } from './create-light-activities.ts';
import { datasetUri } from './datasets/dataset-uri.ts';
import { earlierDatasets } from './datasets/earlier-datasets.ts';

const config = {
  ...pipelineSchema.parse({ name: 'sales', files: { folder: 'incoming' }, target: 'sold' }),
  hooks: null,
};
const sha256 = 'a'.repeat(64);
const file = {
  ...{ name: 'week-1.csv', path: '/incoming/week-1.csv', sha256, bytes: 10 },
  arrivedAt: '2026-01-01T00:00:00.000Z',
};
const dataset: Dataset = {
  ref: { uri: datasetUri(config, sha256), sha256, bytes: 10 },
  ...{ sha256, fileName: file.name, rows: 5, columns: 2, labelled: true },
  ...{ task: 'classification', taskReason: 'given' },
};

function cancelled(dataset: Dataset | null, finishedAt: string): RunReport {
  return {
    version: 1,
    pipeline: config.name,
    summary: {
      ...summaryHead(config.name, file, 0, 1),
      ...{ finishedAt, outcome: 'cancelled', action: null, reason: 'The run was cancelled.' },
      ...{ rows: null, driftScore: null, metric: null, championId: null, report: null },
    },
    file,
    dataset,
    ...{ drift: null, evaluation: null, decision: null, challenger: null, comparison: null },
    ...{ predictions: null, failure: null },
  };
}

describe('what is recorded of a run', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-light-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('keeps the dataset of one that was cancelled, though its pipeline reports it as well', async () => {
    const store = openLocalStore(folder);
    const { publish } = createLightActivities(store);
    const own = await publish(cancelled(dataset, '2026-01-01T00:01:00.000Z'));
    const second = await publish(cancelled(null, '2026-01-01T00:01:01.000Z'));
    assert.deepEqual(second, own, 'the first report stands');
    const earlier = await earlierDatasets(config, 2, { store, told: [] });
    assert.deepEqual(
      earlier.map((each) => each.dataset.sha256),
      [sha256],
    );
  });
});
