import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { openLocalStore } from '../../store/local-store.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { datasetUri } from '../datasets/dataset-uri.ts';
import { referenceOfRun, type RunReference } from './reference-of-run.ts';

type Reference = PipelineConfig['detection']['reference'];

describe('what a file is compared with', () => {
  let folder: string;
  let store: ArtefactStore;
  const champion = { uri: 'datasets/champion.parquet', sha256: sha('c'), bytes: 1 };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-reference-'));
    store = openLocalStore(folder);
    // Two weeks of daily files from a Monday on.
    for (let day = 1; day <= 14; day++) await arrived(day, `day-${day}.csv`);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('is the data of the champion unless the pipeline says otherwise', async () => {
    assert.deepEqual(await find(undefined), { datasets: [champion], files: null });
    assert.deepEqual(await find({ kind: 'champion' }), { datasets: [champion], files: null });
  });

  test('rolls over the last files before it, oldest first', async () => {
    assert.deepEqual((await find({ kind: 'rolling', files: 2 })).files, [
      'day-13.csv',
      'day-14.csv',
    ]);
    assert.equal((await find({ kind: 'rolling' })).files?.length, 5);
    assert.deepEqual((await find({ kind: 'rolling', files: 2 }, { sequence: 3 })).files, [
      'day-1.csv',
      'day-2.csv',
    ]);
  });

  test('is never the file itself, run again', async () => {
    const again = await find({ kind: 'rolling', files: 2 }, { sha256: sha('14') });
    assert.deepEqual(again.files, ['day-12.csv', 'day-13.csv']);
  });

  test('follows the season of its arrival', async () => {
    const monday = { arrivedAt: '2026-06-15T08:00:00Z' };
    assert.deepEqual((await find({ kind: 'seasonal', period: 'weekday' }, monday)).files, [
      'day-1.csv',
      'day-8.csv',
    ]);
    const one = { kind: 'seasonal', period: 'weekday', files: 1 } as const;
    assert.deepEqual((await find(one, monday)).files, ['day-8.csv']);
    const july = { arrivedAt: '2026-07-15T08:00:00Z' };
    assert.equal((await find({ kind: 'seasonal', period: 'month' }, july)).files, null);
    assert.equal((await find({ kind: 'seasonal', period: 'hour' }, monday)).files?.length, 4);
  });

  test('is the named file once that was processed', async () => {
    assert.deepEqual((await find({ kind: 'file', file: 'day-3.csv' })).files, ['day-3.csv']);
    assert.deepEqual((await find({ kind: 'file', file: sha('4') })).files, ['day-4.csv']);
    assert.equal((await find({ kind: 'file', file: 'day-3.csv' }, { sequence: 2 })).files, null);
  });

  function configOf(reference: Reference): PipelineConfig {
    const yaml = { name: 'daily', files: { folder: 'incoming' }, target: 'y' };
    const config = { ...pipelineSchema.parse(yaml), hooks: null };
    return { ...config, detection: { ...config.detection, reference } };
  }

  function find(
    reference: Reference,
    asked: { sequence?: number; sha256?: string; arrivedAt?: string } = {},
  ): Promise<RunReference> {
    const { sequence = 15, sha256 = sha('new'), arrivedAt } = asked;
    const run = { dataset: { sha256 }, reference: { reference: champion }, sequence, arrivedAt };
    return referenceOfRun({ config: configOf(reference), ...run }, { store, told: [] });
  }

  async function arrived(day: number, fileName: string): Promise<void> {
    const sha256 = sha(String(day));
    const arrivedAt = new Date(Date.UTC(2026, 5, day, 8)).toISOString();
    const uri = datasetUri(configOf(undefined), sha256);
    const dataset = {
      ref: { uri, sha256, bytes: 1 },
      sha256,
      fileName,
      rows: 10,
      columns: 2,
      labelled: true,
      task: null,
      taskReason: 'given',
    };
    const file = uri.replace(/^datasets\//, '').replace(/\.parquet$/, '');
    const position = `${String(day).padStart(9, '0')}.${Date.parse(arrivedAt)}`;
    const entry = new TextEncoder().encode(JSON.stringify({ dataset, sequence: day, arrivedAt }));
    await store.put(`arrivals/daily/${position}.${file}.json`, entry);
  }
});

function sha(of: string): string {
  return of.padStart(64, '0').replaceAll(/[^0-9a-f]/g, 'e');
}
