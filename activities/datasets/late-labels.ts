import { z } from 'zod';
import { labelledRows, outcomesOf } from '../../core/models/metrics/outcomes.ts';
import { mostProbable } from '../../core/models/predictions.ts';
import type { Predictions } from '../../core/models/model.ts';
import { takeRows, type Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef, ArtefactStore } from '../../store/artefact-store.ts';
import type { ComputeTasks, Damage, LateEvaluation } from '../../workflows/contract.ts';
import { beside, unlessDamaged } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { DamagedModelError } from '../models/damaged-model.ts';
import { loadTable } from './ingest.ts';
import { soundReports } from './sound-reports.ts';
import { openModel, predictions } from '../models/models.ts';
import { evaluateScored } from '../models/scoring.ts';

/**
 * Scores what was predicted for a file, by the model that was in force then, now that its labels are known. Where what was predicted
 * is damaged, that model predicts once more.
 * @throws DamagedModelError if that model, or the report that names it, is damaged
 */
export async function scorePredictions(
  { config, dataset }: Parameters<ComputeTasks['scorePredictions']>[0],
  environment: Environment,
): Promise<(LateEvaluation & Damage) | null> {
  const { labelsFor, task } = dataset;
  const told: string[] = [];
  if (labelsFor === undefined || task === null) return null;
  const judged = await newestThatPredicted(config.name, labelsFor.sha256, environment.store);
  if (judged === null) return null;
  const table = await loadTable(dataset.ref, environment);
  const rows = labelledRows(table, config.target);
  const predicted = await predictedBy(judged, takeRows(table, rows), rows, config, {
    ...environment,
    told,
  });
  if (predicted.kind !== task) return null;
  const classes = predicted.kind === 'classification' ? predicted.classes : [];
  const outcomes = outcomesOf(table, { target: config.target, task, classes }, rows);
  const evaluation = evaluateScored({ predictions: predicted, outcomes }, config, { task });
  return beside({ modelId: judged.modelId, revision: judged.revision, evaluation }, told);
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
  /** what it said, where that was kept, and the model that can say it again, where the report names it */
  readonly said: {
    readonly predictions: ArtefactRef | null;
    readonly artefact: ArtefactRef | null;
  };
}

async function newestThatPredicted(
  pipeline: string,
  sha256: string,
  store: ArtefactStore,
): Promise<RunThatPredicted | null> {
  const { reports, damaged } = await soundReports({ pipeline, sha256 }, predictedSchema, store);
  const runs = reports.map(thatPredicted).filter((run) => run !== null);
  const newest = runs.sort((a, b) => b.sequence - a.sequence)[0];
  if (newest !== undefined) return newest;
  const [first] = damaged;
  if (first === undefined) return null;
  throw new DamagedModelError(
    `the report of the run that predicted is damaged: ${first.error.message}`,
    { cause: first.error },
  );
}

function thatPredicted({
  summary: { sequence, revision, championId },
  predictions,
  evaluation,
  champion = null,
}: z.infer<typeof predictedSchema>): RunThatPredicted | null {
  const run = { sequence, revision };
  if (predictions !== null && championId !== null) {
    const artefact = champion?.id === championId ? champion.artefact : null;
    return { ...run, modelId: championId, said: { predictions, artefact } };
  }
  // Its labels had come before it: the champion was scored at once.
  if (evaluation === null || champion === null) return null;
  return { ...run, modelId: champion.id, said: { predictions: null, artefact: champion.artefact } };
}

/** @param labelled the rows that have a label */
async function predictedBy(
  { modelId, said }: RunThatPredicted,
  labelled: Table,
  rows: Int32Array,
  config: PipelineConfig,
  environment: Environment,
): Promise<Predictions> {
  if (said.predictions !== null) {
    const { predictions: kept } = said;
    const done = `Model ${modelId} predicted the rows once more`;
    const table = await unlessDamaged(environment, { uri: kept.uri, done }, () =>
      loadTable(kept, environment),
    );
    if (table !== null) return predictionsIn(takeRows(table, rows));
  }
  if (said.artefact === null) {
    throw new DamagedModelError(
      `what model ${modelId} predicted is damaged, and the report does not say where the model is`,
    );
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
