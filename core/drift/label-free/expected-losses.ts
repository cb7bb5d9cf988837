import { DEFAULT_BOOSTING } from '../../models/boosting/params.ts';
import { fitModel } from '../../models/fit.ts';
import type { FeatureSchema, Model } from '../../models/model.ts';
import { deriveSeed } from '../../random.ts';
import { columnOf, takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';

/** Rows with what a regression model said of them. */
export interface PredictedRows {
  /** n rows with at least the model's features */
  readonly table: Table;
  /** n numbers */
  readonly predictions: Float64Array;
}

/** The losses expected of the rows that they were learned from, and the two models that say what those of others are. */
export interface ExpectedLosses {
  readonly expected: Float64Array;
  readonly nannies: readonly Model[];
}

/** Columns of the nannies that hold the model's predictions, and what they learn. */
const PREDICTION = 'prediction';
const LOSS = 'loss';

/**
 * Learns the losses of a regression model from its features and predictions, by two gradient boosting models (the
 * nannies) that each see one half of the rows. What is expected of a row is said by the one that has not seen it, so that
 * rows of the reference and new rows can be compared.
 *
 * @param losses n finite numbers
 * @param options what the model reads, and the seed of the fits
 * @throws RangeError if the lengths differ, a loss is not finite, or a feature is absent
 * @see NannyML 0.13.1, "Direct loss estimation", whose one LightGBM model sees all rows
 */
export function fitExpectedLosses(
  { table, predictions }: PredictedRows,
  losses: Float64Array,
  { features, seed }: { readonly features: readonly FeatureSchema[]; readonly seed: number },
): ExpectedLosses {
  const { rows } = table;
  requireLosses(losses, rows);
  const names = new Set(features.map(({ name }) => name));
  const prediction = nameUnlike(PREDICTION, names);
  const target = nameUnlike(LOSS, names.add(prediction));
  const known = withPredictions({ table, predictions }, features, prediction);
  const columns = [...known.columns, { kind: 'numeric', name: target, values: losses } as const];
  const schema = {
    target,
    task: 'regression',
    features: [...features, { kind: 'numeric', name: prediction }],
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

/**
 * The losses expected of new rows: the mean of what the nannies say.
 * @throws RangeError if the lengths differ, or a feature is absent
 */
export function predictLosses(nannies: readonly Model[], rows: PredictedRows): Float64Array {
  const { features } = nannies[0].schema;
  const known = withPredictions(rows, features.slice(0, -1), features[features.length - 1].name);
  const each = nannies.map((nanny) => lossesOf(nanny, known));
  return each[0].map((_, i) => each.reduce((sum, losses) => sum + losses[i], 0) / each.length);
}

function lossesOf(nanny: Model, table: Table): Float64Array {
  const predicted = nanny.predict(table);
  if (predicted.kind !== 'regression') throw new Error('expected losses: not a regression');
  return predicted.values;
}

/** The features alone, as a table may have other columns of the names given here, and the predictions. */
function withPredictions(
  { table, predictions }: PredictedRows,
  features: readonly FeatureSchema[],
  name: string,
): Table {
  if (predictions.length !== table.rows) {
    throw new RangeError(
      `dle: ${predictions.length} predictions for ${table.rows} rows; as many are needed`,
    );
  }
  const columns = features.map((feature) => columnOf(table, feature.name));
  return {
    rows: table.rows,
    columns: [...columns, { kind: 'numeric', name, values: predictions }],
  };
}

/** The name, with as many underscores as make it unlike the others. */
function nameUnlike(name: string, others: ReadonlySet<string>): string {
  return others.has(name) ? nameUnlike(`${name}_`, others) : name;
}

function requireLosses(losses: Float64Array, rows: number): void {
  if (losses.length !== rows) {
    throw new RangeError(`dle: ${losses.length} losses for ${rows} rows; as many are needed`);
  }
  const strange = losses.findIndex((loss) => !Number.isFinite(loss));
  if (strange >= 0) {
    throw new RangeError(`dle: loss ${strange + 1} is ${losses[strange]}, not a finite number`);
  }
}
