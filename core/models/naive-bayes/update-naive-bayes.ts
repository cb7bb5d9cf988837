import type { RowUpdate } from '../row-updates.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { encodeTable } from '../input/encoder.ts';
import { epsilonOf, naiveBayesModel } from './naive-bayes.ts';
import type { NaiveBayesModel } from './naive-bayes.ts';
import { categorySums, classMoments, merged } from './naive-bayes-moments.ts';
import { classCounts } from '../input/targets.ts';
import { trainingRows } from '../input/weights.ts';

/**
 * A naive Bayes model that has learned further rows: up to rounding the one fitted to all rows at once, those of
 * the model counting `decay` times as much as the new ones.
 *
 * @param decay in (0, 1]
 * @returns undefined if the model does not say how its variances were smoothed (an older artefact)
 * @throws RangeError if a column or an outcome is not as it must be
 */
export function updateNaiveBayes(
  { naiveBayes: old }: NaiveBayesModel,
  table: Table,
  rows: Int32Array,
  { decay, weights }: RowUpdate,
): NaiveBayesModel | undefined {
  const { schema, smoothing } = old;
  if (smoothing === undefined) return undefined;
  const data = trainingRows('naive-bayes', table, rows, schema, { weights });
  const { targets } = data;
  if (targets.kind === 'regression') throw new RangeError('naive-bayes: it cannot learn numbers');
  const { columns } = encodeTable(takeRows(table, data.rows), schema);
  const times = (value: number): number => decay * value;
  const moments = merged(
    { counts: old.counts.map(times), means: old.means, squares: old.squares.map(times) },
    classMoments(columns, targets, data.weights),
  );
  const added = classCounts(targets, data.weights);
  const categories = categorySums(columns, targets, data.weights);
  return naiveBayesModel({
    schema,
    smoothing,
    epsilon: epsilonOf(moments, smoothing, schema),
    classRows: old.classRows.map((count, k) => times(count) + added[k]),
    ...moments,
    categoryCounts: old.categoryCounts.map((count, at) => times(count) + categories[at]),
  });
}
