import type { FeatureImportance } from '../model.ts';
import type { Boosted } from './boosted.ts';
import { MISSING_LEFT } from './grow-leaves.ts';

/**
 * How much of what the splits of all trees make the training loss fall is owed to each feature. Empty for a model
 * from before that was noted; 0 throughout for one without splits.
 *
 * It is measured on the rows that the trees were grown on, and favours features of many values.
 * @see Friedman (2001), Annals of Statistics 29:1189–1232, §8.1
 */
export function importancesOf({
  schema,
  trees,
}: Pick<Boosted, 'schema' | 'trees'>): readonly FeatureImportance[] {
  const sums = new Float64Array(schema.features.length);
  for (const { feature, left, gain } of trees) {
    if (gain === undefined) return [];
    for (let node = 0; node < left.length; node++) {
      if (left[node] !== 0) sums[feature[node] & (MISSING_LEFT - 1)] += gain[node];
    }
  }
  const total = sums.reduce((sum, gain) => sum + gain, 0);
  return schema.features.map(({ name }, j) => ({
    feature: name,
    gain: total > 0 ? sums[j] / total : 0,
  }));
}
