import {
  degradedAbsolutely,
  degradedRelatively,
  type Degradation,
} from '../../core/drift/rules/calmops-performance.ts';
import { comparePerformance } from '../../core/models/metrics/evaluate.ts';
import type { Comparison, Evaluation } from '../../core/models/metrics/evaluation.ts';
import { metricsOf } from '../../core/models/metrics/metrics.ts';
import type { Model } from '../../core/models/model.ts';
import { labelledRows } from '../../core/models/metrics/outcomes.ts';
import { scored as pair } from '../../core/models/metrics/scored.ts';
import { takeRows, type Table } from '../../core/table.ts';
import type { ChampionEvaluation, ComputeTasks, ModelRef } from '../../workflows/contract.ts';
import { compareOn, unseenRows } from '../models/compare-models.ts';
import { baselineBefore, joinBaseline } from './champion-baseline.ts';
import type { Environment } from '../environment.ts';
import { loadTable } from '../datasets/ingest.ts';
import { cardOf } from '../models/lineage.ts';
import { openModel } from '../models/models.ts';
import { evaluateScored, scoreOn } from '../models/scoring.ts';
import { courseOfErrors, judgedRows, splitChampionChange } from './explain-errors.ts';

/** Fewest false alarms of all detectors, and no change missed: `npm run bench:drift-streams`. */
const DEFAULT_DETECTOR = 'adwin';

/**
 * Scores the champion on every labelled row of a file, beside its baseline, which the file may join, and the previous model against it
 * on the rows that neither was trained on, as a challenger is: taking over again asks for the same proof. Where the
 * pipeline asks for the rule of CalmOps for Python, the rule's verdicts are beside it.
 */
export async function evaluateChampion(
  { config, dataset, champion, previous, sequence }: Parameters<ComputeTasks['examine']>[0],
  environment: Environment,
): Promise<ChampionEvaluation> {
  const { store } = environment;
  const all = await loadTable(dataset.ref, environment);
  const table = takeRows(all, labelledRows(all, config.target));
  const model = await openModel(champion, config, store);
  const card = await cardOf(champion, store);
  const scored = scoreOn(model, table);
  const run = { config, dataset, card, sequence: sequence ?? null };
  const baseline = await baselineBefore(run, environment);
  const current = evaluateScored(scored, config, champion);
  const performance = comparePerformance(
    current,
    baseline.evaluation,
    config.thresholds,
    config.detection.errors,
  );
  await joinBaseline(run, performance, baseline, store);
  const judged = judgedRows(table, scored);
  const detector = config.detection.stream ?? DEFAULT_DETECTOR;
  const asCalmops = config.detection.rule === 'calmops';
  const against = previous === null ? null : await comparePrevious(previous);
  return {
    champion: { ...performance, baselineOf: baseline.of },
    previous: against?.comparison ?? null,
    ...(detector === 'none' ? {} : { errors: courseOfErrors(judged, detector, config) }),
    kinds: await splitChampionChange(judged, { model, card }, config, environment),
    ...(asCalmops && {
      degradation: {
        absolute: degradedAbsolutely(current.metrics, config.thresholds),
        relative: against?.relative ?? null,
      },
    }),
  };

  async function comparePrevious(before: ModelRef): Promise<AgainstPrevious | null> {
    const cards = [card, await cardOf(before, store)];
    const rows = unseenRows(all, dataset, cards, config);
    if (rows === null) return null;
    const unseen = takeRows(all, rows);
    const challenger = await openModel(before, config, store);
    return {
      comparison: compareOn(unseen, model, challenger, config, 0),
      relative: asCalmops
        ? degradedRelatively(metricsOn(model, unseen), metricsOn(challenger, unseen))
        : null,
    };
  }
}

/** The champion against the previous model on rows that are new to both. */
interface AgainstPrevious {
  readonly comparison: Comparison;
  readonly relative: Degradation['relative'];
}

function metricsOn(model: Model, table: Table): Evaluation['metrics'] {
  const { predictions, outcomes } = scoreOn(model, table);
  return metricsOf(pair(predictions, outcomes));
}
