import { damaged, decodeContainer } from './container.ts';
import { decodeForest } from './forest/artefact.ts';
import { decodeMlRandomForest } from './ml-random-forest.ts';
import type { Model } from './model.ts';

/**
 * The model in an artefact, of whatever estimator.
 *
 * The bytes are checked before anything is believed: a damaged or hostile file gives an error here, and a
 * model that was loaded cannot loop, read outside its arrays or give NaN. Nothing in it is executed.
 * @throws RangeError saying what is wrong with the bytes
 */
export function loadModel(bytes: Uint8Array): Model {
  const container = decodeContainer(bytes);
  switch (container.kind) {
    case 'forest':
      return decodeForest(container);
    case 'ml-random-forest':
      return decodeMlRandomForest(container);
    default:
      throw damaged(`estimator '${container.kind}'; forest and ml-random-forest are known`);
  }
}
