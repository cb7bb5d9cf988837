import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { environmentIn } from '../../test/support/in-process.ts';
import {
  retrainingsIn,
  ROWS,
  type Past,
  type Retrainings,
} from '../../test/support/retrainings.ts';
import type { Dataset } from '../../workflows/contract.ts';
import { compareModels, compareOnFiles, unseenRows } from '../models/compare-models.ts';
import { datasetUri } from './dataset-uri.ts';
import type { Environment } from '../environment.ts';
import { loadTable } from './ingest.ts';
import { cardOf } from '../models/lineage.ts';
import { findSources, labelledBefore, newFileOf } from '../training/training-data.ts';

describe('labels that are sent again, corrected', () => {
  let folder: string;
  let environment: Environment;
  let { history, retrained, record } = {} as Retrainings;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-corrected-'));
    environment = environmentIn(folder);
    ({ history, retrained, record } = retrainingsIn(folder, environment));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('make no new rows of those that a model was trained on', async () => {
    const { past, first, corrected } = await labelledTwice();
    const { challenger: champion } = await retrained({ ...past, newest: first }, 'full');
    const second = { ...past, champion, newest: corrected, sequence: 5 };
    const { challenger } = await retrained(second, 'window');
    const compared = { ...second, dataset: corrected, challenger };
    await assert.rejects(compareModels(compared, environment), {
      name: 'NotEnoughDataError',
      message:
        /model .* was trained on others of them than are held out now, with their earlier labels/,
    });
    await assert.rejects(compareOnFiles({ ...compared, datasets: [corrected] }, environment), {
      name: 'NotEnoughDataError',
    });
    const cards = [await cardOf(champion, environment.store)];
    const table = await loadTable(corrected.ref, environment);
    assert.equal(unseenRows(table, corrected, cards, past.config), null);
  });

  test('are not learned again by a champion that goes on learning', async () => {
    const { past, first, corrected } = await labelledTwice();
    const { challenger: champion } = await retrained({ ...past, newest: first }, 'full');
    const { card } = await retrained({ ...past, champion, newest: corrected }, 'incremental');
    assert.equal(card.mode, 'full');
    assert.match(card.notes?.[0] ?? '', /has already learned from this file/);
  });

  test('take the place of the earlier ones in windows, and their rows are there once', async () => {
    const { past, first, corrected } = await labelledTwice();
    await record(first, 4, past.config);
    await record(corrected, 5, past.config);
    const input = { ...past.input('window'), dataset: first, sequence: 6 };
    const [, second] = past.earlier;
    assert.ok(second !== undefined);
    const names = (found: readonly Dataset[]): readonly string[] =>
      found.map(({ fileName }) => fileName);
    assert.ok(!names(await labelledBefore(input, environment)).includes(corrected.fileName));
    const later = { ...input, dataset: { ...second, sha256: 'b'.repeat(64) } };
    const before = names(await labelledBefore(later, environment));
    assert.ok(before.includes(corrected.fileName) && !before.includes(first.fileName));
    const file = await newFileOf(input, environment);
    const { earlier } = await findSources('window', input, file, environment);
    const rows = earlier.reduce((sum, each) => sum + each.rows, 0);
    assert.equal(rows, 3 * ROWS, 'three other files, and none of the same rows');
  });

  /** The newest file as two files of labels for one earlier file, the later one with other labels. */
  async function labelledTwice(): Promise<{
    readonly past: Past;
    readonly first: Dataset;
    readonly corrected: Dataset;
  }> {
    const past = await history('classes', {});
    const labelsFor = { fileName: 'loans-4.csv', sha256: 'f'.repeat(64) };
    const bytes = await environment.store.get(past.newest.ref.uri);
    const labels = async (fileName: string, sha256: string): Promise<Dataset> => {
      const uri = datasetUri(past.config, sha256, past.newest.ref);
      const ref = await environment.store.put(uri, bytes);
      return { ...past.newest, ref, fileName, sha256, labelsFor };
    };
    const first = await labels('loans-4-labels.csv', 'd'.repeat(64));
    const corrected = await labels('corrected-labels.csv', 'c'.repeat(64));
    return { past, first, corrected };
  }
});
