import { columnsLeftOut } from '../../core/models/input/encoder.ts';
import type { Evaluation } from '../../core/models/metrics/evaluation.ts';
import type { Model } from '../../core/models/model.ts';
import type { ModeChoice } from '../../core/models/retrain/choose-mode.ts';
import type { RetrainMode } from '../../core/models/retrain/modes.ts';
import { completeRetraining } from '../../core/models/retrain/retrain.ts';
import { takeRows } from '../../core/table.ts';
import { isDamage, type ArtefactRef, type ArtefactStore } from '../../store/artefact-store.ts';
import { putJson } from '../../store/json.ts';
import { parseModelCard, type ModelCard } from '../../store/model-card.ts';
import type { ModelRef } from '../../workflows/contract.ts';
import { setAside } from '../datasets/weights.ts';
import type { Environment } from '../environment.ts';
import { modelOf, type Fitted } from './fit.ts';
import { importancesOf } from './importances.ts';
import { cardOf, knowledgeOf, knownTo, splitOf, type KnownDataset } from '../models/lineage.ts';
import { modelRefOf } from '../models/model-ref.ts';
import { openModel } from '../models/models.ts';
import { trainingOf, type Choice, type TrainingPlan } from './plan-training.ts';
import { evaluateScored, scoreOn } from '../models/scoring.ts';
import { newFileOf, trainingData, type NewFile, type TrainInput } from './training-data.ts';

/** The model in the store, or why the mode came to nothing and which one is to be used instead. */
export type Finished =
  | { readonly kind: 'stored'; readonly model: ModelRef }
  | { readonly kind: 'fallback'; readonly mode: RetrainMode; readonly reason: string };

/** Makes the model of its fits, scores it on the rows that were held out, and stores it with its card. */
export async function finishTraining(
  {
    input,
    choice,
    plan,
    fitted,
  }: {
    readonly input: TrainInput;
    readonly choice: Choice;
    readonly plan: TrainingPlan;
    readonly fitted: readonly Fitted[];
  },
  environment: Environment,
): Promise<Finished> {
  const made = await madeOf(input, plan, fitted, environment);
  if (made.kind === 'fallback') return made;
  const { store } = environment;
  const { config } = input;
  const artefact = await putModel(plan.id, made.bytes, store);
  const model = await openModel({ id: plan.id, artefact }, config, store);
  const file = await newFileOf(input, environment);
  const held = takeRows(file.table, file.holdout);
  const baseline = evaluateScored(scoreOn(model, held), config, { task: file.task });
  const notes = [...plan.notes, ...made.notes];
  const card = await cardFor(
    { input, choice, plan, file, model, artefact, baseline, notes },
    environment,
  );
  const ref = await putJson(store, `models/${plan.id}/card.json`, card);
  // A model of a hook's, or one around others, is of another kind than the pipeline asked for.
  return { kind: 'stored', model: { ...modelRefOf(card, ref), estimator: model.estimator } };
}

/**
 * Stores the bytes of a model, unless an earlier attempt stored its own: of a hook these may be others. What was damaged since, as
 * its card tells, is set aside with its card.
 */
async function putModel(id: string, bytes: Uint8Array, store: ArtefactStore): Promise<ArtefactRef> {
  const [uri, cardUri] = [`models/${id}/model.bin`, `models/${id}/card.json`];
  const artefact = await store.put(uri, bytes);
  if (!(await store.exists(cardUri))) return artefact;
  try {
    const card = parseModelCard(await store.get(cardUri));
    if (card.artefact.sha256 === artefact.sha256) return artefact;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  await store.setAside(uri);
  await store.setAside(cardUri);
  return store.put(uri, bytes);
}

type Made =
  | { readonly kind: 'made'; readonly bytes: Uint8Array; readonly notes: readonly string[] }
  | Extract<Finished, { kind: 'fallback' }>;

async function madeOf(
  input: TrainInput,
  plan: TrainingPlan,
  fitted: readonly Fitted[],
  environment: Environment,
): Promise<Made> {
  if (plan.ready !== null) {
    return { kind: 'made', bytes: plan.ready.model, notes: plan.ready.notes };
  }
  const models = fitted.map(modelOf);
  const training = await trainingOf(plan, input, environment);
  const [first] = models;
  if (training.kind === 'first' && first !== undefined) {
    return { kind: 'made', bytes: first.toBytes(), notes: [] };
  }
  if (training.kind === 'first') throw new Error('a first model was to be fitted, and was not');
  const trained = completeRetraining(training.request, models);
  if (trained.kind === 'fallback') return trained;
  return { kind: 'made', bytes: trained.model.toBytes(), notes: trained.notes };
}

interface Making {
  readonly input: TrainInput;
  readonly choice: Choice;
  readonly plan: TrainingPlan;
  readonly file: NewFile;
  readonly model: Model;
  readonly artefact: ArtefactRef;
  readonly baseline: Evaluation;
  readonly notes: readonly string[];
}

async function cardFor(
  { input, choice, plan, file, model, artefact, baseline, notes }: Making,
  environment: Environment,
): Promise<ModelCard> {
  const { config, dataset, parent } = input;
  const { target, timeColumn } = config;
  const { mode, sources } = plan;
  const dataMode = mode === 'hooks' ? 'full' : mode;
  const { table, learn } = await trainingData(dataMode, sources, input, file, environment);
  const features = new Set(model.schema.features.map(({ name }) => name));
  const options = { target, ignore: setAside(config), timeColumn };
  const leftOut = columnsLeftOut(table, learn, options).filter(({ name }) => !features.has(name));
  return {
    version: 1,
    id: plan.id,
    pipeline: config.name,
    estimator: { ...(plan.params ?? config.estimator) },
    task: file.task,
    target: config.target,
    features: model.schema.features.map(({ name, kind }) => ({ name, kind })),
    classes: [...model.schema.classes],
    ...(leftOut.length === 0 ? {} : { leftOut: leftOut.map((each) => ({ ...each })) }),
    trainedOn: {
      sha256: dataset.sha256,
      fileName: dataset.fileName,
      dataset: dataset.ref,
      rows: learn.length,
      holdoutRows: file.holdout.length,
    },
    parent: parent?.id ?? null,
    mode,
    ...(input.mode === mode ? {} : { askedMode: input.mode }),
    ...(notes.length === 0 ? {} : { notes: [...notes] }),
    ...(choice.backtest === null ? {} : { modesTried: triedModes(choice.backtest) }),
    ...(choice.search === null ? {} : { search: choice.search }),
    ...(model.oobScore === undefined ? {} : { oobScore: model.oobScore }),
    importances: [...importancesOf(model, file, config)],
    knows: [...(await allKnowledge(input, plan, file, environment))],
    ...(sources.reservoir === null ? {} : { reservoir: sources.reservoir.table }),
    seed: config.seed,
    codeVersion: environment.codeVersion,
    createdAt: new Date().toISOString(),
    score: baseline.primary,
    baseline,
    artefact,
  };
}

function triedModes({ metric, scores, leftOut }: ModeChoice): ModelCard['modesTried'] {
  return {
    metric,
    scores: scores.map((score) => ({ ...score })),
    leftOut: leftOut.map((each) => ({ ...each })),
  };
}

/** Modes that go on from the champion: what it knows, the new model knows too. */
const GOING_ON: readonly string[] = ['incremental', 'recalibration', 'stacking', 'hooks'];

async function allKnowledge(
  { config, dataset, parent }: TrainInput,
  { mode, sources }: TrainingPlan,
  { task, train }: NewFile,
  { store }: Environment,
): Promise<readonly KnownDataset[]> {
  const before =
    parent === null || !GOING_ON.includes(mode) ? [] : knownTo(await cardOf(parent, store));
  const own = knowledgeOf(dataset, {
    rows: train.length,
    part: 'training rows',
    split: splitOf(config, task),
  });
  const earlier = sources.earlier.map((each) =>
    knowledgeOf(each, { rows: each.rows, part: 'all rows', split: null }),
  );
  return withoutRepetitions([...before, ...(sources.reservoir?.datasets ?? []), ...earlier, own]);
}

function withoutRepetitions(known: readonly KnownDataset[]): readonly KnownDataset[] {
  const byKey = new Map(known.map((each) => [`${each.sha256} ${each.part} ${each.split}`, each]));
  return [...byKey.values()];
}
