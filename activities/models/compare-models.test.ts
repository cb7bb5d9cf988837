import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { computeIn, environmentIn, ingested } from '../../test/support/in-process.ts';
import { loans } from '../../test/support/loans.ts';
import type { Dataset, ModelRef } from '../../workflows/contract.ts';
import { compareModels, compareOnFiles } from './compare-models.ts';
import { recordDataset } from '../datasets/earlier-datasets.ts';
import type { Environment } from '../environment.ts';
import { evaluateChampion } from '../examine/evaluate-champion.ts';
import { trainOnThreads } from '../training/train-on-threads.ts';

const yaml = {
  name: 'loans',
  files: { folder: 'incoming' },
  target: 'defaulted',
  estimator: { kind: 'boosting', iterations: 20 },
} as const;

describe('a challenger beside its champion', () => {
  let folder: string;
  let environment: Environment;
  let oldFile: Dataset;
  let newFile: Dataset;
  let champion: ModelRef;
  let challenger: ModelRef;
  const config = configWith({});

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-compare-'));
    environment = environmentIn(folder);
    oldFile = await arrived('old', 1, 1000);
    newFile = await arrived('new', 2, 1000);
    champion = await trained(oldFile, null);
    challenger = await trained(newFile, champion);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('is compared on the rows of its own file that were held out', async () => {
    const comparison = await compareModels(
      { config, dataset: newFile, champion, challenger },
      environment,
    );
    assert.equal(comparison.rows, 300);
    assert.equal(comparison.verdict, 'promote', comparison.reason);
    assert.equal(comparison.test?.name, 'mcnemar');
  });

  test('has to hold on the file before as well, where its own rows leave a doubt', async () => {
    const before = await arrived('old', 11, 200);
    await recorded(before, 3);
    const dataset = await arrived('old', 12, 300);
    const alike = await trained(dataset, champion);
    const compared = { config, champion, challenger: alike, dataset };
    const alone = await compareModels(compared, environment);
    assert.equal(alone.rows, 90);
    assert.notEqual(alone.verdict, 'promote');
    const comparison = await compareModels({ ...compared, sequence: 4 }, environment);
    assert.equal(comparison.rows, 90 + 200);
    assert.notEqual(comparison.verdict, 'promote');
    const first = await compareModels({ ...compared, sequence: 3 }, environment);
    assert.equal(first.rows, 90, 'what comes later is no file before');
  });

  test('takes over at once where its own rows leave none', async () => {
    await recorded(await arrived('new', 13, 400), 5);
    const compared = { config, dataset: newFile, champion, challenger };
    const comparison = await compareModels({ ...compared, sequence: 6 }, environment);
    assert.equal(comparison.rows, 300);
    assert.equal(comparison.verdict, 'promote', comparison.reason);
    assert.match(comparison.reason, /99\.8 % interval/);
  });

  test('is compared on its own file alone where the one before is of another world', async () => {
    await recorded(await arrived('old', 15, 400), 9);
    const dataset = await arrived('new', 17, 120);
    const rival = await trained(dataset, champion);
    const compared = { config, dataset, champion, challenger: rival };
    const comparison = await compareModels({ ...compared, sequence: 10 }, environment);
    assert.equal(comparison.rows, 36);
    assert.equal(comparison.verdict, 'promote', comparison.reason);
    assert.match(comparison.reason, /95 % interval/);
    assert.ok((comparison.test?.pValue ?? 0) > 0.002, 'it would not have passed the first of two');
  });

  test('is compared on its own file alone where the one before was trained on', async () => {
    await recorded(oldFile, 7);
    const dataset = await arrived('old', 14, 300);
    const alike = await trained(dataset, champion);
    const compared = { config, champion, challenger: alike, dataset };
    assert.equal((await compareModels({ ...compared, sequence: 8 }, environment)).rows, 90);
  });

  test('has half of the chance of luck where a second challenger may be tried on the same rows', async () => {
    const twoTries = { ...config, retrain: { ...config.retrain, fallback: 'replay' as const } };
    const compared = { dataset: newFile, champion, challenger };
    const once = await compareModels({ ...compared, config }, environment);
    const ofTwo = await compareModels({ ...compared, config: twoTries }, environment);
    assert.match(ofTwo.reason, /97\.5 % interval/);
    assert.ok(ofTwo.gain.low < once.gain.low, 'the interval is wider');
  });

  test('is compared on all labelled rows of the files that both met, taken together', async () => {
    const datasets = [await arrived('new', 3, 200), await arrived('new', 4, 300)];
    const comparison = await compareOnFiles(
      { config, datasets, champion, challenger },
      environment,
    );
    assert.equal(comparison.rows, 500);
    assert.equal(comparison.verdict, 'promote', comparison.reason);
    const others = { config, datasets: [await arrived('old', 5, 400)], champion, challenger };
    assert.equal((await compareOnFiles(others, environment)).verdict, 'refuse');
  });

  test('is not compared on a file that one of the two was trained on', async () => {
    const input = { config, datasets: [newFile], champion, challenger };
    await assert.rejects(compareOnFiles(input, environment), {
      name: 'NotEnoughDataError',
      message: /was trained on rows of new-2\.csv/,
    });
  });

  test('has to spare the segments that the pipeline names', async () => {
    const datasets = [await arrived('new', 6, 600)];
    const compare = (where: string): ReturnType<typeof compareOnFiles> => {
      const segments = [{ name: 'some', where }];
      return compareOnFiles(
        { config: configWith({ segments }), datasets, champion, challenger },
        environment,
      );
    };
    const spared = await compare('region = north and income > 10');
    assert.equal(spared.verdict, 'promote', spared.reason);
    const [group] = spared.groups ?? [];
    assert.equal(group?.name, 'some');
    assert.ok(group.rows > 100 && group.rows < 250);
    const few = await compare('income > 98');
    assert.equal(few.verdict, 'undecided');
    assert.match(few.reason, /segment some \(\d+ rows are too few to tell/);
    await assert.rejects(compare('town = Rome'), {
      name: 'InvalidPipelineError',
      message: /gate\.segments, 'some': no column 'town'; columns: income, debt/,
    });
  });

  test('that was champion before takes over again on the same proof', async () => {
    const dataset = await arrived('old', 7, 600);
    const after = { champion: challenger, previous: champion };
    const evaluate = async (gate: object): Promise<string> => {
      const input = { config: configWith(gate), dataset, ...after };
      const { previous } = await evaluateChampion(input, environment);
      return previous?.verdict ?? 'not compared';
    };
    assert.equal(await evaluate({}), 'promote');
    assert.equal(await evaluate({ minImprovement: { accuracy: 0.9 } }), 'refuse');
    const segments = [{ name: 'few', where: 'income > 99' }];
    assert.equal(await evaluate({ segments }), 'undecided');
  });

  test('that was champion before is compared on rows that neither was trained on, or not at all', async () => {
    const models = { champion: challenger, previous: champion };
    const again = await evaluateChampion({ config, dataset: oldFile, ...models }, environment);
    assert.equal(again.previous?.rows, 300, 'those held out');
    const otherwise = { ...config, gate: { ...config.gate, holdout: 0.5 } };
    const split = await evaluateChampion(
      { config: otherwise, dataset: oldFile, ...models },
      environment,
    );
    assert.equal(split.previous, null);
  });

  function arrived(world: 'old' | 'new', seed: number, rows: number): Promise<Dataset> {
    return ingested(`${world}-${seed}.csv`, loans(world, seed, { rows }), config, environment);
  }

  function recorded(dataset: Dataset, sequence: number): Promise<void> {
    const at = '2026-01-01T00:00:00.000Z';
    const { sha256, fileName: name } = dataset;
    const file = { sha256, name, path: name, bytes: 1, arrivedAt: at };
    const summary = { sequence, arrivedAt: at, finishedAt: at };
    return recordDataset({ pipeline: config.name, file, dataset, summary }, environment.store);
  }

  function trained(dataset: Dataset, parent: ModelRef | null): Promise<ModelRef> {
    const input = { config, dataset, parent, mode: 'full', refusal: null } as const;
    const work = { signal: new AbortController().signal, report: () => undefined };
    return trainOnThreads(input, computeIn(environment), work);
  }
});

function configWith(gate: object): PipelineConfig {
  return { ...pipelineSchema.parse({ ...yaml, gate }), hooks: null };
}
