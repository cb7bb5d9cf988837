import { encodeContainer } from '../artefact/container.ts';
import { storeBins } from '../binning/bins-artefact.ts';
import type { Forest, ForestTraining } from './fitted-forest.ts';

/**
 * A forest as bytes. meta: `schema`, `targetScale`, `training` and, a feature, the number of its `bins`: borders (numeric)
 * or codes (categorical), which lie one feature after the other in the arrays `borders` and `binOfCode`.
 */
export function encodeForest(forest: Forest): Uint8Array {
  const { schema, features, targetScale, trees, training } = forest;
  const { bins, arrays } = storeBins(features);
  return encodeContainer({
    kind: 'forest',
    meta: { schema, targetScale, bins, training: training && orderedTraining(training) },
    arrays: { ...arrays, ...trees },
  });
}

/** With its keys in one order, so that equal forests give equal bytes. */
function orderedTraining({ params, rows, outOfBag }: ForestTraining): ForestTraining {
  const { kind, trees, maxDepth, minLeaf, features, classWeight } = params;
  return { params: { kind, trees, maxDepth, minLeaf, features, classWeight }, rows, outOfBag };
}
