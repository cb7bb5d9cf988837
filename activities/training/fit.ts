import { loadModel } from '../../core/models/artefact/artefact.ts';
import {
  boostInSteps,
  iterationsPerStep,
  resumeBoosting,
  startBoosting,
  type BoostingState,
} from '../../core/models/boosting/boost.ts';
import { finishBoosting } from '../../core/models/boosting/boosting.ts';
import type { BoostingSet } from '../../core/models/boosting/boosting-set.ts';
import type { BoostedTree } from '../../core/models/boosting/grow-leaves.ts';
import {
  decodeBoostedTrees,
  encodeBoostedTrees,
} from '../../core/models/boosting/trees-artefact.ts';
import type { Fit } from '../../core/models/fit.ts';
import {
  decodeChunk,
  encodeChunk,
  growTrees as grow,
  type TreeChunk,
} from '../../core/models/forest/chunk.ts';
import { assembleForest } from '../../core/models/forest/forest.ts';
import { withOutOfBagScore } from '../../core/models/forest/out-of-bag.ts';
import type { TrainingSet } from '../../core/models/forest/training-set.ts';
import { fitted, growingOf } from '../../core/models/growing.ts';
import type { Model } from '../../core/models/model.ts';
import { InvalidPipelineError, type Environment } from '../environment.ts';
import type { FinishedPartsOfWork } from './finished-parts.ts';
import { requireFitMemory } from './memory.ts';
import { fitsOf, trainingOf, type TrainingPlan } from './plan-training.ts';
import type { TrainInput } from './training-data.ts';
import { weightsOf } from '../datasets/weights.ts';

/** One of a plan's fits. */
export interface FitRequest {
  readonly input: TrainInput;
  readonly plan: TrainingPlan;
  /** which, from 0 */
  readonly fit: number;
}

/** Training data ready to grow trees from, or, where the estimator does not grow trees, the model itself. */
export type PreparedFit =
  PreparedForest | PreparedBoosting | { readonly kind: 'fitted'; readonly model: Uint8Array };

interface PreparedForest {
  readonly kind: 'forest';
  readonly set: TrainingSet;
  readonly trees: number;
  /** names the fit in its checkpoints */
  readonly checkpoint: string;
  /** what earlier attempts at this fit left */
  readonly grown: readonly TreeChunk[];
}

interface PreparedBoosting {
  readonly kind: 'boosting';
  readonly set: BoostingSet;
  /** what earlier attempts at this fit came to */
  readonly state: BoostingState;
  readonly checkpoint: string;
}

/** A fit that is done, as it travels between threads. */
export type Fitted =
  | { readonly kind: 'forest'; readonly set: TrainingSet; readonly chunks: readonly TreeChunk[] }
  | { readonly kind: 'boosting'; readonly set: BoostingSet; readonly state: BoostingState }
  | { readonly kind: 'fitted'; readonly model: Uint8Array };

/**
 * Brings the rows of a fit into the form that its estimator trains on; trains at once what grows no trees.
 * @throws NotEnoughDataError, InvalidPipelineError, NotEnoughMemoryError
 */
export async function prepareFit(
  { input, plan, fit }: FitRequest,
  environment: Environment,
): Promise<PreparedFit> {
  const found = fitsOf(await trainingOf(plan, input, environment))[fit];
  if (found === undefined) throw new RangeError(`fit ${fit + 1} of a plan of ${plan.fits}`);
  const checkpoint = checkpointOf(plan, fit);
  const kept = await environment.checkpoints.read(checkpoint);
  try {
    const weights = weightsOf(found.table, found.rows, input.config);
    requireFitMemory(found, environment.fitMemory);
    return prepared(found, weights, checkpoint, kept);
  } catch (error) {
    // The same data and parameters would be refused again.
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidPipelineError(error.message, { cause: error });
  }
}

function prepared(
  fit: Fit,
  weights: Float64Array | undefined,
  checkpoint: string,
  kept: ReadonlyMap<string, Uint8Array>,
): PreparedFit {
  const growing = growingOf(fit, weights);
  if (growing === null) return { kind: 'fitted', model: fitted(fit, weights).toBytes() };
  if (growing.kind === 'forest') {
    return { ...growing, checkpoint, grown: [...kept.values()].map(decodeChunk) };
  }
  const { kind, set } = growing;
  const trees = boostedBefore(kept, fit.schema.features.length);
  const state = trees.length === 0 ? startBoosting(set) : resumeBoosting(set, trees);
  return { kind, set, state, checkpoint };
}

/** The first trees without a gap that were kept, in their order. */
function boostedBefore(
  kept: ReadonlyMap<string, Uint8Array>,
  features: number,
): readonly BoostedTree[] {
  const trees: BoostedTree[] = [];
  for (;;) {
    const next = kept.get(boostedPart(trees.length));
    if (next === undefined) return trees;
    trees.push(...decodeBoostedTrees(next, features));
  }
}

/** The name of the part of a checkpoint that begins with this tree. */
const boostedPart = (firstTree: number): string => `from-${firstTree}`;

/** Grows some of a forest's trees. */
export function growTrees({
  set,
  first,
  count,
}: {
  readonly set: TrainingSet;
  readonly first: number;
  readonly count: number;
}): TreeChunk {
  return grow(set, first, count);
}

/** Boosts for about half a second. */
export function boost({
  set,
  state,
}: {
  readonly set: BoostingSet;
  readonly state: BoostingState;
}): BoostingState {
  return boostInSteps(set, state, iterationsPerStep(set));
}

/** Takes in trees of a forest, as `prepareFit` finds them again. */
export function addChunk(parts: FinishedPartsOfWork, chunk: TreeChunk): Promise<void> {
  return parts.add(`${chunk.firstTree}-${chunk.count}`, () => encodeChunk(chunk));
}

/**
 * Takes in the trees that a step of boosting added, as `prepareFit` finds them again.
 * @param from the number of trees before the step
 */
export function addBoosted(
  parts: FinishedPartsOfWork,
  from: number,
  { trees }: BoostingState,
): Promise<void> {
  return parts.add(boostedPart(from), () => encodeBoostedTrees(trees.slice(from)));
}

/** The model of a fit that is done. */
export function modelOf(done: Fitted): Model {
  switch (done.kind) {
    case 'forest':
      return withOutOfBagScore(assembleForest(done.set, done.chunks), done.set);
    case 'boosting':
      return finishBoosting(done.set, done.state);
    case 'fitted':
      return loadModel(done.model);
  }
}

/** Names a fit of a plan in its checkpoints. */
function checkpointOf({ id }: Pick<TrainingPlan, 'id'>, fit: number): string {
  return `${id}-${fit}`;
}
