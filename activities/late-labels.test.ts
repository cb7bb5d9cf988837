import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRandom } from '../core/random.ts';
import { hashFile } from '../data/hash-file.ts';
import { pipelineSchema, type PipelineConfig } from '../pipelines/schema.ts';
import { computeIn, environmentIn } from '../test/support/in-process.ts';
import {
  summaryHead,
  type Dataset,
  type DatasetFile,
  type ModelRef,
  type RunReport,
} from '../workflows/contract.ts';
import { createLightActivities } from './create-light-activities.ts';
import { earlierDatasets } from './earlier-datasets.ts';
import type { Environment } from './environment.ts';
import { ingest, loadTable } from './ingest.ts';
import { scorePredictions } from './late-labels.ts';
import { predict } from './predict.ts';
import { trainOnThreads } from './train-on-threads.ts';

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

describe('labels that come late', () => {
  let folder: string;
  let environment: Environment;
  let champion: ModelRef;
  let unlabelled: Dataset;
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
    assert.equal(late?.modelId, champion.id);
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
    const earlier = await earlierDatasets(config, 11, environment.store);
    assert.equal(earlier.filter(({ dataset }) => dataset.sha256 === again.sha256).length, 2);
  });

  test('for a file that nobody knows are invalid, and so are labels without the key', async () => {
    await assert.rejects(arrive('week-9-labels.csv', ['id', 'sold'], [['s2-1', 'yes']], 5), {
      name: 'InvalidDatasetError',
      message: /labels for 'week-9', but no file of that name without labels was read before/,
    });
    await assert.rejects(arrive('week-2-labels.csv', ['no', 'sold'], [['s2-1', 'yes']], 6), {
      name: 'InvalidDatasetError',
      message: /no column 'id'; columns: no, sold/,
    });
    await assert.rejects(arrive('week-2-labels.csv', ['id', 'sold'], [['x', 'yes']], 7), {
      name: 'InvalidDatasetError',
      message: /none of the 1 labels has a 'id' of the 300 rows/,
    });
  });

  /** Ingests a file, has it predicted if there is a model to do so, and publishes its run. */
  async function arrive(
    name: string,
    header: readonly string[],
    rows: readonly (readonly unknown[])[],
    sequence: number,
    model?: ModelRef,
  ): Promise<Dataset> {
    const at = path.join(folder, name);
    await writeFile(at, [header, ...rows].map((row) => `${row.join(',')}\n`).join(''));
    const file = { name, path: at, arrivedAt: '2026-01-01T00:00:00.000Z', ...(await hashFile(at)) };
    const dataset = await ingest({ config, file, sequence }, environment);
    const predictions =
      model === undefined ? null : await predict({ config, dataset, champion: model }, environment);
    await createLightActivities(environment.store).publish(
      reportOf(file, dataset, sequence, predictions, model?.id ?? null),
    );
    return dataset;
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
        ...summaryHead(config.name, file, 0, sequence),
        ...{ finishedAt: '2026-01-01T01:00:00.000Z', outcome: 'predicted', action: 'predict' },
        ...{ reason: 'a test', rows: dataset.rows, driftScore: null, metric: null, championId },
        report: null,
      },
      file,
      dataset,
      ...nothing,
      comparison: null,
      predictions,
      failure: null,
    };
  }
});
