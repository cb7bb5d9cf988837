import type { FeatureImportance } from '../model.ts';
import type { Forest } from './fitted-forest.ts';
import { treeCount } from './trees.ts';

/**
 * How much of the impurity that the trees take away is owed to each feature: the mean over the trees that split, as
 * scikit-learn's `feature_importances_`. Empty for a forest from before that was noted.
 *
 * It is measured on the rows that the trees were grown on, and favours features of many values.
 * @see Breiman et al. (1984), Classification and Regression Trees, §5.3; Strobl et al. (2007), BMC Bioinf. 8:25
 */
export function importancesOf(
  forest: Pick<Forest, 'schema' | 'trees'>,
): readonly FeatureImportance[] {
  const { schema, trees } = forest;
  if (trees.gains.length === 0) return [];
  const p = schema.features.length;
  const sums = new Float64Array(p);
  for (let t = 0; t < treeCount(trees); t++) {
    for (let j = 0; j < p; j++) sums[j] += trees.gains[t * p + j];
  }
  const total = sums.reduce((sum, gain) => sum + gain, 0);
  return schema.features.map(({ name }, j) => ({
    feature: name,
    gain: total > 0 ? sums[j] / total : 0,
  }));
}
