import type { Comparison } from '../core/models/evaluation.ts';
import { takeRows } from '../core/table.ts';
import type { ComputeActivities } from '../workflows/contract.ts';
import type { Environment } from './environment.ts';
import { compareOn } from './evaluate-champion.ts';
import { splitRows } from './holdout.ts';
import { loadTable } from './ingest.ts';
import { openModel } from './models.ts';

/** Puts champion and challenger to the test on the rows of the file that neither was trained on. */
export async function compareModels(
  { config, dataset, champion, challenger }: Parameters<ComputeActivities['compareModels']>[0],
  environment: Environment,
): Promise<Comparison> {
  const { store } = environment;
  const table = await loadTable(dataset.ref, environment);
  const { holdout } = splitRows(table, config, challenger.task);
  const [before, after] = await Promise.all([
    openModel(champion, config, store),
    openModel(challenger, config, store),
  ]);
  return compareOn(takeRows(table, holdout), before, after, config, config.gate.margin);
}
