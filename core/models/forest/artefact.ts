import { readBins } from '../binning/bins-artefact.ts';
import { damaged, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import { parseSchema, parseTargetScale } from '../artefact/schema-json.ts';
import { treesOf } from './chunk.ts';
import { checkedForest } from './forest.ts';
import type { ForestModel } from './forest.ts';
import type { Forest, ForestTraining } from './fitted-forest.ts';
import { parseForestParams } from './params.ts';
import { treeCount } from './trees.ts';

/**
 * The forest in a container.
 * @throws RangeError if it is not a sound forest: predicting with it ends, and gives finite numbers
 */
export function decodeForest(container: Container): ForestModel {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('a forest without description');
  const schema = parseSchema(meta['schema']);
  const targetScale = parseTargetScale(meta['targetScale']);
  const forest = {
    schema,
    targetScale,
    features: readBins(container, schema.features),
    trees: treesOf(container),
    training: meta['training'] === undefined ? undefined : parseTraining(meta['training']),
  };
  const model = checkedForest(forest);
  checkRange(forest);
  return model;
}

function parseTraining(value: unknown): ForestTraining {
  if (!isRecord(value)) throw damaged('its training is not an object');
  const { params, rows, outOfBag } = value as Partial<Record<keyof ForestTraining, unknown>>;
  if (typeof rows !== 'number' || !(rows > 0 && rows < Infinity)) {
    throw damaged(`it was trained on ${String(rows)} rows`);
  }
  if (outOfBag !== undefined && !(typeof outOfBag === 'number' && outOfBag <= 1)) {
    throw damaged('its out-of-bag score is no number up to 1');
  }
  return { params: parseForestParams(params), rows, outOfBag };
}

/** No leaf of a regression may be so far from the center that a prediction is infinite. */
function checkRange({ schema, targetScale, trees }: Forest): void {
  if (schema.task === 'classification') return;
  let largest = 0;
  for (const value of trees.entryValue) largest = Math.max(largest, Math.abs(value));
  const { center, scale } = targetScale;
  const bound = Math.abs(center) + scale * largest * treeCount(trees);
  if (!Number.isFinite(bound)) throw damaged(`predictions up to ${bound}`);
}
