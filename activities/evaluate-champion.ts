import { comparePerformance, evaluate } from '../core/models/evaluate.ts';
import {
  DEFAULT_METRIC,
  type Comparison,
  type Evaluation,
  type MetricName,
} from '../core/models/evaluation.ts';
import { compareModels as gate } from '../core/models/gate.ts';
import type { Model, Outcomes, Predictions } from '../core/models/model.ts';
import {
  jointTarget,
  labelledRows,
  outcomesOf,
  type TargetSchema,
} from '../core/models/outcomes.ts';
import { takeRows, type Table } from '../core/table.ts';
import { parseModelCard } from '../store/model-card.ts';
import type { ChampionEvaluation, ComputeActivities, ModelRef } from '../workflows/contract.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { InvalidDatasetError } from '../data/invalid-dataset.ts';
import type { Environment } from './environment.ts';
import { loadTable } from './ingest.ts';
import { openModel, predictions } from './models.ts';

/** Scores the champion on every labelled row of a file that it has not seen, beside its baseline. */
export async function evaluateChampion(
  { config, dataset, champion, previous }: Parameters<ComputeActivities['examine']>[0],
  environment: Environment,
): Promise<ChampionEvaluation> {
  const { store } = environment;
  const all = await loadTable(dataset.ref, environment);
  const table = takeRows(all, labelledRows(all, config.target));
  const model = await openModel(champion, config, store);
  const card = parseModelCard(await store.get(champion.card.uri, champion.card.sha256));
  const scored = scoreOn(model, table);
  const current = evaluateScored(scored, config, champion);
  const before = previous === null ? null : await openModel(previous, config, store);
  return {
    champion: comparePerformance(current, card.baseline, config.thresholds),
    previous: before === null ? null : compareOn(table, model, before, config, 0),
  };
}

/**
 * Puts a challenger to the test against a champion on rows that neither was trained on.
 * @param margin by how much the challenger may be worse; 0: it must be better
 */
export function compareOn(
  table: Table,
  champion: Model,
  challenger: Model,
  config: PipelineConfig,
  margin: number,
): Comparison {
  return gate({
    champion: predictions(champion, table),
    challenger: predictions(challenger, table),
    outcomes: truth(table, jointTarget(champion.schema, challenger.schema)),
    metric: primaryMetric(config, challenger.schema),
    margin,
    confidence: config.gate.confidence,
    thresholds: config.thresholds,
    seed: config.seed,
  });
}

export interface Scored {
  readonly predictions: Predictions;
  readonly outcomes: Outcomes;
}

/**
 * A model's predictions beside the truth, in the model's own classes.
 * @throws SchemaMismatchError, InvalidDatasetError if the target cannot be read as the model's
 */
export function scoreOn(model: Model, table: Table): Scored {
  return { predictions: predictions(model, table), outcomes: truth(table, model.schema) };
}

function truth(table: Table, target: TargetSchema): Outcomes {
  try {
    return outcomesOf(table, target);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidDatasetError(error.message, { cause: error });
  }
}

export function evaluateScored(
  { predictions: predicted, outcomes }: Scored,
  config: PipelineConfig,
  model: Pick<ModelRef, 'task'>,
): Evaluation {
  return evaluate(predicted, outcomes, primaryMetric(config, model), {
    confidence: config.gate.confidence,
    seed: config.seed,
  });
}

function primaryMetric(config: PipelineConfig, { task }: Pick<ModelRef, 'task'>): MetricName {
  return config.metric ?? DEFAULT_METRIC[task];
}
