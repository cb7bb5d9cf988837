import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import type { Predictions } from '../../core/models/model.ts';
import { DEFAULT_METRIC } from '../../core/models/metrics/evaluation.ts';
import { labelledRows } from '../../core/models/metrics/outcomes.ts';
import { assembleData } from '../../core/models/retrain/data.ts';
import {
  chooseMode as choose,
  type ModeChoice,
  type Tried,
} from '../../core/models/retrain/choose-mode.ts';
import { dataNeedOf, type RetrainMode } from '../../core/models/retrain/modes.ts';
import type { RetrainingRequest } from '../../core/models/retrain/request.ts';
import { planRetraining, retrain } from '../../core/models/retrain/retrain.ts';
import { planTrials, type Trial } from '../../core/models/retrain/trials.ts';
import { dataOptionsOf } from '../../pipelines/retrain-schema.ts';
import type { Dataset, ModelRef } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import type { Environment } from '../environment.ts';
import { loadTable } from '../datasets/ingest.ts';
import { reservoirOf, reservoirRows, type StoredReservoir } from './lineage-reservoir.ts';
import { cardOf, knowsRowsOf } from '../models/lineage.ts';
import { openModel } from '../models/models.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { FinishedPartsOfWork } from './finished-parts.ts';
import { fitRefusal, requireFileMemory } from './memory.ts';
import { estimatorOf } from './plan-training.ts';
import {
  findSources,
  labelledBefore,
  newFileOf,
  soundOnes,
  type TrainInput,
} from './training-data.ts';
import { setAside } from '../datasets/weights.ts';

/** Which modes `auto` tries out, and on what. */
export interface Backtest {
  /** names it in its checkpoints */
  readonly work: string;
  readonly modes: readonly RetrainMode[];
  readonly trials: number;
  /** labelled datasets that the champion may know, the oldest first */
  readonly earlier: readonly Dataset[];
  /** labelled datasets that came after all that it was trained on, the oldest first, without the new file */
  readonly unknown: readonly Dataset[];
  /** was the champion trained on the new file? Then nothing can be tried out on that */
  readonly championKnowsFile: boolean;
  readonly reservoir: StoredReservoir | null;
}

type RetrainInput = TrainInput & { readonly parent: ModelRef };

/**
 * Finds the files on which modes are tried out: the last ones, as far back as to the newest that the champion was
 * trained on. Before that it was not there: it would be tried with what it learned afterwards, and a new model without.
 */
export async function planBacktest(
  { input }: { readonly input: RetrainInput },
  environment: Environment,
): Promise<Backtest> {
  const { config, parent, dataset } = input;
  const { modes, files } = config.retrain.auto;
  const file = await newFileOf(input, environment);
  const card = await cardOf(parent, environment.store);
  const before = await labelledBefore(input, environment);
  const championKnowsFile = knowsRowsOf(card, dataset);
  const newestKnown = before.findIndex((each) => knowsRowsOf(card, each));
  const since = championKnowsFile ? [] : before.slice(0, newestKnown < 0 ? undefined : newestKnown);
  const unknown = await soundOnes(since.slice(0, files - 1), environment);
  const tried = new Set(unknown.map(({ sha256 }) => sha256));
  const earlier = new Map<string, Dataset>();
  for (const mode of modes) {
    const sources = await findSources(mode, input, file, environment);
    for (const each of sources.earlier) if (!tried.has(each.sha256)) earlier.set(each.sha256, each);
  }
  // Trials read them all, beside the new file.
  requireFileMemory([...earlier.values(), ...unknown], file.table, environment.fitMemory);
  const inOrder = before.filter(({ sha256 }) => earlier.has(sha256)).toReversed();
  const needsReservoir = modes.some((mode) => needOf(mode, input).kind === 'reservoir');
  const plan = {
    modes,
    earlier: inOrder,
    unknown: unknown.toReversed(),
    championKnowsFile,
    reservoir: needsReservoir ? await reservoirOf(parent, config, environment) : null,
  };
  const work = digestOf([config, dataset.ref.uri, parent.id, plan, environment.codeVersion]);
  const trials = await trialsOf(input, plan, environment);
  return { ...plan, work: `${work}-backtest`, trials: trials.length };
}

/** One mode in one trial. */
export interface TrialRequest {
  readonly input: RetrainInput;
  readonly backtest: Backtest;
  readonly mode: RetrainMode;
  /** which, from 0 */
  readonly trial: number;
  /** trials that may run at the same time, and share the memory that a fit may take */
  readonly together: number;
}

/** What the mode's model says of the rows that came after, or why there is none. */
export type TrialResult =
  | { readonly kind: 'said'; readonly predictions: Predictions }
  | { readonly kind: 'left out'; readonly reason: string };

/** A trial that would take more than its share of the memory. */
export interface TooLarge {
  readonly kind: 'too large';
  readonly reason: string;
}

/** Trains in a mode as if a file of the past had just arrived, and predicts what came after it. */
export async function tryMode(
  { input, backtest, mode, trial: number, together }: TrialRequest,
  environment: Environment,
): Promise<TrialResult | TooLarge> {
  const { config, parent } = input;
  const trial = (await trialsOf(input, backtest, environment))[number];
  if (trial === undefined) throw new RangeError(`trial ${number + 1} of ${backtest.trials}`);
  const { target, timeColumn, seed } = config;
  const reservoir =
    backtest.reservoir === null ? null : await reservoirRows(backtest.reservoir, environment);
  const { newFile, earlier, next } = trial;
  try {
    const data = assembleData(needOf(mode, input), {
      target,
      timeColumn,
      weightColumn: config.weightColumn,
      newFile,
      earlier,
      reservoir,
      seed,
    });
    const request: RetrainingRequest = {
      mode,
      champion: await openModel(parent, config, environment.store),
      championKnowsFile: false,
      data,
      params: estimatorOf(input),
      schema: { target, task: parent.task, ignore: setAside(config), timeColumn },
      weightColumn: config.weightColumn,
      seed,
    };
    const refusal = refusalOf(request, environment.fitMemory.megabytes / together);
    if (refusal !== null) return { kind: 'too large', reason: refusal };
    const retrained = retrain(request);
    return retrained.kind === 'trained'
      ? { kind: 'said', predictions: retrained.model.predict(next) }
      : { kind: 'left out', reason: retrained.reason };
  } catch (error) {
    // The data of a trial may be what a mode cannot learn from; another mode may.
    if (!(error instanceof RangeError)) throw error;
    return { kind: 'left out', reason: `${error.message}.` };
  }
}

/** The results of trials that earlier attempts made. */
export interface MadeTrials {
  /** undefined for one that is to be made */
  of(mode: RetrainMode, trial: number): TrialResult | undefined;
}

/** Finds what earlier attempts have left of trying modes out. */
export async function madeTrials(
  { work }: Backtest,
  checkpoints: Checkpoints,
): Promise<MadeTrials> {
  const kept = await checkpoints.read(work);
  return {
    of: (mode, trial) => {
      const bytes = kept.get(trialPart(mode, trial));
      return bytes === undefined ? undefined : resultSchema.parse(deserialize(bytes));
    },
  };
}

/** Takes in the result of a trial, as `madeTrials` finds it again. */
export function addModeTrial(
  parts: FinishedPartsOfWork,
  { mode, trial, result }: Pick<TrialRequest, 'mode' | 'trial'> & { readonly result: TrialResult },
): Promise<void> {
  return parts.add(trialPart(mode, trial), () => serialize(result));
}

const trialPart = (mode: RetrainMode, trial: number): string => `${mode}-${trial}`;

/** Whether the fits of a trial, one after the other on one thread, keep within a limit: null, or why not. */
function refusalOf(request: RetrainingRequest, megabytes: number): string | null {
  const plan = planRetraining(request);
  if (plan.kind === 'fallback') return null;
  for (const fit of plan.fits) {
    const refusal = fitRefusal(fit, { megabytes, threads: 1 });
    if (refusal !== null) return `${refusal}.`;
  }
  return null;
}

/** Chooses the cheapest mode within noise of the best. */
export async function chooseMode(
  {
    input,
    backtest,
    results,
  }: {
    readonly input: RetrainInput;
    readonly backtest: Backtest;
    /** of each mode, a result for each trial */
    readonly results: readonly (readonly TrialResult[])[];
  },
  environment: Environment,
): Promise<ModeChoice> {
  const { config, parent } = input;
  const tried = backtest.modes.map((mode, m): Tried => {
    const said: Predictions[] = [];
    for (const result of results[m] ?? []) {
      if (result.kind === 'left out') return { kind: 'left out', mode, reason: result.reason };
      said.push(result.predictions);
    }
    return { kind: 'tried', mode, said };
  });
  return choose(await trialsOf(input, backtest, environment), tried, {
    target: { target: config.target, task: parent.task },
    metric: config.metric ?? DEFAULT_METRIC[parent.task],
    seed: config.seed,
  });
}

async function trialsOf(
  input: RetrainInput,
  { earlier, unknown, championKnowsFile }: Omit<Backtest, 'work' | 'trials'>,
  environment: Environment,
): Promise<readonly Trial[]> {
  if (championKnowsFile) return [];
  const { config, parent } = input;
  const { target, timeColumn, seed } = config;
  const load = ({ ref }: Dataset): ReturnType<typeof loadTable> => loadTable(ref, environment);
  const before = await Promise.all(earlier.map(load));
  const files = await Promise.all(unknown.map(load));
  const { table, train } = await newFileOf(input, environment);
  return planTrials(
    before,
    [
      ...files.map((each) => ({ table: each, train: labelledRows(each, target) })),
      { table, train },
    ],
    { target, task: parent.task, timeColumn, seed },
  );
}

function needOf(mode: RetrainMode, { config }: TrainInput): ReturnType<typeof dataNeedOf> {
  return dataNeedOf(mode, dataOptionsOf(config.retrain));
}

const resultSchema: z.ZodType<TrialResult> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('left out'), reason: z.string() }),
  z.strictObject({
    kind: z.literal('said'),
    predictions: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('classification'),
        classes: z.array(z.string()),
        probabilities: z.instanceof(Float64Array),
        labels: z.instanceof(Int32Array),
      }),
      z.strictObject({ kind: z.literal('regression'), values: z.instanceof(Float64Array) }),
    ]),
  }),
]);
