import { fitModel } from '../../models/fit.ts';
import type { EstimatorParams } from '../../models/fit.ts';
import type { FeatureSchema } from '../../models/model.ts';
import { deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';

const FOREST: EstimatorParams = {
  kind: 'forest',
  trees: 40,
  maxDepth: 12,
  minLeaf: 10,
  features: 0.6,
};

/**
 * What a quantity would be on each row by what it was on the reference: a forest of the reference rows of the other
 * fold predicts it from the inputs.
 *
 * @param table rows of both samples, the reference's `n` first
 * @param values the quantity of each row
 * @param folds of each row, 0 or 1
 */
export function expectedValues(
  { table, n, folds }: { readonly table: Table; readonly n: number; readonly folds: Uint8Array },
  features: readonly FeatureSchema[],
  values: Float64Array,
  seed: number,
): Float64Array {
  const taken = new Set(features.map(({ name }) => name));
  let target = 'quantity';
  while (taken.has(target)) target += '_';
  const columns = [...table.columns, { kind: 'numeric', name: target, values } as const];
  const whole = { rows: table.rows, columns };
  const schema = { target, task: 'regression', features, classes: [] } as const;
  const expected = new Float64Array(table.rows);
  for (const fold of [0, 1]) {
    const all = Int32Array.from(folds.keys());
    const seen = all.filter((row) => row < n && folds[row] !== fold);
    const asked = all.filter((row) => folds[row] === fold);
    const model = fitModel(whole, seen, schema, FOREST, deriveSeed(seed, fold));
    const predicted = model.predict(takeRows(whole, asked));
    if (predicted.kind !== 'regression') throw new Error('expected values: not a regression');
    asked.forEach((row, i) => (expected[row] = predicted.values[i]));
  }
  return expected;
}
