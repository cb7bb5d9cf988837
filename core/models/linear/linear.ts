import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from '../container.ts';
import type { Container } from '../container.ts';
import { encodeTable } from '../encoder.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { parseSchema, parseTargetScale } from '../schema-json.ts';
import { scaleOf, targetsOf } from '../targets.ts';
import type { TargetScale } from '../targets.ts';
import { choleskyInPlace, solveCholeskyInto } from './cholesky.ts';
import { designWidth, forEachBlock, learnDesign, readDesign } from './design.ts';
import type { Design } from './design.ts';
import { gramMatrix } from './gram.ts';

/** Linear regression with an L2 penalty (ridge). */
export interface LinearParams {
  readonly kind: 'linear';
  /** weight of the squared coefficients of standardised columns, 0 (least squares) and above */
  readonly l2: number;
}

export const DEFAULT_LINEAR: LinearParams = { kind: 'linear', l2: 1 };

interface Linear {
  readonly schema: ModelSchema;
  readonly design: Design;
  readonly targetScale: TargetScale;
  /** of each column, the constant last; for outcomes in deviations from their mean */
  readonly coefficients: Float64Array;
}

/** A linear regression, and what it learned. */
export interface LinearModel extends Model {
  readonly estimator: 'linear';
  /** of each column of its design, the constant last, in units of the target */
  readonly coefficients: Float64Array;
}

/**
 * Fits min ‖y − Xβ‖² + l2·‖β‖² over standardised columns, without penalty on the constant, by the normal
 * equations. Without penalty, columns that are combinations of others get no coefficient.
 *
 * @throws RangeError if the task is not regression, there are too many columns, or something is not as it must be
 * @see Hoerl & Kennard (1970), Technometrics 12:55–67
 */
export function fitLinear(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: LinearParams,
): LinearModel {
  if (!(params.l2 >= 0 && params.l2 < Infinity)) {
    throw new RangeError(`linear: l2 must be 0 or more, got ${params.l2}`);
  }
  const targets = targetsOf('linear', table, rows, schema);
  if (targets.kind === 'classification') throw new RangeError('linear: it cannot learn classes');
  const targetScale = scaleOf(targets);
  const encoded = encodeTable(takeRows(table, rows), schema);
  const design = learnDesign(encoded, schema);
  const q = designWidth(design);
  const gram = gramMatrix('linear', encoded, design);
  for (let i = 0; i < q - 1; i++) gram[i * q + i] += params.l2;
  const moments = new Float64Array(q);
  forEachBlock(encoded, design, (block, from, count) => {
    for (let i = 0; i < count; i++) {
      const y = (targets.values[from + i] - targetScale.center) / targetScale.scale;
      for (let j = 0; j < q; j++) moments[j] += block[i * q + j] * y;
    }
  });
  const coefficients = new Float64Array(q);
  choleskyInPlace(gram, q);
  solveCholeskyInto(gram, q, moments, coefficients);
  return linearModel({ schema, design, targetScale, coefficients });
}

/**
 * The linear regression in a container.
 * @throws RangeError if it is not a sound one
 */
export function decodeLinear(container: Container): LinearModel {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('a linear regression without description');
  const schema = parseSchema(meta['schema']);
  if (schema.task !== 'regression') throw damaged('a linear regression of classes');
  const targetScale = parseTargetScale(meta['targetScale']);
  const design = readDesign(container, schema);
  const coefficients = arrayOf(container, 'coefficients', Float64Array);
  if (coefficients.length !== designWidth(design) || !coefficients.every(Number.isFinite)) {
    throw damaged('the coefficients of a linear regression');
  }
  return linearModel({ schema, design, targetScale, coefficients });
}

function linearModel(linear: Linear): LinearModel {
  const { schema, design, targetScale, coefficients } = linear;
  return {
    estimator: 'linear',
    schema,
    coefficients: inUnits(coefficients, targetScale),
    predict: (table) => predictLinear(linear, table),
    toBytes: () =>
      encodeContainer({
        kind: 'linear',
        meta: { schema, targetScale },
        arrays: { ...design, coefficients },
      }),
  };
}

function inUnits(coefficients: Float64Array, { center, scale }: TargetScale): Float64Array {
  const own = coefficients.map((coefficient) => coefficient * scale);
  own[own.length - 1] += center;
  return own;
}

function predictLinear(
  { schema, design, targetScale, coefficients }: Linear,
  table: Table,
): Predictions {
  const { center, scale } = targetScale;
  const q = coefficients.length;
  const values = new Float64Array(table.rows);
  forEachBlock(encodeTable(table, schema), design, (block, from, rows) => {
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < q; j++) sum += block[i * q + j] * coefficients[j];
      // For values far beyond any in training, terms may be infinite and their sum no number.
      const value = center + scale * (Number.isNaN(sum) ? 0 : sum);
      values[from + i] = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
    }
  });
  return { kind: 'regression', values };
}
