import { arrayOf, damaged, encodeContainer, isCount, isRecord } from '../container.ts';
import type { Container } from '../container.ts';
import type { Model } from '../model.ts';
import { parseSchema } from '../schema-json.ts';
import { MAX_BINS } from './bins.ts';
import { checkTrees } from './check-trees.ts';
import { treesOf } from './chunk.ts';
import { forestModel } from './forest.ts';
import type { Forest } from './forest.ts';
import type { FeatureBins, TargetScale } from './training-set.ts';

/**
 * A forest as bytes. meta: `schema`, `targetScale` and, a feature, the number of its `bins`: borders (numeric)
 * or codes (categorical), which lie one feature after the other in the arrays `borders` and `binOfCode`.
 */
export function encodeForest(forest: Forest): Uint8Array {
  const { schema, features, targetScale, trees } = forest;
  const bins = features.map((feature) =>
    feature.kind === 'numeric' ? feature.borders.length : feature.binOfCode.length,
  );
  const borders = features.flatMap((f) => (f.kind === 'numeric' ? [...f.borders] : []));
  const binOfCode = features.flatMap((f) => (f.kind === 'categorical' ? [...f.binOfCode] : []));
  return encodeContainer({
    kind: 'forest',
    meta: { schema, targetScale, bins },
    arrays: {
      borders: Float64Array.from(borders),
      binOfCode: Uint8Array.from(binOfCode),
      ...trees,
    },
  });
}

/**
 * The forest in a container.
 * @throws RangeError if it is not a sound forest: predicting with it ends, and gives finite numbers
 */
export function decodeForest(container: Container): Model {
  const { meta } = container;
  if (!isRecord(meta) || !Array.isArray(meta['bins'])) throw damaged('a forest without bins');
  const schema = parseSchema(meta['schema']);
  const targetScale = parseScale(meta['targetScale']);
  const bins: readonly unknown[] = meta['bins'];
  if (bins.length !== schema.features.length) throw damaged('features and bins do not match');
  const forest = {
    schema,
    targetScale,
    features: readFeatures(container, schema.features, bins),
    trees: treesOf(container),
  };
  checkTrees(forest);
  checkRange(forest);
  return forestModel(forest);
}

/** No leaf of a regression may be so far from the center that a prediction is infinite. */
function checkRange({ schema, targetScale, trees }: Forest): void {
  if (schema.task === 'classification') return;
  let largest = 0;
  for (const value of trees.entryValue) largest = Math.max(largest, Math.abs(value));
  const { center, scale } = targetScale;
  const bound = Math.abs(center) + scale * largest * (trees.nodeOffsets.length - 1);
  if (!Number.isFinite(bound)) throw damaged(`predictions up to ${bound}`);
}

function parseScale(value: unknown): TargetScale {
  if (isRecord(value)) {
    const { center, scale } = value as { center?: unknown; scale?: unknown };
    if (isFiniteNumber(center) && isFiniteNumber(scale) && scale > 0) return { center, scale };
  }
  throw damaged('a forest without the scale of its target');
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function readFeatures(
  container: Container,
  features: Forest['schema']['features'],
  bins: readonly unknown[],
): FeatureBins[] {
  const borders = arrayOf(container, 'borders', Float64Array);
  const binOfCode = arrayOf(container, 'binOfCode', Uint8Array);
  let borderAt = 0;
  let codeAt = 0;
  const read = features.map((feature, j): FeatureBins => {
    const count = bins[j];
    if (!isCount(count)) throw damaged(`feature '${feature.name}' has no number of bins`);
    if (feature.kind === 'numeric') {
      const own = borders.slice(borderAt, (borderAt += count));
      if (own.length !== count || !areBorders(own)) {
        throw damaged(`borders of feature '${feature.name}'`);
      }
      return { kind: 'numeric', borders: own };
    }
    const own = binOfCode.slice(codeAt, (codeAt += count));
    if (own.length !== count || count !== feature.dictionary.length + 1) {
      throw damaged(`bins of feature '${feature.name}'`);
    }
    return { kind: 'categorical', binOfCode: own };
  });
  if (borderAt !== borders.length || codeAt !== binOfCode.length) {
    throw damaged('it has bins of no feature');
  }
  return read;
}

function areBorders(borders: Float64Array): boolean {
  return (
    borders.length < MAX_BINS &&
    borders.every((border, b) => Number.isFinite(border) && (b === 0 || borders[b - 1] < border))
  );
}
