import { createRandom, deriveSeed } from '../random.ts';
import { takeRows } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { METRIC_DIRECTION } from './metrics/evaluation.ts';
import type { MetricName } from './metrics/evaluation.ts';
import { metricOf } from './metrics/metrics.ts';
import type { Model } from './model.ts';
import { outcomesOf } from './metrics/outcomes.ts';
import { scored } from './metrics/scored.ts';

/** How much worse a model gets without what a feature says. */
export interface PermutationImportance {
  readonly feature: string;
  /** mean loss of the metric, in its units; above 0: the model is worse without the feature */
  readonly mean: number;
  /** standard deviation over the permutations (ddof 1) */
  readonly deviation: number;
}

export interface PermutationOptions {
  readonly metric: MetricName;
  /** permutations of each feature, 2 and above */
  readonly repeats: number;
  readonly seed: number;
}

/**
 * The importance of each feature of any model on some rows: by how much the metric gets worse when the values of the
 * feature are shuffled over the rows, so that they say nothing any more. On rows that the model was not fitted on,
 * a feature that it only learned by heart has none. Features that say the same share theirs, or have none.
 *
 * The same model, rows, options and seed give the same numbers. It predicts features × repeats + 1 times.
 *
 * @param rows rows that have an outcome; take some thousand of more
 * @returns in the order of the schema; empty where the metric is not defined on these rows
 * @throws RangeError if there are fewer than 2 repeats, no rows, or a column is absent or of another kind
 * @see Breiman (2001), Machine Learning 45:5–32, §10; Fisher, Rudin & Dominici (2019), JMLR 20(177):1–81
 */
export function permutationImportances(
  model: Model,
  table: Table,
  rows: Int32Array,
  { metric, repeats, seed }: PermutationOptions,
): readonly PermutationImportance[] {
  if (!(Number.isInteger(repeats) && repeats >= 2)) {
    throw new RangeError(`permutation importance: repeats must be 2 or more, got ${repeats}`);
  }
  const own = takeRows(table, rows);
  const outcomes = outcomesOf(own, model.schema);
  const valueOn = (changed: Table): number | undefined =>
    metricOf(metric, scored(model.predict(changed), outcomes));
  const whole = valueOn(own);
  if (whole === undefined) return [];
  const sign = METRIC_DIRECTION[metric] === 'higher' ? 1 : -1;
  const found: PermutationImportance[] = [];
  model.schema.features.forEach(({ name }, j) => {
    const losses: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const order = permutation(own.rows, deriveSeed(deriveSeed(seed, j), repeat));
      // A metric of the same outcomes is defined, whatever is predicted.
      losses.push(sign * (whole - (valueOn(permuted(own, name, order)) ?? whole)));
    }
    found.push({ feature: name, ...spread(losses) });
  });
  return found;
}

function permutation(n: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  return order;
}

function permuted(table: Table, name: string, order: Int32Array): Table {
  const columns = table.columns.map((column): Column => {
    if (column.name !== name) return column;
    return column.kind === 'categorical'
      ? { ...column, codes: Int32Array.from(order, (row) => column.codes[row]) }
      : { ...column, values: Float64Array.from(order, (row) => column.values[row]) };
  });
  return { rows: table.rows, columns };
}

function spread(values: readonly number[]): Omit<PermutationImportance, 'feature'> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
