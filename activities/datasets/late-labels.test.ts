import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { createRandom } from '../../core/random.ts';
import { hashFile } from '../../data/hash-file.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { getJson } from '../../store/json.ts';
import { computeIn, environmentIn } from '../../test/support/in-process.ts';
import {
  sequelsPrefix,
  summaryHead,
  type Dataset,
  type DatasetFile,
  type ModelRef,
  type RunReport,
} from '../../workflows/contract.ts';
import { createLightActivities } from '../create-light-activities.ts';
import { earlierDatasets } from './earlier-datasets.ts';
import type { Environment } from '../environment.ts';
import { ingest, loadTable } from './ingest.ts';
import { scorePredictions } from './late-labels.ts';
import { predict } from '../models/predict.ts';
import { trainOnThreads } from '../training/train-on-threads.ts';

/** Sales, of which the price says most; the class is a function of it, but for one in ten. */
function sales(
  rows: number,
  seed: number,
): { readonly ids: string[]; readonly prices: number[]; readonly sold: string[] } {
  const random = createRandom(seed);
  const prices = Array.from({ length: rows }, () => Math.round(1000 * random()) / 10);
  return {
    ids: prices.map((_, i) => `s${seed}-${i}`),
    prices,
    sold: prices.map((price) => (price > 50 === random() < 0.9 ? 'yes' : 'no')),
  };
}

const toldSchema = z.object({ kind: z.string(), by: z.object({ fileName: z.string() }) });

const accuracy = { name: 'accuracy', value: 0.9, low: 0.8, high: 1 } as const;
const evaluation = { rows: 1, primary: accuracy, metrics: {}, loss: { mean: 0, variance: 0 } };
const SCORED: RunReport['evaluation'] = {
  champion: { current: evaluation, baseline: evaluation, pValue: 1, drop: 0, breached: [] },
  previous: null,
};

describe('labels that come late', () => {
  let folder: string;
  let environment: Environment;
  let champion: ModelRef | null = null;
  let unlabelled: Dataset;
  const revisions = new Map<string, number>();
  const later = sales(300, 2);
  const config: PipelineConfig = {
    ...pipelineSchema.parse({
      name: 'sales',
      files: { folder: 'incoming' },
      target: 'sold',
      ignore: ['id'],
      estimator: { kind: 'boosting', iterations: 20 },
      labels: { suffix: '-labels', key: 'id' },
    }),
    hooks: null,
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-late-'));
    environment = environmentIn(folder);
    const first = sales(500, 1);
    const training = first.ids.map((id, i) => [id, first.prices[i], first.sold[i]]);
    const dataset = await arrive('first.csv', ['id', 'price', 'sold'], training, 1);
    const input = { config, dataset, parent: null, mode: 'full', refusal: null } as const;
    const work = { signal: new AbortController().signal, report: () => undefined };
    champion = await trainOnThreads(input, computeIn(environment), work);
    const rows = later.ids.map((id, i) => [id, later.prices[i]]);
    unlabelled = await arrive('week-2.csv', ['id', 'price'], rows, 2, champion);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('make the earlier file a labelled one, row by row by their key', async () => {
    const known = later.ids.map((id, i) => [id, later.sold[i]]).slice(0, 200);
    const dataset = await arrive('week-2-labels.csv', ['id', 'sold'], known.reverse(), 3);
    assert.deepEqual(dataset.labelsFor, { fileName: 'week-2.csv', sha256: unlabelled.sha256 });
    assert.equal(dataset.labelled, true);
    assert.equal(dataset.rows, 300);
    const table = await loadTable(dataset.ref, environment);
    assert.deepEqual(
      table.columns.map(({ name }) => name),
      ['id', 'price', 'sold'],
    );
    const sold = table.columns[2];
    assert.ok(sold?.kind === 'categorical');
    const said = [...sold.codes].map((code) => sold.dictionary[code]);
    assert.deepEqual(said.slice(0, 200), later.sold.slice(0, 200));
    assert.ok(said.slice(200).every((label) => label === undefined));
  });

  test('tell how good the predictions had been, by the model that made them', async () => {
    const known = later.ids.map((id, i) => [id, later.sold[i]]);
    const dataset = await arrive('week-2-labels.csv', ['id', 'sold'], known, 4);
    const late = await scorePredictions({ config, dataset }, environment);
    assert.ok(late !== null);
    assert.equal(late.modelId, champion?.id);
    assert.equal(late.evaluation.rows, 300);
    const { value } = late.evaluation.primary;
    assert.ok(value > 0.8 && value < 0.97, String(value));
  });

  test('belong to a newer file of the same name once that came, with the same bytes too', async () => {
    const known = later.ids.map((id, i) => [id, later.sold[i]]).slice(0, 50);
    const first = await arrive('week-2-labels.csv', ['id', 'sold'], known, 8);
    const rows = later.ids.map((id, i) => [id, later.prices[i]]).slice(0, 100);
    const newer = await arrive('week-2.csv', ['id', 'price'], rows, 9);
    const again = await arrive('week-2-labels.csv', ['id', 'sold'], known, 10);
    assert.deepEqual([first.rows, again.rows], [300, 100]);
    assert.deepEqual(again.labelsFor, { fileName: 'week-2.csv', sha256: newer.sha256 });
    const earlier = await earlierDatasets(config, 11, environment);
    assert.equal(earlier.filter(({ dataset }) => dataset.sha256 === again.sha256).length, 2);
  });

  test('for a file that has not come wait for it, and are joined when it comes', async () => {
    const early = later.ids.map((id, i) => [id, later.sold[i]]).slice(0, 120);
    const waiting = await arrive('week-5-labels.csv', ['id', 'sold'], early, 20);
    assert.equal(waiting.waitsFor, 'week-5');
    assert.equal(waiting.labelled, false);
    const before = await earlierDatasets(config, 21, environment);
    assert.ok(!before.some(({ dataset }) => dataset.sha256 === waiting.sha256), 'it is no data');

    await rm(path.join(folder, 'week-5-labels.csv'));
    const rows = later.ids.map((id, i) => [id, later.prices[i]]).slice(0, 150);
    const joined = await arrive('week-5.csv', ['id', 'price'], rows, 21, champion);
    assert.deepEqual(joined.labelsFrom, {
      fileName: 'week-5-labels.csv',
      sha256: waiting.sha256,
      revision: 0,
    });
    assert.equal(joined.labelled, true);
    assert.equal((await loadTable(joined.ref, environment)).columns.length, 3);
    assert.deepEqual(await sequelsOf(waiting.sha256), ['joined by week-5.csv']);

    const again = await arrive('week-5.csv', ['id', 'price'], rows, 22);
    assert.deepEqual(again, joined, 'a file that is run again is given the same');

    const next = rows.slice(0, 140);
    const other = await arrive('week-5.csv', ['id', 'price'], next, 23);
    assert.equal(other.labelled, false, 'labels are taken once: these may be of other rows');
  });

  test('of others wait on; the file that they do not fit is not to blame', async () => {
    await arrive('week-6-labels.csv', ['id', 'sold'], [['x', 'yes']], 30);
    const rows = later.ids.map((id, i) => [id, later.prices[i]]).slice(0, 160);
    const dataset = await arrive('week-6.csv', ['id', 'price'], rows, 31);
    assert.equal(dataset.labelled, false);
    assert.match(dataset.labelsUnfit ?? '', /^week-6-labels\.csv: none of the 1 labels has a 'id'/);
  });

  test('that are sent again, corrected, tell anew how good the predictions had been', async () => {
    const rows = later.ids.map((id, i) => [id, later.prices[i]]).slice(0, 170);
    const data = await arrive('week-7.csv', ['id', 'price'], rows, 40, champion);
    const said = later.ids.map((id, i) => [id, later.sold[i]]).slice(0, 170);
    const first = await arrive('week-7-labels.csv', ['id', 'sold'], said, 41);
    const turned = said.map(([id, sold]) => [id, sold === 'yes' ? 'no' : 'yes']);
    const second = await arrive('week-7-labels.csv', ['id', 'sold'], turned, 42);
    const [before, after] = await Promise.all(
      [first, second].map((dataset) => scorePredictions({ config, dataset }, environment)),
    );
    assert.ok(before !== undefined && before !== null && after !== undefined && after !== null);
    const sum = before.evaluation.primary.value + after.evaluation.primary.value;
    assert.ok(Math.abs(sum - 1) < 1e-12, 'every error is none now');
    assert.deepEqual(await sequelsOf(data.sha256), [
      'labelled by week-7-labels.csv',
      'labelled by week-7-labels.csv',
    ]);
  });

  test('corrected after they had waited are held against the champion that their file met', async () => {
    const said = later.ids.map((id, i) => [id, later.sold[i]]).slice(0, 180);
    await arrive('week-8-labels.csv', ['id', 'sold'], said, 50);
    const rows = later.ids.map((id, i) => [id, later.prices[i]]).slice(0, 180);
    const data = await arrive('week-8.csv', ['id', 'price'], rows, 51);
    assert.equal(data.labelled, true);
    const corrected = await arrive('week-8-labels.csv', ['id', 'sold'], said.slice(10), 52);
    assert.equal(corrected.labelsFor?.sha256, data.sha256);
    const late = await scorePredictions({ config, dataset: corrected }, environment);
    assert.ok(late !== null);
    assert.equal(late.modelId, champion?.id);
    assert.equal(late.evaluation.rows, 170);
  });

  test('without the key or without a label are invalid, whether or not their file is there', async () => {
    for (const name of ['week-2-labels.csv', 'week-9-labels.csv']) {
      await assert.rejects(arrive(name, ['no', 'sold'], [['s2-1', 'yes']], 6), {
        name: 'InvalidDatasetError',
        message: /no column 'id'; columns: no, sold/,
      });
    }
    await assert.rejects(arrive('week-9-labels.csv', ['id', 'sold'], [['s2-1', '']], 7), {
      name: 'InvalidDatasetError',
      message: /none of the 1 labels has both a 'id' and a value in 'sold'/,
    });
    await assert.rejects(arrive('week-2-labels.csv', ['id', 'sold'], [['x', 'yes']], 7), {
      name: 'InvalidDatasetError',
      message: /none of the 1 labels has a 'id' of the 300 rows/,
    });
  });

  /** What became known of the run of a file later, in order. */
  async function sequelsOf(sha256: string): Promise<readonly string[]> {
    const uris = await environment.store.list(sequelsPrefix(config.name, sha256, 0));
    const told = await Promise.all(uris.map((uri) => getJson(environment.store, uri, toldSchema)));
    return told.map(({ kind, by }) => `${kind} by ${by.fileName}`);
  }

  /** Ingests a file, has it predicted if there is a model to do so, and publishes its run. */
  async function arrive(
    name: string,
    header: readonly string[],
    rows: readonly (readonly unknown[])[],
    sequence: number,
    model: ModelRef | null = null,
  ): Promise<Dataset> {
    const at = path.join(folder, name);
    await writeFile(at, [header, ...rows].map((row) => `${row.join(',')}\n`).join(''));
    const file = { name, path: at, arrivedAt: '2026-01-01T00:00:00.000Z', ...(await hashFile(at)) };
    const dataset = await ingest({ config, file, sequence }, environment);
    const predictions =
      model === null ? null : await predict({ config, dataset, champion: model }, environment);
    const late = await scorePredictions({ config, dataset }, environment);
    await createLightActivities(environment.store).publish({
      ...reportOf(file, dataset, sequence, predictions, model?.id ?? null),
      ...(late !== null && { late }),
    });
    return dataset;
  }

  /** As the pipeline counts them: 0 for the first run of a file. */
  function revisionOf({ sha256 }: DatasetFile): number {
    const revision = revisions.get(sha256) ?? 0;
    revisions.set(sha256, revision + 1);
    return revision;
  }

  function reportOf(
    file: DatasetFile,
    dataset: Dataset,
    sequence: number,
    predictions: RunReport['predictions'],
    championId: string | null,
  ): RunReport {
    const nothing = { drift: null, evaluation: null, decision: null, challenger: null };
    return {
      version: 1,
      pipeline: config.name,
      summary: {
        ...summaryHead(config.name, file, revisionOf(file), sequence),
        finishedAt: new Date(Date.UTC(2026, 0, 1, 1, sequence)).toISOString(),
        ...{ outcome: 'predicted', action: 'predict' },
        ...{ reason: 'a test', rows: dataset.rows, driftScore: null, metric: null, championId },
        report: null,
      },
      file,
      dataset,
      ...nothing,
      champion,
      // Where there are labels, the champion was scored.
      ...(dataset.labelled && { evaluation: SCORED }),
      comparison: null,
      predictions,
      failure: null,
    };
  }
});
