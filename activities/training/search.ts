import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { durationMs } from '../../core/duration.ts';
import type { Fit } from '../../core/models/fit.ts';
import { METRIC_DIRECTION } from '../../core/models/metrics/evaluation.ts';
import { runTrial, withChoice } from '../../core/models/search/run-trial.ts';
import {
  planSearch,
  recordTrial,
  type SearchState,
  type SearchTrial,
  type TrialResult,
} from '../../core/models/search/search.ts';
import { digestOf } from '../digest.ts';
import type { Environment } from '../environment.ts';
import type { FinishedPartsOfWork } from './finished-parts.ts';
import { fitsOf, trainingOf, type TrainingPlan } from './plan-training.ts';
import { requireFitMemory } from './memory.ts';
import { primaryMetric } from '../models/scoring.ts';
import type { TrainInput } from './training-data.ts';
import { weightsOf } from '../datasets/weights.ts';

/**
 * A search for the parameters of a plan, on the rows of its last fit: all that are learned from. The models of a
 * stack share them, those of its folds too: what is weighed is then what is used.
 */
export interface SearchRequest {
  readonly input: TrainInput;
  readonly plan: TrainingPlan;
}

/** How far a search has come. */
export interface SearchProgress {
  readonly state: SearchState;
  /** how long it has taken, over all attempts */
  readonly elapsedMs: number;
  /** trials that the memory which a fit may take allows at the same time, each on one thread */
  readonly atOnce: number;
}

/** Names a search in its checkpoints: everything that decides its trials and their scores goes in, but its limit of time. */
export function searchWork({ input: { config }, plan }: SearchRequest): string {
  const { method, grid, cv, trials } = config.search ?? {};
  const searched = [method, Object.entries(grid ?? {}), cv, trials, primaryMetric(config, plan)];
  return `${digestOf([plan.id, searched])}-search`;
}

/**
 * The search of a pipeline: new, or with the trials that earlier attempts made.
 * @throws NotEnoughMemoryError where a candidate would take more than a fit may
 */
export async function openSearch(
  { input, plan }: SearchRequest,
  environment: Environment,
): Promise<SearchProgress> {
  const { config } = input;
  if (config.search === undefined) throw new Error(`pipeline ${config.name} has no search`);
  const { method, grid, cv, trials, budget } = config.search;
  const metric = primaryMetric(config, plan);
  const options = { method, grid, cv, trials, budgetMs: durationMs(budget) };
  const start = planSearch(options, METRIC_DIRECTION[metric], config.seed);
  const kept = [...(await environment.checkpoints.read(searchWork({ input, plan }))).values()]
    .map((bytes) => keptSchema.parse(deserialize(bytes)))
    .sort((a, b) => a.elapsedMs - b.elapsedMs);
  // Rungs follow from results, whatever their order within a rung.
  const byRung = kept.toSorted((a, b) => a.result.rung - b.result.rung);
  return {
    state: byRung.reduce((state, { result }) => recordTrial(state, result), start),
    elapsedMs: kept.at(-1)?.elapsedMs ?? 0,
    atOnce: trialsAtOnce(await fitOf({ input, plan }, environment), start.candidates, environment),
  };
}

function trialsAtOnce(
  fit: Fit,
  candidates: SearchState['candidates'],
  { fitMemory }: Environment,
): number {
  const alone = { ...fitMemory, threads: 1 };
  const largest = candidates.reduce((most, choice) => {
    const own = { ...fit, params: withChoice(fit.params, choice) };
    return Math.max(most, requireFitMemory(own, alone));
  }, 0);
  return Math.max(1, Math.floor(fitMemory.megabytes / largest));
}

/** The last fit of a plan. */
async function fitOf({ input, plan }: SearchRequest, environment: Environment): Promise<Fit> {
  const fit = fitsOf(await trainingOf(plan, input, environment)).at(-1);
  if (fit !== undefined) return fit;
  throw new Error(`pipeline ${input.config.name}: there is nothing to search for`);
}

/** Fits a candidate without a fold and scores it on that. */
export async function searchTrial(
  {
    input,
    plan,
    trial,
    choice,
  }: SearchRequest & {
    readonly trial: SearchTrial;
    readonly choice: SearchState['candidates'][number];
  },
  environment: Environment,
): Promise<TrialResult> {
  const { config } = input;
  if (config.search === undefined) throw new Error(`pipeline ${config.name} has no search`);
  const fit = await fitOf({ input, plan }, environment);
  const { table, rows, schema, params, seed } = fit;
  const options = {
    cv: config.search.cv,
    seed,
    timeColumn: config.timeColumn,
    metric: primaryMetric(config, plan),
    weights: weightsOf(table, rows, config),
  };
  return runTrial(table, rows, schema, withChoice(params, choice), options, trial);
}

/** Takes in a trial that is made, as `openSearch` finds it again. */
export function addSearchTrial(parts: FinishedPartsOfWork, made: MadeTrial): Promise<void> {
  const { candidate, rung, fold } = made.result;
  return parts.add(`${candidate}-${rung}-${fold}`, () => serialize(made));
}

interface MadeTrial {
  readonly result: TrialResult;
  /** how long the search had taken when the trial was made, over all attempts */
  readonly elapsedMs: number;
}

const keptSchema: z.ZodType<MadeTrial> = z.strictObject({
  result: z.strictObject({
    candidate: z.number(),
    rung: z.number(),
    fold: z.number(),
    score: z.number().nullable(),
  }),
  elapsedMs: z.number(),
});
