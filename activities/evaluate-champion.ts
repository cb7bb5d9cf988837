import { comparePerformance } from '../core/models/evaluate.ts';
import { labelledRows } from '../core/models/outcomes.ts';
import { takeRows } from '../core/table.ts';
import type { Comparison } from '../core/models/evaluation.ts';
import type { ChampionEvaluation, ComputeActivities, ModelRef } from '../workflows/contract.ts';
import { compareOn, unseenRows } from './compare-models.ts';
import type { Environment } from './environment.ts';
import { loadTable } from './ingest.ts';
import { cardOf } from './lineage.ts';
import { openModel } from './models.ts';
import { evaluateScored, scoreOn } from './scoring.ts';
import { courseOfErrors, splitChampionChange } from './explain-errors.ts';

/** Fewest false alarms of all detectors, and no change missed: `npm run bench:drift-streams`. */
const DEFAULT_DETECTOR = 'adwin';

/**
 * Scores the champion on every labelled row of a file, beside its baseline, and the previous model against it
 * on the rows that neither was trained on, as a challenger is: taking over again asks for the same proof.
 */
export async function evaluateChampion(
  { config, dataset, champion, previous }: Parameters<ComputeActivities['examine']>[0],
  environment: Environment,
): Promise<ChampionEvaluation> {
  const { store } = environment;
  const all = await loadTable(dataset.ref, environment);
  const table = takeRows(all, labelledRows(all, config.target));
  const model = await openModel(champion, config, store);
  const card = await cardOf(champion, store);
  const scored = scoreOn(model, table);
  const current = evaluateScored(scored, config, champion);
  const detector = config.detection.stream ?? DEFAULT_DETECTOR;
  return {
    champion: comparePerformance(current, card.baseline, config.thresholds),
    previous: previous === null ? null : await comparePrevious(previous),
    ...(detector === 'none' ? {} : { errors: courseOfErrors(table, scored, detector, config) }),
    kinds: await splitChampionChange({ table, scored }, champion, config, environment),
  };

  async function comparePrevious(before: ModelRef): Promise<Comparison | null> {
    const cards = [card, await cardOf(before, store)];
    const rows = unseenRows(all, dataset, cards, config);
    if (rows === null) return null;
    const challenger = await openModel(before, config, store);
    return compareOn(takeRows(all, rows), model, challenger, config, 0);
  }
}
