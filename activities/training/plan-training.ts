import { learnSchema } from '../../core/models/input/encoder.ts';
import type { EstimatorParams, Fit } from '../../core/models/fit.ts';
import type { Model, Task } from '../../core/models/model.ts';
import type { ModeChoice } from '../../core/models/retrain/choose-mode.ts';
import type { RetrainMode } from '../../core/models/retrain/modes.ts';
import type { RetrainingRequest } from '../../core/models/retrain/request.ts';
import { completeRetraining, planRetraining } from '../../core/models/retrain/retrain.ts';
import { takeRows } from '../../core/table.ts';
import type { ModelCard } from '../../store/model-card.ts';
import { digestOf } from '../digest.ts';
import { InvalidPipelineError, NotEnoughDataError, type Environment } from '../environment.ts';
import { cardOf, knowsRowsOf } from '../models/lineage.ts';
import { openModel } from '../models/models.ts';
import { trainByHook, trainsByHook } from './train-by-hook.ts';
import {
  findSources,
  newFileOf,
  trainingData,
  type NewFile,
  type Sources,
  type TrainInput,
} from './training-data.ts';
import { setAside } from '../datasets/weights.ts';

/** How a model is to be trained: what is fixed before anything is fitted. Small, and safe to send to other threads. */
export interface TrainingPlan {
  /** of the model: names all that decides its bytes */
  readonly id: string;
  /** `full` for a pipeline's first model */
  readonly mode: RetrainMode | 'hooks';
  readonly task: Task;
  /** sentences for people on how that came to be the mode */
  readonly notes: readonly string[];
  readonly sources: Sources;
  /** of the estimator; null where a hook trains */
  readonly params: EstimatorParams | null;
  /** fits that are needed; 0 where the model is `ready` */
  readonly fits: number;
  /** the model itself, where it needed no fit of its own */
  readonly ready: { readonly model: Uint8Array; readonly notes: readonly string[] } | null;
}

/** What a search came to, as a model's card has it. */
export type SearchSummary = NonNullable<ModelCard['search']>;

/** What has been found out so far on how to train. */
export interface Choice {
  readonly mode: RetrainMode | 'hooks';
  readonly notes: readonly string[];
  /** found by a search; the pipeline's own when null */
  readonly params: EstimatorParams | null;
  /** how these were found */
  readonly search: SearchSummary | null;
  /** how the mode was chosen, where `auto` was asked for */
  readonly backtest: ModeChoice | null;
}

/**
 * Finds the data that a mode learns from and plans what is to be fitted. A mode that cannot be used with this
 * champion, or this file, gives way to another, and the plan says why.
 * @throws NotEnoughDataError, InvalidPipelineError, HookFailedError
 */
export async function planTraining(
  { input, choice }: { readonly input: TrainInput; readonly choice: Choice },
  environment: Environment,
): Promise<TrainingPlan> {
  const file = await newFileOf(input, environment);
  if (trainsByHook(input)) return planHook(input, choice, file, environment);
  const mode = input.parent === null || choice.mode === 'hooks' ? 'full' : choice.mode;
  const plan = await planMode({ ...choice, mode }, input, file, environment);
  if (plan.kind === 'planned') return plan.plan;
  const notes = [
    ...choice.notes,
    `${plan.reason} The mode '${plan.mode}' was used instead of '${mode}'.`,
  ];
  const instead = await planMode({ ...choice, mode: plan.mode, notes }, input, file, environment);
  if (instead.kind === 'planned') return instead.plan;
  throw new InvalidPipelineError(instead.reason);
}

type Planned =
  | { readonly kind: 'planned'; readonly plan: TrainingPlan }
  | { readonly kind: 'fallback'; readonly mode: RetrainMode; readonly reason: string };

async function planMode(
  choice: Choice & { readonly mode: RetrainMode },
  input: TrainInput,
  file: NewFile,
  environment: Environment,
): Promise<Planned> {
  const { mode, notes } = choice;
  const params = choice.params ?? estimatorOf(input);
  const sources = await findSources(mode, input, file, environment);
  const plan = {
    id: modelId(input, { mode, sources, params }, environment),
    mode,
    task: file.task,
    notes,
    sources,
    params,
  };
  const training = await trainingOf(plan, input, environment, file);
  if (training.kind === 'first') {
    return { kind: 'planned', plan: { ...plan, fits: training.fits.length, ready: null } };
  }
  const planned = whatFits(() => planRetraining(training.request));
  if (planned.kind === 'fallback') return planned;
  const fits = planned.fits.length;
  if (fits > 0) return { kind: 'planned', plan: { ...plan, fits, ready: null } };
  const trained = whatFits(() => completeRetraining(training.request, []));
  if (trained.kind === 'fallback') return trained;
  const ready = { model: trained.model.toBytes(), notes: trained.notes };
  return { kind: 'planned', plan: { ...plan, fits, ready } };
}

/** What a plan comes down to: the same whenever it is asked for. */
export type Training =
  | { readonly kind: 'first'; readonly fits: readonly Fit[] }
  | { readonly kind: 'retraining'; readonly request: RetrainingRequest };

/** Loads and brings together all that a plan needs. */
export async function trainingOf(
  { mode, sources, params }: Pick<TrainingPlan, 'mode' | 'sources' | 'params'>,
  input: TrainInput,
  environment: Environment,
  file?: NewFile,
): Promise<Training> {
  const { config, parent, dataset } = input;
  if (mode === 'hooks' || params === null)
    throw new Error('a hook trains: nothing is to be fitted');
  const newFile = file ?? (await newFileOf(input, environment));
  const data = await trainingData(mode, sources, input, newFile, environment);
  const { target, timeColumn, seed } = config;
  const schema = { target, task: newFile.task, ignore: setAside(config), timeColumn };
  if (parent === null) {
    const { table, learn } = data;
    const learned = whatFits(() => learnSchema(table, learn, schema));
    return { kind: 'first', fits: [{ table, rows: learn, schema: learned, params, seed }] };
  }
  const champion = await openModel(parent, config, environment.store);
  const championKnowsFile = knowsRowsOf(await cardOf(parent, environment.store), dataset);
  const { weightColumn } = config;
  const request = { mode, champion, championKnowsFile, data, params, schema, weightColumn, seed };
  return { kind: 'retraining', request };
}

/** The fits of a plan, in their order. */
export function fitsOf(training: Training): readonly Fit[] {
  if (training.kind === 'first') return training.fits;
  const planned = whatFits(() => planRetraining(training.request));
  return planned.kind === 'fits' ? planned.fits : [];
}

async function planHook(
  input: TrainInput,
  choice: Choice,
  file: NewFile,
  environment: Environment,
): Promise<TrainingPlan> {
  const { config, parent } = input;
  const { store } = environment;
  const mode = choice.mode === 'hooks' || parent === null ? 'full' : choice.mode;
  const sources = await findSources(mode, input, file, environment);
  const { table, learn } = await trainingData(mode, sources, input, file, environment);
  const { target, timeColumn } = config;
  const options = { target, task: file.task, ignore: setAside(config), timeColumn };
  const schema = whatFits(() => learnSchema(table, learn, options));
  const champion = parent === null ? null : await openModel(parent, config, store);
  const model: Model = await trainByHook(takeRows(table, learn), schema, input, champion);
  return {
    id: modelId(input, { mode: choice.mode, sources, params: null }, environment),
    mode: choice.mode,
    task: file.task,
    notes: choice.notes,
    sources,
    params: null,
    fits: 0,
    ready: { model: model.toBytes(), notes: [] },
  };
}

/** The estimator that is fitted where no hook trains. */
export function estimatorOf({ config: { estimator } }: TrainInput): EstimatorParams {
  if (estimator.kind !== 'hooks') return estimator;
  throw new Error('a hook trains, and it was not asked');
}

/**
 * What core says of data: too little of it, or of too little variety.
 * @throws NotEnoughDataError
 */
function whatFits<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    // The same data would be refused again.
    if (!(error instanceof RangeError)) throw error;
    throw new NotEnoughDataError(error.message, { cause: error });
  }
}

/**
 * The same lineage gives the same id, so that a repeated attempt finds its own work: everything that
 * decides the bytes of the model goes in, and what was asked for, as the card tells it.
 */
function modelId(
  { config, dataset, parent, refusal, mode: asked }: TrainInput,
  { mode, sources, params }: Pick<TrainingPlan, 'mode' | 'sources' | 'params'>,
  { codeVersion }: Environment,
): string {
  const { name, estimator, seed, target, task, timeColumn, gate, hooks, retrain } = config;
  const { window, replayShare, minRows } = retrain;
  return digestOf([
    [
      name,
      params ?? estimator,
      seed,
      target,
      task ?? null,
      setAside(config),
      timeColumn ?? null,
      gate.holdout,
    ],
    [dataset.ref.uri, parent?.id ?? null, asked, mode, refusal, hooks?.sha256 ?? null, codeVersion],
    [sources.earlier.map(({ ref }) => ref.uri), sources.reservoir?.table.uri ?? null],
    // The card holds what the model scored by it.
    [window, replayShare, minRows, config.weightColumn ?? null, config.metric ?? null],
  ]);
}
