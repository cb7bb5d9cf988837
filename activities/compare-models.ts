import type { Comparison } from '../core/models/evaluation.ts';
import { compareModels as gate } from '../core/models/gate.ts';
import { rowsWhere, type Segment } from '../core/models/gate/segments.ts';
import type { Model } from '../core/models/model.ts';
import { jointTarget } from '../core/models/outcomes.ts';
import { takeRows, type Table } from '../core/table.ts';
import { minimumGainsOf } from '../pipelines/gate-schema.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ComputeActivities } from '../workflows/contract.ts';
import { InvalidPipelineError, type Environment } from './environment.ts';
import { splitRows } from './holdout.ts';
import { loadTable } from './ingest.ts';
import { cardOf, requireUnseen } from './lineage.ts';
import { openModel, predictions } from './models.ts';
import { primaryMetric, truthOf } from './scoring.ts';

/**
 * Puts champion and challenger to the test on the rows of the file that neither was trained on.
 * @throws NotEnoughDataError if there are none
 */
export async function compareModels(
  { config, dataset, champion, challenger }: Parameters<ComputeActivities['compareModels']>[0],
  environment: Environment,
): Promise<Comparison> {
  const { store } = environment;
  const cards = await Promise.all([champion, challenger].map((model) => cardOf(model, store)));
  requireUnseen(dataset, cards, config);
  const table = await loadTable(dataset.ref, environment);
  const { holdout } = splitRows(table, config, challenger.task);
  const [before, after] = await Promise.all([
    openModel(champion, config, store),
    openModel(challenger, config, store),
  ]);
  return compareOn(takeRows(table, holdout), before, after, config, config.gate.margin);
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
  const { confidence, segments = [], harmTolerance } = config.gate;
  return gate({
    champion: predictions(champion, table),
    challenger: predictions(challenger, table),
    outcomes: truthOf(table, jointTarget(champion.schema, challenger.schema)),
    metric: primaryMetric(config, challenger.schema),
    margin,
    confidence,
    thresholds: config.thresholds,
    minimumGains: minimumGainsOf(config.gate),
    segments: segments.map((segment) => ({ name: segment.name, mask: maskOf(segment, table) })),
    ...(harmTolerance !== undefined && { harmTolerance }),
    seed: config.seed,
  });
}

function maskOf({ name, where }: Segment, table: Table): Uint8Array {
  try {
    return rowsWhere(table, where);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidPipelineError(`gate.segments, '${name}': ${error.message}`, { cause: error });
  }
}
