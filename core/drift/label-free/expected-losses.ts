import { DEFAULT_BOOSTING } from '../../models/boosting/params.ts';
import { fitModel } from '../../models/fit.ts';
import type { FeatureSchema, Model } from '../../models/model.ts';
import type { Scored } from '../../models/metrics/scored.ts';
import { deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { rowLosses } from './row-losses.ts';
import type { RowLoss } from './row-losses.ts';

/** Column of the nannies that holds the champion's predictions, and the one that they learn. */
const PREDICTION = 'prediction';
const LOSS = 'loss';

export interface ExpectedLossOptions {
  readonly loss: RowLoss;
  /** what the champion reads */
  readonly features: readonly FeatureSchema[];
  readonly seed: number;
}

/**
 * Learns the losses of a regression model from its features and predictions, by two models that each see one half of
 * the rows. What is expected of a row is said by the one that has not seen it, so that rows of the reference and new
 * rows can be compared.
 *
 * @returns the losses expected of the rows, and the two models; null where the loss is not defined on some row
 */
export function fitExpectedLosses(
  table: Table,
  { truth, values, rows }: Extract<Scored, { kind: 'regression' }>,
  { loss, features, seed }: ExpectedLossOptions,
): { readonly expected: Float64Array; readonly nannies: readonly Model[] } | null {
  const losses = rowLosses(loss, truth, values);
  if (losses === undefined) return null;
  const names = namesOf(features);
  const known = withPredictions(table, values, names.prediction);
  const columns = [
    ...known.columns,
    { kind: 'numeric', name: names.loss, values: losses } as const,
  ];
  const schema = {
    target: names.loss,
    task: 'regression',
    features: [...features, { kind: 'numeric', name: names.prediction }],
    classes: [],
  } as const;
  const halves = [0, 1].map((half) =>
    Int32Array.from({ length: rows }, (_, i) => i).filter((row) => row % 2 === half),
  );
  const nannies = halves.map((half, at) =>
    fitModel({ rows, columns }, half, schema, DEFAULT_BOOSTING, deriveSeed(seed, at)),
  );
  const expected = new Float64Array(rows);
  halves.forEach((half, at) => {
    const predicted = lossesOf(nannies[1 - at], takeRows(known, half));
    half.forEach((row, i) => (expected[row] = predicted[i]));
  });
  return { expected, nannies };
}

/** The losses expected of new rows: the mean of what the two models say. */
export function predictLosses(
  nannies: readonly Model[],
  table: Table,
  predictions: Float64Array,
): Float64Array {
  const { features } = nannies[0].schema;
  const known = withPredictions(table, predictions, features[features.length - 1].name);
  const each = nannies.map((nanny) => lossesOf(nanny, known));
  return each[0].map((_, i) => each.reduce((sum, losses) => sum + losses[i], 0) / each.length);
}

function lossesOf(nanny: Model, table: Table): Float64Array {
  const predicted = nanny.predict(table);
  if (predicted.kind !== 'regression') throw new Error('expected losses: not a regression');
  return predicted.values;
}

function withPredictions(table: Table, predictions: Float64Array, name: string): Table {
  const others = table.columns.filter((column) => column.name !== name);
  return { rows: table.rows, columns: [...others, { kind: 'numeric', name, values: predictions }] };
}

/** Names unlike those of the features. */
function namesOf(features: readonly FeatureSchema[]): {
  readonly prediction: string;
  readonly loss: string;
} {
  const taken = new Set(features.map(({ name }) => name));
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
  return { prediction: free(PREDICTION), loss: free(LOSS) };
}
