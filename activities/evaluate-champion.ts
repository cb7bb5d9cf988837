import { comparePerformance } from '../core/models/evaluate.ts';
import { labelledRows } from '../core/models/outcomes.ts';
import { takeRows } from '../core/table.ts';
import { parseModelCard } from '../store/model-card.ts';
import type { ChampionEvaluation, ComputeActivities } from '../workflows/contract.ts';
import { compareOn } from './compare-models.ts';
import type { Environment } from './environment.ts';
import { loadTable } from './ingest.ts';
import { openModel } from './models.ts';
import { evaluateScored, scoreOn } from './scoring.ts';

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
