import { gridChoices, randomChoices } from './candidates.ts';
import type { ParamChoice, ParamGrid } from './candidates.ts';

/** How candidates are chosen. */
export type SearchMethod = 'grid' | 'random' | 'halving';

export interface SearchOptions {
  readonly method: SearchMethod;
  /** values to try of each parameter */
  readonly grid: ParamGrid;
  /** folds of the cross-validation, 2 and above */
  readonly cv: number;
  /** most combinations that are tried by `random` and `halving` */
  readonly trials: number;
  /** after so long no further trial begins, in ms */
  readonly budgetMs: number;
}

/** A fit to be made and scored: that of a candidate without the rows of a fold, on a share of the others. */
export interface SearchTrial {
  /** index into the candidates */
  readonly candidate: number;
  readonly rung: number;
  readonly fold: number;
  /** of the rows to train on, in (0, 1] */
  readonly share: number;
}

/** What came of a trial. */
export interface TrialResult extends Pick<SearchTrial, 'candidate' | 'rung' | 'fold'> {
  /** the metric on the rows of the fold; null if it could not be fitted or the metric is not defined on them */
  readonly score: number | null;
}

/** A search: what is to be tried, and what came of what was. Plain JSON. */
export interface SearchState {
  /** what each candidate changes of the pipeline's own parameters; the first one nothing */
  readonly candidates: readonly ParamChoice[];
  readonly cv: number;
  readonly budgetMs: number;
  readonly direction: 'higher' | 'lower';
  /** share of the rows trained on, a rung each: 1 alone except for `halving` */
  readonly shares: readonly number[];
  /** candidates of each rung that has begun */
  readonly rungs: readonly (readonly number[])[];
  readonly results: readonly TrialResult[];
}

export type NextTrial =
  | { readonly kind: 'trial'; readonly trial: SearchTrial }
  /** until one of those that run is recorded */
  | { readonly kind: 'wait' }
  | { readonly kind: 'done'; readonly reason: 'all tried' | 'out of time' };

/** A candidate and what its trials say of it. */
export interface RankedCandidate {
  readonly candidate: number;
  readonly choice: ParamChoice;
  /** mean of the metric over the folds */
  readonly score: number;
}

/** A rung of halving keeps one candidate in so many, and gives it as many times the rows (Li et al.). */
const HALVING_FACTOR = 3;

/**
 * The beginning of a search for parameters by cross-validation. The pipeline's own parameters are always tried, so
 * that what is found is never worse by cross-validation.
 *
 * `grid` tries all combinations, `random` so many of them, and `halving` so many on a share of the rows, the best
 * third of those on three times as many, and so on up to all rows.
 *
 * @param direction which way the metric is better
 * @see Bergstra & Bengio (2012), JMLR 13:281–305 (random search); Jamieson & Talwalkar (2016), AISTATS (successive
 *   halving); Li et al. (2018), Hyperband, JMLR 18:1–52, for the factor 3
 */
export function planSearch(
  { method, grid, cv, trials, budgetMs }: SearchOptions,
  direction: SearchState['direction'],
  seed: number,
): SearchState {
  const choices = method === 'grid' ? gridChoices(grid) : randomChoices(grid, trials, seed);
  const candidates = [{}, ...choices];
  const shares = method === 'halving' ? halvingShares(candidates.length) : [1];
  const rungs = [candidates.map((_, index) => index)];
  return { candidates, cv, budgetMs, direction, shares, rungs, results: [] };
}

/** Shares of the rows such that three candidates are left, or fewer, for all of them. */
function halvingShares(candidates: number): readonly number[] {
  const rungs = Math.max(1, Math.floor(Math.log(candidates) / Math.log(HALVING_FACTOR) + 1e-9));
  return Array.from({ length: rungs }, (_, rung) => HALVING_FACTOR ** (rung + 1 - rungs));
}

/**
 * The trial to make next. Trials of a rung may run at the same time.
 * @param running trials that were begun and are not recorded; after a break those are lost, and given again
 * @param elapsedMs since the search began; the pipeline's own parameters are tried whatever time it takes
 */
export function nextTrial(
  state: SearchState,
  running: readonly SearchTrial[],
  elapsedMs: number,
): NextTrial {
  const rung = state.rungs.length - 1;
  const isOver = elapsedMs >= state.budgetMs;
  for (const candidate of state.rungs[rung]) {
    if (isOver && (candidate > 0 || rung > 0)) break;
    for (let fold = 0; fold < state.cv; fold++) {
      const trial = { candidate, rung, fold };
      if (state.results.some(isOf(trial)) || running.some(isOf(trial))) continue;
      return { kind: 'trial', trial: { ...trial, share: state.shares[rung] } };
    }
  }
  if (running.length > 0) return { kind: 'wait' };
  return { kind: 'done', reason: isOver && !isComplete(state) ? 'out of time' : 'all tried' };
}

/** The search with what came of a trial; a rung that is complete so is followed by the next one. */
export function recordTrial(state: SearchState, result: TrialResult): SearchState {
  if (state.results.some(isOf(result))) return state;
  const recorded = { ...state, results: [...state.results, result] };
  const rung = state.rungs.length - 1;
  if (rung + 1 === state.shares.length || !isComplete(recorded)) return recorded;
  return { ...recorded, rungs: [...state.rungs, promoted(recorded, rung)] };
}

/** Trials made, and how many there are to be in all. */
export function searchProgress({ results, rungs, shares, cv }: SearchState): {
  readonly made: number;
  readonly planned: number;
} {
  let planned = 0;
  let width = 0;
  shares.forEach((_, rung) => {
    width = rungs.at(rung)?.length ?? Math.ceil(width / HALVING_FACTOR) + 1;
    planned += width * cv;
  });
  return { made: results.length, planned };
}

/**
 * The best candidate so far, of equals the first: of those that were tried in all folds of the highest rung that has
 * such a one. undefined if there is none, or the metric is not defined for any.
 */
export function best(state: SearchState): RankedCandidate | undefined {
  for (let rung = state.rungs.length - 1; rung >= 0; rung--) {
    const first = ranked(state, rung).at(0);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** Candidates of a rung that were tried in all folds, the best first. */
function ranked(state: SearchState, rung: number): readonly RankedCandidate[] {
  const sign = state.direction === 'higher' ? -1 : 1;
  return state.rungs[rung]
    .flatMap((candidate): RankedCandidate[] => {
      // In the order of folds: that in which they ended would show in the last digit of the mean.
      const own = state.results
        .filter((r) => r.candidate === candidate && r.rung === rung)
        .sort((a, b) => a.fold - b.fold);
      const scores = own.flatMap(({ score }) => (score === null ? [] : [score]));
      // What cannot be fitted to some of the folds is not to be had.
      if (own.length < state.cv || scores.length < own.length) return [];
      const score = scores.reduce((sum, value) => sum + value, 0) / scores.length;
      return [{ candidate, choice: state.candidates[candidate], score }];
    })
    .sort((a, b) => sign * (a.score - b.score) || a.candidate - b.candidate);
}

/** The best third of a rung, and the pipeline's own parameters. */
function promoted(state: SearchState, rung: number): readonly number[] {
  const order = ranked(state, rung).map(({ candidate }) => candidate);
  const kept = order.slice(0, Math.ceil(state.rungs[rung].length / HALVING_FACTOR));
  return [...new Set([0, ...kept])].sort((a, b) => a - b);
}

/** Has every trial of the last rung that has begun been made? */
function isComplete({ results, rungs, cv }: SearchState): boolean {
  const rung = rungs.length - 1;
  return results.filter((result) => result.rung === rung).length === rungs[rung].length * cv;
}

function isOf(trial: Pick<SearchTrial, 'candidate' | 'rung' | 'fold'>) {
  return (other: Pick<SearchTrial, 'candidate' | 'rung' | 'fold'>): boolean =>
    other.candidate === trial.candidate && other.rung === trial.rung && other.fold === trial.fold;
}
