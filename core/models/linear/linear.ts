import type { Table } from '../../table.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import { encodeRows, encodeTable } from '../input/encoder.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { parseSchema, parseTargetScale } from '../artefact/schema-json.ts';
import { scaleOf } from '../input/targets.ts';
import type { TargetScale } from '../input/targets.ts';
import { trainingRows } from '../input/weights.ts';
import { designWidth, forEachBlock, learnDesign, readDesign } from './design.ts';
import type { Design } from './design.ts';
import {
  linearStatistics,
  readStatistics,
  solveRidge,
  storeStatistics,
} from './linear-statistics.ts';
import type { LinearStatistics } from './linear-statistics.ts';

/** Linear regression with an L2 penalty (ridge). */
export interface LinearParams {
  readonly kind: 'linear';
  /** weight of the squared coefficients of standardised columns, 0 (least squares) and above */
  readonly l2: number;
}

export const DEFAULT_LINEAR: LinearParams = { kind: 'linear', l2: 1 };

/** What a linear regression learned. */
export interface Linear {
  readonly schema: ModelSchema;
  readonly design: Design;
  readonly targetScale: TargetScale;
  /** of each column, the constant last; for outcomes in deviations from their mean */
  readonly coefficients: Float64Array;
  /** from which it can be updated; absent in artefacts of very many columns, and in those that are older */
  readonly updatable?: { readonly statistics: LinearStatistics; readonly l2: number } | undefined;
}

/** A linear regression, and what it learned. */
export interface LinearModel extends Model {
  readonly estimator: 'linear';
  /** of each column of its design, the constant last, in units of the target */
  readonly coefficients: Float64Array;
  readonly linear: Linear;
}

/** Is it a linear regression of ours? */
export function isLinear(model: Model): model is LinearModel {
  return model.estimator === 'linear' && 'linear' in model;
}

/**
 * Fits min Σ w·(y − xβ)² + l2·‖β‖² over standardised columns, without penalty on the constant, by the normal
 * equations. Without penalty, columns that are combinations of others get no coefficient.
 *
 * @param weights of `rows`; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if the task is not regression, there are too many columns, or something is not as it must be
 * @see Hoerl & Kennard (1970), Technometrics 12:55–67
 */
export function fitLinear(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: LinearParams,
  weights?: Float64Array,
): LinearModel {
  const { l2 } = params;
  if (!(l2 >= 0 && l2 < Infinity)) throw new RangeError(`linear: l2 must be 0 or more, got ${l2}`);
  const data = trainingRows('linear', table, rows, schema, { weights });
  if (data.targets.kind === 'classification') {
    throw new RangeError('linear: it cannot learn classes');
  }
  const { values } = data.targets;
  const targetScale = scaleOf(data.targets, data.weights);
  const encoded = encodeRows(table, data.rows, schema);
  const design = learnDesign(encoded, schema, data.weights);
  const statistics = linearStatistics(encoded, design, values, targetScale, data.weights);
  return linearModel({
    schema,
    design,
    targetScale,
    coefficients: solveRidge(statistics, l2),
    updatable: { statistics, l2 },
  });
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
  const statistics = readStatistics(container, coefficients.length);
  const l2 = meta['l2'];
  if (statistics === undefined) return linearModel({ schema, design, targetScale, coefficients });
  if (typeof l2 !== 'number' || !(l2 >= 0)) throw damaged(`the penalty of a linear regression`);
  const updatable = { statistics, l2 };
  return linearModel({ schema, design, targetScale, coefficients, updatable });
}

/** A linear regression as a model. */
export function linearModel(linear: Linear): LinearModel {
  const { schema, design, targetScale, coefficients, updatable } = linear;
  return {
    estimator: 'linear',
    schema,
    linear,
    coefficients: inUnits(coefficients, targetScale),
    predict: (table) => predictLinear(linear, table),
    toBytes: () => {
      const statistics = storeStatistics(updatable?.statistics);
      const kept = updatable === undefined || !('gram' in statistics) ? {} : { l2: updatable.l2 };
      return encodeContainer({
        kind: 'linear',
        meta: { schema, targetScale, ...kept },
        arrays: { ...design, coefficients, ...statistics },
      });
    },
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
