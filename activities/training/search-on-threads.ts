import { withChoice } from '../../core/models/search/run-trial.ts';
import {
  best,
  nextTrial,
  recordTrial,
  searchProgress,
  type SearchState,
  type SearchTrial,
} from '../../core/models/search/search.ts';
import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { Compute } from '../compute.ts';
import { estimatorOf, type Choice } from './plan-training.ts';
import { primaryMetric } from '../models/scoring.ts';
import { addSearchTrial, searchWork, type SearchRequest } from './search.ts';
import type { TrainingWork } from './training-work.ts';

/**
 * Searches for parameters, as many trials at once as there are threads and memory for. Trials that an earlier attempt made are
 * not repeated, and its time counts. Without the limit of time the same trials give the same parameters.
 */
export async function searchOnThreads(
  request: SearchRequest,
  compute: Compute,
  { signal, report, finished }: TrainingWork,
): Promise<Found> {
  const opened = await compute.run('openSearch', request, { signal });
  const startedAt = performance.now() - opened.elapsedMs;
  const atOnce = Math.min(compute.threads, opened.atOnce);
  let { state } = opened;
  const running = new Map<SearchTrial, Promise<void>>();
  const parts = finished.of(searchWork(request));
  const begin = (trial: SearchTrial): void => {
    const choice = state.candidates[trial.candidate] ?? {};
    const task = { ...request, trial, choice };
    const ended = compute.run('searchTrial', task, { signal }).then(async (result) => {
      await addSearchTrial(parts, { result, elapsedMs: performance.now() - startedAt });
      running.delete(trial);
      state = recordTrial(state, result);
      const { made, planned } = searchProgress(state);
      report({
        done: made / planned,
        note: `searching for parameters: ${made} of ${planned} fits`,
      });
    });
    running.set(trial, ended);
  };
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    const next = nextTrial(state, [...running.keys()], elapsedMs);
    if (next.kind === 'done') return outcomeOf(request, state, next.reason === 'out of time');
    if (next.kind === 'trial') begin(next.trial);
    if (next.kind === 'wait' || running.size >= atOnce) {
      await Promise.race(running.values());
    }
  }
}

/** What a search found, and what of it is told. */
type Found = Pick<Choice, 'params' | 'search'> & { readonly note: string };

function outcomeOf({ input, plan }: SearchRequest, state: SearchState, outOfTime: boolean): Found {
  const found = best(state);
  const { made, planned } = searchProgress(state);
  const metric = primaryMetric(input.config, plan);
  const choice = found?.choice ?? {};
  const params = withChoice(estimatorOf(input), choice);
  const score = found?.score ?? null;
  const { method = 'random' } = input.config.search ?? {};
  const search = { method, metric, made, planned, outOfTime, choice: { ...choice }, score };
  return { params, search, note: noteOn(search) };
}

function noteOn({
  metric,
  made,
  planned,
  outOfTime,
  choice,
  score,
}: NonNullable<Choice['search']>): string {
  const changes = Object.entries(choice).map(([name, value]) => `${name} ${String(value)}`);
  const what = changes.length === 0 ? "the pipeline's own parameters" : changes.join(', ');
  const how = score === null ? '' : ` (${METRIC_WORDS[metric]} ${Number(score.toPrecision(4))})`;
  const time = outOfTime
    ? ` The time was up after ${made} of ${planned} fits: a faster machine may find others.`
    : '';
  return `By cross-validation ${what} did best${how}.${time}`;
}
