import { learnSchema } from '../core/models/encoder.ts';
import { fitModel } from '../core/models/fit.ts';
import { growTrees as grow, type TreeChunk } from '../core/models/forest/chunk.ts';
import { assembleForest } from '../core/models/forest/forest.ts';
import { prepareForest, type TrainingSet } from '../core/models/forest/training-set.ts';
import type { ModelSchema, Task } from '../core/models/model.ts';
import { inferTask } from '../core/models/task.ts';
import { takeRows, type Table } from '../core/table.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { putJson } from '../store/json.ts';
import type { ModelCard } from '../store/model-card.ts';
import type { ComputeActivities, ModelRef } from '../workflows/contract.ts';
import { digestOf } from './digest.ts';
import { InvalidPipelineError, NotEnoughDataError, type Environment } from './environment.ts';
import { splitRows } from './holdout.ts';
import { loadTable } from './ingest.ts';
import { openModel } from './models.ts';
import { evaluateScored, scoreOn } from './scoring.ts';
import { trainByHook, trainsByHook } from './train-by-hook.ts';

export type TrainInput = Parameters<ComputeActivities['train']>[0];

/** Training data ready to grow trees from, or, where the estimator does not grow trees, the model itself. */
export type Prepared = ForestData | { readonly kind: 'fitted'; readonly model: Uint8Array };

interface ForestData {
  readonly kind: 'forest';
  readonly set: TrainingSet;
  readonly trees: number;
  /** names the training in its checkpoints */
  readonly training: string;
  /** what earlier attempts at this training left */
  readonly grown: readonly TreeChunk[];
}

export type Trained =
  | { readonly kind: 'forest'; readonly set: TrainingSet; readonly chunks: readonly TreeChunk[] }
  | { readonly kind: 'fitted'; readonly model: Uint8Array };

/**
 * Splits off the rows to compare on, learns the schema from the others, and brings them into the form that
 * the estimator trains on.
 * @throws NotEnoughDataError, InvalidPipelineError
 */
export async function prepareTraining(
  input: TrainInput,
  environment: Environment,
): Promise<Prepared> {
  const { config, dataset, parent } = input;
  const table = await loadTable(dataset.ref, environment);
  const task = taskOf(table, input);
  const { train } = splitRows(table, config, task);
  if (train.length < config.retrain.minRows) {
    throw new NotEnoughDataError(
      `${dataset.fileName} leaves ${train.length} rows to train on, the pipeline asks for at least ${config.retrain.minRows} (retrain.minRows)`,
    );
  }
  const schema = schemaOf(table, train, config, task);
  if (trainsByHook(input)) {
    const champion = parent === null ? null : await openModel(parent, config, environment.store);
    const model = await trainByHook(takeRows(table, train), schema, input, champion);
    return { kind: 'fitted', model: model.toBytes() };
  }
  const data = estimatorData(table, train, schema, config);
  if (data.kind === 'fitted') return data;
  const training = modelId(input, environment.codeVersion);
  return { ...data, training, grown: await environment.checkpoints.read(training) };
}

function estimatorData(
  table: Table,
  train: Int32Array,
  schema: ModelSchema,
  { estimator, seed }: PipelineConfig,
): Extract<Prepared, { kind: 'fitted' }> | Omit<ForestData, 'training' | 'grown'> {
  if (estimator.kind === 'hooks') throw new Error('a hook trains, and it was not asked');
  try {
    if (estimator.kind !== 'forest') {
      return { kind: 'fitted', model: fitModel(table, train, schema, estimator, seed).toBytes() };
    }
    const set = prepareForest(table, train, schema, estimator, seed);
    return { kind: 'forest', set, trees: estimator.trees };
  } catch (error) {
    // The same data and parameters would be refused again.
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidPipelineError(error.message, { cause: error });
  }
}

/** Grows some of a forest's trees, and keeps them for a later attempt if that took long. */
export async function growTrees(
  {
    set,
    training,
    first,
    count,
  }: {
    readonly set: TrainingSet;
    readonly training: string;
    readonly first: number;
    readonly count: number;
  },
  { checkpoints }: Pick<Environment, 'checkpoints'>,
): Promise<TreeChunk> {
  const startedAt = performance.now();
  const chunk = grow(set, first, count);
  await checkpoints.keep(training, chunk, performance.now() - startedAt);
  return chunk;
}

/** Assembles the model, scores it on the rows that were split off, and stores it with its card. */
export async function finishTraining(
  { input, trained }: { readonly input: TrainInput; readonly trained: Trained },
  environment: Environment,
): Promise<ModelRef> {
  const { store, codeVersion } = environment;
  const { config, dataset } = input;
  const table = await loadTable(dataset.ref, environment);
  const task = taskOf(table, input);
  const { train, holdout } = splitRows(table, config, task);
  const bytes =
    trained.kind === 'fitted'
      ? trained.model
      : assembleForest(trained.set, trained.chunks).toBytes();
  const id = modelId(input, codeVersion);
  const artefact = await store.put(`models/${id}/model.bin`, bytes);
  const model = await openModel({ id, artefact }, config, store);
  const baseline = evaluateScored(scoreOn(model, takeRows(table, holdout)), config, { task });
  const card: ModelCard = {
    version: 1,
    id,
    pipeline: config.name,
    estimator: config.estimator,
    task,
    target: config.target,
    features: model.schema.features.map(({ name, kind }) => ({ name, kind })),
    classes: [...model.schema.classes],
    trainedOn: {
      sha256: dataset.sha256,
      fileName: dataset.fileName,
      dataset: dataset.ref,
      rows: train.length,
      holdoutRows: holdout.length,
    },
    parent: input.parent?.id ?? null,
    mode: input.mode,
    seed: config.seed,
    codeVersion,
    createdAt: new Date().toISOString(),
    score: baseline.primary,
    baseline,
    artefact,
  };
  const cardRef = await putJson(store, `models/${id}/card.json`, card);
  await environment.checkpoints.remove(id);
  return {
    id,
    artefact,
    card: cardRef,
    reference: dataset.ref,
    estimator: model.estimator,
    task,
    trainedOn: dataset.fileName,
    score: baseline.primary,
  };
}

/** A challenger predicts what the champion does; the first model finds out from the data. */
function taskOf(table: Table, { config, parent }: TrainInput): Task {
  if (parent !== null) return parent.task;
  try {
    return inferTask(table, config.target, config.task).task;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NotEnoughDataError(error.message, { cause: error });
  }
}

function schemaOf(
  table: Table,
  train: Int32Array,
  { target, ignore, timeColumn }: PipelineConfig,
  task: Task,
): ModelSchema {
  const schema = learnSchema(table, train, { target, task, ignore, timeColumn });
  if (schema.features.length > 0) return schema;
  throw new NotEnoughDataError(
    `no column is fit to predict '${target}' from: all are constant, empty, identifiers, times or ignored`,
  );
}

/**
 * The same lineage gives the same id, so that a repeated attempt finds its own work: everything that
 * decides the bytes of the model goes in.
 */
function modelId(
  { config, dataset, parent, mode, refusal }: TrainInput,
  codeVersion: string,
): string {
  const { name, estimator, seed, target, task, ignore, timeColumn, gate, hooks } = config;
  return digestOf([
    [name, estimator, seed, target, task ?? null, ignore, timeColumn ?? null, gate.holdout],
    [dataset.ref.uri, parent?.id ?? null, mode, refusal, hooks?.sha256 ?? null, codeVersion],
  ]);
}
