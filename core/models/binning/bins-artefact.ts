import { arrayOf, damaged, isCount, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import type { ModelSchema } from '../model.ts';
import { MAX_BINS } from './bins.ts';
import type { FeatureBins } from './feature-bins.ts';

/** Bins as parts of a container: `bins` of its meta, and two of its arrays. */
export interface StoredBins {
  /** borders (numeric) or codes (categorical) of each feature */
  readonly bins: readonly number[];
  readonly arrays: { readonly borders: Float64Array; readonly binOfCode: Uint8Array };
}

/** The bins of the features, one feature after the other in two arrays. */
export function storeBins(features: readonly FeatureBins[]): StoredBins {
  return {
    bins: features.map((feature) =>
      feature.kind === 'numeric' ? feature.borders.length : feature.binOfCode.length,
    ),
    arrays: {
      borders: Float64Array.from(
        features.flatMap((feature) => (feature.kind === 'numeric' ? [...feature.borders] : [])),
      ),
      binOfCode: Uint8Array.from(
        features.flatMap((feature) =>
          feature.kind === 'categorical' ? [...feature.binOfCode] : [],
        ),
      ),
    },
  };
}

/**
 * The bins in a container.
 * @throws RangeError if they are not sound bins of the schema's features
 */
export function readBins(
  container: Container,
  features: ModelSchema['features'],
): readonly FeatureBins[] {
  const { meta } = container;
  if (!isRecord(meta) || !Array.isArray(meta['bins'])) {
    throw damaged(`a ${container.kind} without bins`);
  }
  const bins: readonly unknown[] = meta['bins'];
  if (bins.length !== features.length) throw damaged('features and bins do not match');
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
