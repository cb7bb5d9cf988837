import type { Table } from '../../table.ts';
import { arrayOf, damaged, encodeContainer, isCount, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import { encodeRows, encodeTable } from '../input/encoder.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import { parseSchema } from '../artefact/schema-json.ts';
import { sigmoid, softmaxRows } from '../softmax.ts';
import { trainingRows } from '../input/weights.ts';
import type { ClassWeight } from '../input/weights.ts';
import { designWidth, forEachBlock, learnDesign, readDesign } from './design.ts';
import type { Design } from './design.ts';
import { packTriangle, unpackTriangle } from './gram.ts';
import { minimiseLogLoss } from './newton.ts';
import type { Convergence } from './newton.ts';

/** Logistic regression with an L2 penalty. */
export interface LogisticParams {
  readonly kind: 'logistic';
  /** weight of half the squared coefficients of standardised columns (1 / C of scikit-learn), 0 and above */
  readonly l2: number;
  /** most Newton steps, 1 and above */
  readonly maxIterations: number;
  /** how much each class counts; absent: each row as much as any other */
  readonly classWeight?: ClassWeight | undefined;
}

export const DEFAULT_LOGISTIC: LogisticParams = { kind: 'logistic', l2: 1, maxIterations: 100 };

/** What a logistic regression learned. */
export interface Logistic {
  readonly schema: ModelSchema;
  readonly design: Design;
  readonly convergence: Convergence;
  /** row-major, columns × outputs, the constant last; one output (of the second class) for two classes, else one a class */
  readonly coefficients: Float64Array;
  /** from which it can be updated, see `Minimum`; absent in older artefacts */
  readonly updatable?: { readonly information: Float64Array; readonly l2: number } | undefined;
}

/** A logistic regression, and what it learned. */
export interface LogisticModel extends Model, Pick<Logistic, 'coefficients' | 'convergence'> {
  readonly estimator: 'logistic';
  readonly logistic: Logistic;
}

/** Is it a logistic regression of ours? */
export function isLogistic(model: Model): model is LogisticModel {
  return model.estimator === 'logistic' && 'logistic' in model;
}

/**
 * Fits min −Σ w·log p(class | row) + l2/2·‖β‖² over standardised columns, without penalty on the constant: the
 * logistic model for two classes, the multinomial one with a coefficient for every class for more.
 *
 * @param weights of `rows`; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if the task is not classification, there are too many columns, or something is not as it must be
 * @see Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, §4.4
 */
export function fitLogistic(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: LogisticParams,
  weights?: Float64Array,
): LogisticModel {
  const { l2, maxIterations, classWeight } = params;
  if (!(l2 >= 0 && l2 < Infinity))
    throw new RangeError(`logistic: l2 must be 0 or more, got ${l2}`);
  if (!isCount(maxIterations) || maxIterations < 1) {
    throw new RangeError(
      `logistic: maxIterations must be a whole number from 1, got ${maxIterations}`,
    );
  }
  const data = trainingRows('logistic', table, rows, schema, { classWeight, weights });
  if (data.targets.kind === 'regression') throw new RangeError('logistic: it cannot learn numbers');
  const encoded = encodeRows(table, data.rows, schema);
  const design = learnDesign(encoded, schema, data.weights);
  const problem = {
    table: encoded,
    design,
    labels: data.targets.labels,
    weights: data.weights,
    outputs: outputsOf(schema),
    l2,
  };
  const { coefficients, convergence, information } = minimiseLogLoss(problem, maxIterations);
  const updatable = { information, l2 };
  return logisticModel({ schema, design, convergence, coefficients, updatable });
}

/**
 * The logistic regression in a container.
 * @throws RangeError if it is not a sound one
 */
export function decodeLogistic(container: Container): LogisticModel {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('a logistic regression without description');
  const schema = parseSchema(meta['schema']);
  if (schema.task !== 'classification') throw damaged('a logistic regression of numbers');
  const design = readDesign(container, schema);
  const coefficients = arrayOf(container, 'coefficients', Float64Array);
  if (
    coefficients.length !== designWidth(design) * outputsOf(schema) ||
    !coefficients.every(Number.isFinite)
  ) {
    throw damaged('the coefficients of a logistic regression');
  }
  const convergence = parseConvergence(meta['convergence']);
  const updatable = readInformation(container, meta['l2'], coefficients.length);
  return logisticModel({ schema, design, convergence, coefficients, updatable });
}

function readInformation(container: Container, l2: unknown, size: number): Logistic['updatable'] {
  if (!('information' in container.arrays)) return undefined;
  const stored = arrayOf(container, 'information', Float64Array);
  const isTriangle = stored.length === (size * (size + 1)) / 2;
  if (!(isTriangle || stored.length === size) || !stored.every(Number.isFinite)) {
    throw damaged('the information of a logistic regression');
  }
  if (typeof l2 !== 'number' || !(l2 >= 0)) throw damaged('the penalty of a logistic regression');
  return { information: isTriangle ? unpackTriangle(stored, size) : stored, l2 };
}

function parseConvergence(value: unknown): Convergence {
  if (isRecord(value)) {
    const { converged, iterations } = value as { converged?: unknown; iterations?: unknown };
    if (typeof converged === 'boolean' && isCount(iterations)) return { converged, iterations };
  }
  throw damaged('a logistic regression that does not say whether it converged');
}

/** Scores a row: one for two classes, else one a class. */
export function outputsOf({ classes }: ModelSchema): number {
  return classes.length <= 2 ? 1 : classes.length;
}

/** A logistic regression as a model. */
export function logisticModel(logistic: Logistic): LogisticModel {
  const { schema, design, convergence, coefficients, updatable } = logistic;
  return {
    estimator: 'logistic',
    schema,
    logistic,
    coefficients,
    convergence,
    predict: (table) => predictLogistic(logistic, table),
    toBytes: () =>
      encodeContainer({
        kind: 'logistic',
        meta: { schema, convergence, ...(updatable === undefined ? {} : { l2: updatable.l2 }) },
        arrays: { ...design, coefficients, ...storedInformation(updatable, coefficients.length) },
      }),
  };
}

function storedInformation(
  updatable: Logistic['updatable'],
  size: number,
): Record<string, Float64Array> {
  if (updatable === undefined) return {};
  const { information } = updatable;
  const isDiagonal = information.length === size;
  return { information: isDiagonal ? information : packTriangle(information, size) };
}

function predictLogistic({ schema, design, coefficients }: Logistic, table: Table): Predictions {
  const outputs = outputsOf(schema);
  const q = designWidth(design);
  const scores = new Float64Array(table.rows * outputs);
  forEachBlock(encodeTable(table, schema), design, (block, from, rows) => {
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < outputs; k++) {
        let sum = 0;
        for (let j = 0; j < q; j++) sum += block[i * q + j] * coefficients[j * outputs + k];
        scores[(from + i) * outputs + k] = bounded(sum);
      }
    }
  });
  const probabilities = probabilitiesOf(scores, schema.classes.length);
  const labels = mostProbable(probabilities, schema.classes.length);
  return { kind: 'classification', classes: schema.classes, probabilities, labels };
}

/** For values far beyond any in training, terms may be infinite and their sum no number. */
function bounded(score: number): number {
  return Number.isNaN(score) ? 0 : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, score));
}

function probabilitiesOf(scores: Float64Array, classes: number): Float64Array {
  if (classes > 2) {
    softmaxRows(scores, classes);
    return scores;
  }
  if (classes === 1) return scores.fill(1);
  const probabilities = new Float64Array(2 * scores.length);
  scores.forEach((score, i) => {
    probabilities[2 * i] = sigmoid(-score);
    probabilities[2 * i + 1] = sigmoid(score);
  });
  return probabilities;
}
