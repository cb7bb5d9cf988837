import { fitModel } from '../core/models/fit.ts';
import {
  decodeChunk,
  encodeChunk,
  growTrees as grow,
  type TreeChunk,
} from '../core/models/forest/chunk.ts';
import { assembleForest } from '../core/models/forest/forest.ts';
import { prepareForest, type TrainingSet } from '../core/models/forest/training-set.ts';
import { loadModel } from '../core/models/artefact.ts';
import type { Model } from '../core/models/model.ts';
import { InvalidPipelineError, type Environment } from './environment.ts';
import { fitsOf, trainingOf, type TrainingPlan } from './plan-training.ts';
import type { TrainInput } from './training-data.ts';

/** One of a plan's fits. */
export interface FitRequest {
  readonly input: TrainInput;
  readonly plan: TrainingPlan;
  /** which, from 0 */
  readonly fit: number;
}

/** Training data ready to grow trees from, or, where the estimator does not grow trees, the model itself. */
export type PreparedFit = PreparedForest | { readonly kind: 'fitted'; readonly model: Uint8Array };

interface PreparedForest {
  readonly kind: 'forest';
  readonly set: TrainingSet;
  readonly trees: number;
  /** names the fit in its checkpoints */
  readonly checkpoint: string;
  /** what earlier attempts at this fit left */
  readonly grown: readonly TreeChunk[];
}

/** A fit that is done, as it travels between threads. */
export type Fitted =
  | { readonly kind: 'forest'; readonly set: TrainingSet; readonly chunks: readonly TreeChunk[] }
  | { readonly kind: 'fitted'; readonly model: Uint8Array };

/**
 * Brings the rows of a fit into the form that its estimator trains on; trains at once all but forests.
 * @throws NotEnoughDataError, InvalidPipelineError
 */
export async function prepareFit(
  { input, plan, fit }: FitRequest,
  environment: Environment,
): Promise<PreparedFit> {
  const found = fitsOf(await trainingOf(plan, input, environment))[fit];
  if (found === undefined) throw new RangeError(`fit ${fit + 1} of a plan of ${plan.fits}`);
  const { table, rows, schema, params, seed } = found;
  try {
    if (params.kind !== 'forest') {
      const model = fitModel(table, rows, schema, params, seed);
      return { kind: 'fitted', model: model.toBytes() };
    }
    const set = prepareForest(table, rows, schema, params, seed);
    const checkpoint = checkpointOf(plan, fit);
    const kept = await environment.checkpoints.read(checkpoint);
    const grown = [...kept.values()].map(decodeChunk);
    return { kind: 'forest', set, trees: params.trees, checkpoint, grown };
  } catch (error) {
    // The same data and parameters would be refused again.
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidPipelineError(error.message, { cause: error });
  }
}

/** Grows some of a forest's trees, and keeps them for a later attempt if that took long. */
export async function growTrees(
  {
    set,
    checkpoint,
    first,
    count,
  }: {
    readonly set: TrainingSet;
    readonly checkpoint: string;
    readonly first: number;
    readonly count: number;
  },
  { checkpoints }: Pick<Environment, 'checkpoints'>,
): Promise<TreeChunk> {
  const startedAt = performance.now();
  const chunk = grow(set, first, count);
  const tookMs = performance.now() - startedAt;
  await checkpoints.keep(checkpoint, `${first}-${count}`, encodeChunk(chunk), tookMs);
  return chunk;
}

/** The model of a fit that is done. */
export function modelOf(fitted: Fitted): Model {
  return fitted.kind === 'fitted'
    ? loadModel(fitted.model)
    : assembleForest(fitted.set, fitted.chunks);
}

export function checkpointOf({ id }: Pick<TrainingPlan, 'id'>, fit: number): string {
  return `${id}-${fit}`;
}
