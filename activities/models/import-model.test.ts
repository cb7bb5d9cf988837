import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadModel } from '../../core/models/artefact/artefact.ts';
import { hashFile } from '../../data/hash-file.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { parseModelCard } from '../../store/model-card.ts';
import { environmentIn } from '../../test/support/in-process.ts';
import { foreignForest } from '../../test/support/foreign-forest.ts';
import { loans } from '../../test/support/loans.ts';
import type { DatasetFile } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { heldOutRows } from './held-out.ts';
import { importModel, type ModelToImport } from './import-model.ts';

describe('importing a forest that was trained elsewhere', () => {
  let folder: string;
  let environment: Environment;
  let wanted: ModelToImport;
  const config: PipelineConfig = {
    ...pipelineSchema.parse({
      name: 'loans',
      files: { folder: 'incoming' },
      target: 'defaulted',
    }),
    hooks: null,
  };

  async function fileOf(name: string, content: string): Promise<DatasetFile> {
    const file = path.join(folder, name);
    await writeFile(file, content);
    return { name, path: file, arrivedAt: '2026-01-01T00:00:00.000Z', ...(await hashFile(file)) };
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-import-'));
    environment = environmentIn(folder);
    const training = loans('old', 1);
    wanted = {
      config,
      forest: { fileName: 'forest.json', bytes: foreignForest(training) },
      reference: await fileOf('february.csv', loans('old', 2)),
      trainedOn: [await fileOf('january.csv', training)],
      features: ['income', 'debt'],
      classes: ['no', 'yes'],
    };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('stores it as training would have, scored on rows that it has not seen', async () => {
    const model = await importModel(wanted, environment);
    assert.equal(model.estimator, 'ml-random-forest');
    assert.equal(model.trainedOn, 'january.csv');
    assert.ok(model.score.value > 0.75, `accuracy ${model.score.value}`);
    const { store } = environment;
    const card = parseModelCard(await store.get(model.card.uri, model.card.sha256));
    assert.equal(card.imported?.fileName, 'forest.json');
    assert.deepEqual(card.trainedOn, {
      sha256: wanted.reference.sha256,
      fileName: 'february.csv',
      dataset: model.reference,
      rows: 0,
      holdoutRows: 400,
    });
    assert.deepEqual(
      card.knows?.map(({ fileName, rows, part }) => [fileName, rows, part]),
      [['january.csv', 400, 'all rows']],
    );
    const stored = loadModel(await store.get(model.artefact.uri, model.artefact.sha256));
    assert.deepEqual(stored.schema.classes, ['no', 'yes']);
  });

  test('makes the whole reference the rows that were held out', async () => {
    const { card } = await importModel(wanted, environment);
    const parsed = parseModelCard(await environment.store.get(card.uri));
    assert.equal((await heldOutRows(parsed, config, environment))?.rows, 400);
  });

  test('gives the same model the same id', async () => {
    assert.equal(
      (await importModel(wanted, environment)).id,
      (await importModel(wanted, environment)).id,
    );
  });

  const refusals: readonly (readonly [string, (model: ModelToImport) => unknown, RegExp])[] = [
    [
      'that is to be scored on what it was trained on',
      (model) => ({ ...model, reference: model.trainedOn[0] }),
      /january\.csv is among the files that it was trained on/,
    ],
    [
      'whose columns are not named',
      (model) => ({ ...model, features: undefined }),
      /forest\.json: it does not name its columns/,
    ],
    [
      'with a column that the reference does not have',
      (model) => ({ ...model, features: ['income', 'height'] }),
      /forest\.json: .*height/,
    ],
    [
      'with a column of categories',
      (model) => ({ ...model, features: ['income', 'region'] }),
      /region/,
    ],
    [
      'whose classes nobody names',
      (model) => ({ ...model, classes: undefined }),
      /which classes its labels 0, 1, … are.*no, yes/,
    ],
    [
      'that is no JSON',
      (model) => ({ ...model, forest: { fileName: 'forest.json', bytes: Buffer.from('{') } }),
      /forest\.json is not the JSON of an ml-random-forest/,
    ],
    [
      'that is other JSON',
      (model) => ({ ...model, forest: { fileName: 'forest.json', bytes: Buffer.from('{}') } }),
      /RFClassifier/,
    ],
    [
      'that predicts another target',
      (model) => ({
        ...model,
        forest: {
          fileName: 'forest.json',
          bytes: Buffer.from('{"calmops":{"target":"x","features":["income"],"classes":[]}}'),
        },
      }),
      /it predicts 'x', the pipeline predicts 'defaulted'/,
    ],
  ];
  for (const [what, change, reason] of refusals) {
    test(`refuses one ${what}`, async () => {
      await assert.rejects(importModel(change(wanted) as ModelToImport, environment), {
        message: reason,
      });
    });
  }

  test('refuses a reference without labels', async () => {
    const reference = await fileOf('unlabelled.csv', loans('old', 3, { target: false }));
    await assert.rejects(importModel({ ...wanted, reference }, environment), /has no labels/);
  });
});
