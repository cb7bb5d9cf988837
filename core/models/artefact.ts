import { decodeBaseline } from './baseline.ts';
import { decodeBoosting } from './boosting/boosted-model.ts';
import { damaged, decodeContainer } from './container.ts';
import type { Container } from './container.ts';
import type { EstimatorKind } from './estimator-tasks.ts';
import { decodeForest } from './forest/artefact.ts';
import { decodeLinear } from './linear/linear.ts';
import { decodeLogistic } from './linear/logistic.ts';
import { decodeMlRandomForest } from './ml-random-forest.ts';
import type { Model } from './model.ts';
import { decodeNaiveBayes } from './naive-bayes.ts';

const DECODERS: Readonly<Record<EstimatorKind, (container: Container) => Model>> = {
  forest: decodeForest,
  boosting: decodeBoosting,
  logistic: decodeLogistic,
  linear: decodeLinear,
  'naive-bayes': decodeNaiveBayes,
  baseline: decodeBaseline,
  'ml-random-forest': decodeMlRandomForest,
};

/**
 * The model in an artefact, of whatever estimator.
 *
 * The bytes are checked before anything is believed: a damaged or hostile file gives an error here, and a
 * model that was loaded cannot loop, read outside its arrays or give NaN. Nothing in it is executed.
 * @throws RangeError saying what is wrong with the bytes
 */
export function loadModel(bytes: Uint8Array): Model {
  const container = decodeContainer(bytes);
  if (!isEstimator(container.kind)) {
    throw damaged(
      `estimator '${container.kind}'; those known are ${Object.keys(DECODERS).join(', ')}`,
    );
  }
  return DECODERS[container.kind](container);
}

function isEstimator(kind: string): kind is EstimatorKind {
  return Object.hasOwn(DECODERS, kind);
}
