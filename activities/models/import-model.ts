import { createHash } from 'node:crypto';
import { z } from 'zod';
import { importMlRandomForest } from '../../core/models/ml-random-forest/ml-random-forest.ts';
import type { Model, ModelSchema, Task } from '../../core/models/model.ts';
import { classesOf, labelledRows } from '../../core/models/metrics/outcomes.ts';
import { takeRows, type Table } from '../../core/table.ts';
import { InvalidDatasetError } from '../../data/invalid-dataset.ts';
import { readDataset } from '../../data/read-dataset.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { putJson } from '../../store/json.ts';
import type { ModelCard } from '../../store/model-card.ts';
import type { Dataset, DatasetFile, ModelRef } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { SchemaMismatchError, type Environment } from '../environment.ts';
import { ingest, loadTable } from '../datasets/ingest.ts';
import type { KnownDataset } from './lineage.ts';
import { modelRefOf } from './model-ref.ts';
import { evaluateScored, scoreOn } from './scoring.ts';

/** A forest that was trained elsewhere, and what it is to be measured on. */
export interface ModelToImport {
  readonly config: PipelineConfig;
  /** of the package ml-random-forest: the `toJSON` of its classifier or regression */
  readonly forest: { readonly fileName: string; readonly bytes: Uint8Array };
  /** labelled rows that the forest was not trained on: what it scores, and what later files are compared with */
  readonly reference: DatasetFile;
  /** files that it was trained on, as far as they are known: it is never compared on them */
  readonly trainedOn: readonly DatasetFile[];
  /** names of its columns, in their order; absent: the file names them under `calmops` */
  readonly features?: readonly string[] | undefined;
  /** its labels 0, 1, 2, …, in this order; absent: named in the file, or the numbers themselves */
  readonly classes?: readonly string[] | undefined;
}

/**
 * Puts a forest that was trained elsewhere into the store, as training would have: artefact, card, its score on the
 * reference, which takes the place of rows that were held out.
 * @throws InvalidDatasetError if the reference has no labels
 * @throws SchemaMismatchError if the forest is not sound, or does not fit the reference's columns or outcomes
 */
export async function importModel(
  imported: ModelToImport,
  environment: Environment,
): Promise<ModelRef> {
  const { config, reference, trainedOn } = imported;
  if (trainedOn.some(({ sha256 }) => sha256 === reference.sha256)) {
    throw new InvalidDatasetError(
      `${reference.name} is among the files that it was trained on: how good it is shows only on rows that it has not seen`,
    );
  }
  const dataset = await ingest({ config, file: reference }, environment);
  const { task } = dataset;
  if (!dataset.labelled || task === null) {
    throw new InvalidDatasetError(
      `${reference.name} has no labels in '${config.target}': nothing tells how good the model is`,
    );
  }
  const table = await loadTable(dataset.ref, environment);
  const model = modelOf(imported, table, task);
  const labelled = takeRows(table, labelledRows(table, config.target));
  const baseline = evaluateScored(scoreOn(model, labelled), config, { task });
  const bytes = model.toBytes();
  const id = digestOf([hashOf(bytes), dataset.ref.sha256, config, environment.codeVersion]);
  const { store } = environment;
  const artefact = await store.put(`models/${id}/model.bin`, bytes);
  const knows = await knownDatasets(imported, environment);
  const card: ModelCard = {
    ...origin(imported, dataset, labelled.rows),
    version: 1,
    id,
    pipeline: config.name,
    estimator: { kind: model.estimator },
    task,
    target: config.target,
    features: model.schema.features.map(({ name, kind }) => ({ name, kind })),
    classes: [...model.schema.classes],
    knows,
    seed: config.seed,
    codeVersion: environment.codeVersion,
    createdAt: new Date().toISOString(),
    score: baseline.primary,
    baseline,
    artefact,
  };
  return modelRefOf(card, await putJson(store, `models/${id}/card.json`, card));
}

function origin(
  { forest }: ModelToImport,
  { sha256, fileName, ref }: Dataset,
  rows: number,
): Pick<ModelCard, 'imported' | 'trainedOn' | 'parent' | 'mode'> {
  return {
    imported: { fileName: forest.fileName, sha256: hashOf(forest.bytes) },
    trainedOn: { sha256, fileName, dataset: ref, rows: 0, holdoutRows: rows },
    parent: null,
    mode: 'import',
  };
}

async function knownDatasets(
  { config, trainedOn }: ModelToImport,
  { scratchFolder }: Environment,
): Promise<KnownDataset[]> {
  const known: KnownDataset[] = [];
  for (const { name: fileName, path, sha256, bytes } of trainedOn) {
    const { rows } = await readDataset(path, {
      format: config.files.format,
      csv: config.files.csv,
      expected: { sha256, bytes },
      scratchFolder,
    });
    known.push({ sha256, fileName, rows, part: 'all rows', split: null });
  }
  return known;
}

/** What `calmops export` adds to the package's JSON. */
const namedSchema = z.object({
  calmops: z
    .object({
      target: z.string(),
      features: z.array(z.string()).min(1),
      classes: z.array(z.string()),
    })
    .optional(),
});

function modelOf(imported: ModelToImport, table: Table, task: Task): Model {
  const { forest, config } = imported;
  try {
    const json: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(forest.bytes),
    );
    const { calmops } = namedSchema.parse(json);
    if (calmops !== undefined && calmops.target !== config.target) {
      throw new RangeError(
        `it predicts '${calmops.target}', the pipeline predicts '${config.target}'`,
      );
    }
    const features = imported.features ?? calmops?.features;
    if (features === undefined) {
      throw new RangeError('it does not name its columns: name them, in their order');
    }
    const schema: ModelSchema = {
      target: config.target,
      task,
      features: features.map((name) => ({ kind: 'numeric', name })),
      classes:
        task === 'regression'
          ? []
          : (imported.classes ?? calmops?.classes ?? indices(table, config)),
    };
    return importMlRandomForest(json, table, schema);
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof TypeError) {
      throw new SchemaMismatchError(
        `${forest.fileName} is not the JSON of an ml-random-forest: ${error instanceof z.ZodError ? z.prettifyError(error) : error.message}`,
        { cause: error },
      );
    }
    if (!(error instanceof RangeError)) throw error;
    throw new SchemaMismatchError(`${forest.fileName}: ${error.message}`, { cause: error });
  }
}

/** Where the outcomes of the reference are 0, 1, 2, …, the package's labels are these themselves. */
function indices(table: Table, { target }: PipelineConfig): readonly string[] {
  const classes = classesOf(table, target, labelledRows(table, target));
  if (classes.every((name, k) => name === String(k))) return classes;
  throw new RangeError(
    `it does not say which classes its labels 0, 1, … are: name them, in this order (the reference has ${classes.join(', ')})`,
  );
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
