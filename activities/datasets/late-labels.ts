import { z } from 'zod';
import { labelledRows, outcomesOf } from '../../core/models/metrics/outcomes.ts';
import { mostProbable } from '../../core/models/predictions.ts';
import type { Predictions } from '../../core/models/model.ts';
import { takeRows, type Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef, ArtefactStore } from '../../store/artefact-store.ts';
import { getJson } from '../../store/json.ts';
import { reportUri, type ComputeTasks, type LateEvaluation } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { loadTable } from './ingest.ts';
import { openModel, predictions } from '../models/models.ts';
import { evaluateScored } from '../models/scoring.ts';

/** Scores what was predicted for a file, by the model that was in force then, now that its labels are known. */
export async function scorePredictions(
  { config, dataset }: Parameters<ComputeTasks['scorePredictions']>[0],
  environment: Environment,
): Promise<LateEvaluation | null> {
  const { labelsFor, task } = dataset;
  if (labelsFor === undefined || task === null) return null;
  const judged = await newestThatPredicted(config.name, labelsFor.sha256, environment.store);
  if (judged === null) return null;
  const table = await loadTable(dataset.ref, environment);
  const rows = labelledRows(table, config.target);
  const predicted = await predictedBy(judged, takeRows(table, rows), rows, config, environment);
  if (predicted.kind !== task) return null;
  const classes = predicted.kind === 'classification' ? predicted.classes : [];
  const outcomes = outcomesOf(table, { target: config.target, task, classes }, rows);
  const evaluation = evaluateScored({ predictions: predicted, outcomes }, config, { task });
  return { modelId: judged.modelId, revision: judged.revision, evaluation };
}

const refSchema = z.object({ uri: z.string(), sha256: z.string(), bytes: z.number() });

/** What of the report of a run that predicted is needed. */
const predictedSchema = z.object({
  summary: z.object({
    sequence: z.number(),
    revision: z.number(),
    championId: z.string().nullable(),
  }),
  predictions: refSchema.nullable(),
  evaluation: z.looseObject({}).nullable(),
  champion: z.object({ id: z.string(), artefact: refSchema }).nullable().exactOptional(),
});

/** A run in which a model said something of every row: its predictions were kept, or can be made again. */
interface RunThatPredicted {
  readonly sequence: number;
  readonly revision: number;
  readonly modelId: string;
  readonly said: { readonly predictions: ArtefactRef } | { readonly artefact: ArtefactRef };
}

async function newestThatPredicted(
  pipeline: string,
  sha256: string,
  store: ArtefactStore,
): Promise<RunThatPredicted | null> {
  const [own] = reportUri(pipeline, sha256, 0).split('.json');
  const runs: RunThatPredicted[] = [];
  for (const uri of await store.list(`${own}.`)) {
    const run = thatPredicted(await getJson(store, uri, predictedSchema));
    if (run !== null) runs.push(run);
  }
  return runs.sort((a, b) => b.sequence - a.sequence)[0] ?? null;
}

function thatPredicted({
  summary: { sequence, revision, championId },
  predictions,
  evaluation,
  champion = null,
}: z.infer<typeof predictedSchema>): RunThatPredicted | null {
  const run = { sequence, revision };
  if (predictions !== null && championId !== null) {
    return { ...run, modelId: championId, said: { predictions } };
  }
  // Its labels had come before it: the champion was scored at once.
  if (evaluation === null || champion === null) return null;
  return { ...run, modelId: champion.id, said: { artefact: champion.artefact } };
}

/** @param labelled the rows that have a label */
async function predictedBy(
  { modelId, said }: RunThatPredicted,
  labelled: Table,
  rows: Int32Array,
  config: PipelineConfig,
  environment: Environment,
): Promise<Predictions> {
  if ('predictions' in said) {
    return predictionsIn(takeRows(await loadTable(said.predictions, environment), rows));
  }
  const model = await openModel(
    { id: modelId, artefact: said.artefact },
    config,
    environment.store,
  );
  return predictions(model, labelled);
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
