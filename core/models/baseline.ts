import type { Table } from '../table.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from './artefact/container.ts';
import type { Container } from './artefact/container.ts';
import { encodeTable } from './input/encoder.ts';
import type { Model, ModelSchema, Predictions } from './model.ts';
import { mostProbable } from './predictions.ts';
import { parseSchema } from './artefact/schema-json.ts';
import { classCounts, scaleOf } from './input/targets.ts';
import { trainingRows } from './input/weights.ts';
import type { TrainingRows } from './input/weights.ts';

/** A model that does not look at the features: what every other one has to beat. */
export interface BaselineParams {
  readonly kind: 'baseline';
}

/** How far stored shares may be from adding up to 1. */
const SHARE_TOLERANCE = 1e-9;

interface Baseline {
  readonly schema: ModelSchema;
  /** the share of each class in the training rows, or the one mean outcome */
  readonly values: Float64Array;
}

/**
 * Learns the share of each class, or the mean outcome, and says it of every row. Its label is the majority
 * class.
 * @param weights of `rows`; absent: all 1
 * @throws RangeError if there is no row, or an outcome is not as it must be
 */
export function fitBaseline(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  weights?: Float64Array,
): Model {
  const data = trainingRows('baseline', table, rows, schema, { weights });
  return baselineModel({ schema, values: valuesOf(data) });
}

function valuesOf({ targets, weights }: TrainingRows): Float64Array {
  if (targets.kind === 'regression') return Float64Array.of(scaleOf(targets, weights).center);
  const counts = classCounts(targets, weights);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/**
 * The baseline in a container.
 * @throws RangeError if it is not a sound one
 */
export function decodeBaseline(container: Container): Model {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('a baseline without description');
  const schema = parseSchema(meta['schema']);
  const values = arrayOf(container, 'values', Float64Array);
  const length = schema.task === 'classification' ? schema.classes.length : 1;
  if (values.length !== length || !values.every((value) => Number.isFinite(value))) {
    throw damaged(`the values of a baseline: ${[...values.slice(0, 10)].join(', ')}`);
  }
  if (schema.task === 'classification') {
    const sum = values.reduce((total, value) => total + value, 0);
    if (values.some((value) => value < 0) || Math.abs(sum - 1) > SHARE_TOLERANCE) {
      throw damaged(`the class shares of a baseline add up to ${sum}`);
    }
  }
  return baselineModel({ schema, values });
}

function baselineModel(baseline: Baseline): Model {
  const { schema, values } = baseline;
  return {
    estimator: 'baseline',
    schema,
    predict: (table) => predictBaseline(baseline, table),
    toBytes: () => encodeContainer({ kind: 'baseline', meta: { schema }, arrays: { values } }),
  };
}

function predictBaseline({ schema, values }: Baseline, table: Table): Predictions {
  // The columns are read so that a table that lacks one is refused, as by any other estimator.
  const { rows } = encodeTable(table, schema);
  if (schema.task === 'regression') {
    return { kind: 'regression', values: new Float64Array(rows).fill(values[0]) };
  }
  const probabilities = new Float64Array(rows * values.length);
  for (let i = 0; i < rows; i++) probabilities.set(values, i * values.length);
  const labels = mostProbable(probabilities, values.length);
  return { kind: 'classification', classes: schema.classes, probabilities, labels };
}
