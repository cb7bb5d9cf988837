import type { Comparison } from '../core/models/evaluation.ts';
import { compareModels as gate } from '../core/models/gate.ts';
import { jointTarget, outcomesOf } from '../core/models/outcomes.ts';
import { takeRows } from '../core/table.ts';
import type { ComputeActivities } from '../workflows/contract.ts';
import type { Environment } from './environment.ts';
import { primaryMetric } from './evaluate-champion.ts';
import { splitRows } from './holdout.ts';
import { loadTable } from './ingest.ts';
import { openModel, predictions } from './models.ts';

/** Puts champion and challenger to the test on the rows of the file that neither was trained on. */
export async function compareModels(
  { config, dataset, champion, challenger }: Parameters<ComputeActivities['compareModels']>[0],
  { store }: Environment,
): Promise<Comparison> {
  const table = await loadTable(dataset.ref, store);
  const { holdout } = splitRows(table, config, challenger.task);
  const rows = takeRows(table, holdout);
  const [before, after] = await Promise.all([
    openModel(champion, config, store),
    openModel(challenger, config, store),
  ]);
  return gate({
    champion: predictions(before, rows),
    challenger: predictions(after, rows),
    outcomes: outcomesOf(rows, jointTarget(before.schema, after.schema)),
    metric: primaryMetric(config, challenger),
    margin: config.gate.margin,
    confidence: config.gate.confidence,
    thresholds: config.thresholds,
    seed: config.seed,
  });
}
