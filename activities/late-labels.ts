import path from 'node:path';
import { z } from 'zod';
import { evaluate } from '../core/models/evaluate.ts';
import { labelledRows, outcomesOf } from '../core/models/outcomes.ts';
import { mostProbable } from '../core/models/predictions.ts';
import type { Predictions } from '../core/models/model.ts';
import { joinLabels } from '../core/join-labels.ts';
import { takeRows, type Table } from '../core/table.ts';
import { InvalidDatasetError } from '../data/invalid-dataset.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { getJson } from '../store/json.ts';
import {
  reportUri,
  type ComputeActivities,
  type Dataset,
  type LateEvaluation,
} from '../workflows/contract.ts';
import { earlierDatasets } from './earlier-datasets.ts';
import type { Environment } from './environment.ts';
import { loadTable } from './ingest.ts';
import { primaryMetric } from './scoring.ts';

/** The name without its ending of the file that a file has the labels of; null if it is no file of labels. */
export function stemOfLabels(name: string, { labels }: PipelineConfig): string | null {
  if (labels === undefined) return null;
  const stem = path.parse(name).name;
  return stem.endsWith(labels.suffix) ? stem.slice(0, -labels.suffix.length) : null;
}

/**
 * The newest dataset of a name, among those that a pipeline processed before, that had no labels.
 * @throws InvalidDatasetError if there is none
 */
export async function unlabelledDataset(
  stem: string,
  config: PipelineConfig,
  sequence: number,
  environment: Environment,
): Promise<Dataset> {
  const earlier = await earlierDatasets(config, sequence, environment.store);
  const found = earlier.find(
    ({ dataset }) => !dataset.labelled && path.parse(dataset.fileName).name === stem,
  );
  if (found !== undefined) return found.dataset;
  throw new InvalidDatasetError(
    `these are labels for '${stem}', but no file of that name without labels was read before; process them again once it was`,
  );
}

/** @throws InvalidDatasetError if the two cannot be joined by the pipeline's key */
export function withLabels(table: Table, labels: Table, config: PipelineConfig): Table {
  const key = config.labels?.key ?? '';
  try {
    return joinLabels(table, labels, { key, target: config.target });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidDatasetError(error.message, { cause: error });
  }
}

/** What of the report of the run that predicted is needed. */
const predictedSchema = z.object({
  summary: z.object({ championId: z.string().nullable() }),
  predictions: z.object({ uri: z.string(), sha256: z.string(), bytes: z.number() }).nullable(),
});

/** Scores what was predicted for a file, by the model that was in force then, now that its labels are known. */
export async function scorePredictions(
  { config, dataset }: Parameters<ComputeActivities['scorePredictions']>[0],
  environment: Environment,
): Promise<LateEvaluation | null> {
  const { store } = environment;
  const { labelsFor, task } = dataset;
  if (labelsFor === undefined || task === null) return null;
  const uri = reportUri(config.name, labelsFor.sha256, 0);
  if (!(await store.exists(uri))) return null;
  const { summary, predictions } = await getJson(store, uri, predictedSchema);
  if (predictions === null || summary.championId === null) return null;
  const [table, said] = await Promise.all([
    loadTable(dataset.ref, environment),
    loadTable(predictions, environment),
  ]);
  const rows = labelledRows(table, config.target);
  const predicted = predictionsIn(takeRows(said, rows));
  if (predicted.kind !== task) return null;
  const classes = predicted.kind === 'classification' ? predicted.classes : [];
  const outcomes = outcomesOf(table, { target: config.target, task, classes }, rows);
  const { confidence } = config.gate;
  const evaluation = evaluate(predicted, outcomes, primaryMetric(config, { task }), {
    confidence,
    seed: config.seed,
  });
  return { modelId: summary.championId, evaluation };
}

const PROBABILITY = /^p\((.*)\)$/s;

/** Predictions from the table that `predict` stored them in. */
function predictionsIn({ rows, columns }: Table): Predictions {
  const shares = columns.flatMap((column) => {
    const name = PROBABILITY.exec(column.name)?.[1];
    return name === undefined || column.kind !== 'numeric' ? [] : [{ name, values: column.values }];
  });
  if (shares.length === 0) {
    const column = columns.find(({ name }) => name === 'prediction');
    if (column?.kind !== 'numeric') throw new Error('stored predictions lack their column');
    return { kind: 'regression', values: column.values };
  }
  const probabilities = new Float64Array(rows * shares.length);
  shares.forEach(({ values }, k) => {
    values.forEach((share, i) => (probabilities[i * shares.length + k] = share));
  });
  return {
    kind: 'classification',
    classes: shares.map(({ name }) => name),
    probabilities,
    labels: mostProbable(probabilities, shares.length),
  };
}
