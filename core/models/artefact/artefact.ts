import { decodeBaseline } from '../baseline.ts';
import { decodeBoosting } from '../boosting/boosted-model.ts';
import { decodeCalibrated } from '../wrapped/calibrated.ts';
import { damaged, decodeContainer } from './container.ts';
import type { Container } from './container.ts';
import type { EstimatorKind } from '../estimator-tasks.ts';
import { decodeForest } from '../forest/artefact.ts';
import { decodeLinear } from '../linear/linear.ts';
import { decodeLogistic } from '../linear/logistic.ts';
import { decodeMlRandomForest } from '../ml-random-forest/ml-random-forest.ts';
import type { Model } from '../model.ts';
import { decodeNaiveBayes } from '../naive-bayes/naive-bayes.ts';
import { decodeStacked } from '../wrapped/stacked.ts';

const DECODERS: Readonly<Record<EstimatorKind, (container: Container) => Model>> = {
  forest: decodeForest,
  boosting: decodeBoosting,
  logistic: decodeLogistic,
  linear: decodeLinear,
  'naive-bayes': decodeNaiveBayes,
  baseline: decodeBaseline,
  'ml-random-forest': decodeMlRandomForest,
};

/** Models that are made of others: of which, so that what is read ends. */
const COMPOSITES: Readonly<
  Record<
    CompositeKind,
    {
      readonly decode: (container: Container, load: (bytes: Uint8Array) => Model) => Model;
      readonly of: readonly CompositeKind[];
    }
  >
> = {
  calibrated: { decode: decodeCalibrated, of: ['stacked'] },
  stacked: { decode: decodeStacked, of: [] },
};

type CompositeKind = 'calibrated' | 'stacked';

/**
 * The model in an artefact, of whatever kind.
 *
 * The bytes are checked before anything is believed: a damaged or hostile file gives an error here, and a
 * model that was loaded cannot loop, read outside its arrays or give NaN. Nothing in it is executed.
 * @throws RangeError saying what is wrong with the bytes
 */
export function loadModel(bytes: Uint8Array): Model {
  return load(bytes, ['calibrated', 'stacked']);
}

/** Can models of this kind, as a model names it in `estimator`, be read from their bytes alone? */
export function isLoadable(kind: string): boolean {
  return isEstimator(kind) || isComposite(kind);
}

function load(bytes: Uint8Array, composites: readonly CompositeKind[]): Model {
  const container = decodeContainer(bytes);
  const { kind } = container;
  if (isEstimator(kind)) return DECODERS[kind](container);
  if (isComposite(kind) && composites.includes(kind)) {
    const { decode, of } = COMPOSITES[kind];
    return decode(container, (inner) => load(inner, of));
  }
  throw damaged(
    `estimator '${kind}'; those known are ${[...Object.keys(DECODERS), ...composites].join(', ')}`,
  );
}

function isEstimator(kind: string): kind is EstimatorKind {
  return Object.hasOwn(DECODERS, kind);
}

function isComposite(kind: string): kind is CompositeKind {
  return Object.hasOwn(COMPOSITES, kind);
}
