import { takeRows } from '../table.ts';
import type { Table } from '../table.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from './container.ts';
import type { Container } from './container.ts';
import { encodeTable } from './encoder.ts';
import type { EncodedColumn } from './encoder.ts';
import type { Model, ModelSchema, Predictions } from './model.ts';
import { mostProbable } from './predictions.ts';
import { parseSchema } from './schema-json.ts';
import { softmaxRows } from './softmax.ts';
import { classCounts, targetsOf } from './targets.ts';

/** Naive Bayes with a normal distribution of each numeric feature in each class. */
export interface NaiveBayesParams {
  readonly kind: 'naive-bayes';
  /** share of the largest variance of a feature that is added to every variance, above 0 and at most 1 */
  readonly smoothing: number;
}

export const DEFAULT_NAIVE_BAYES: NaiveBayesParams = { kind: 'naive-bayes', smoothing: 1e-9 };

/** Rows of each category in each class that are taken as seen before the first one is (Laplace). */
const PRIOR_COUNT = 1;

/** A log-density below this is taken for it, so that a value impossible in every class says nothing. */
const LOWEST_TERM = -1e100;

/** Counts are whole numbers that arithmetic is exact on. */
const LARGEST_COUNT = Number.MAX_SAFE_INTEGER;

/**
 * Sufficient statistics of the training rows. Numeric features in the order of the schema, then classes:
 * element j·K + k. Categorical ones likewise, each K × its categories, one after the other.
 */
interface NaiveBayes {
  readonly schema: ModelSchema;
  /** added to every variance */
  readonly epsilon: number;
  /** training rows of each class */
  readonly classRows: Float64Array;
  /** rows with a value */
  readonly counts: Float64Array;
  readonly means: Float64Array;
  /** sums of squared differences from the mean */
  readonly squares: Float64Array;
  readonly categoryCounts: Float64Array;
}

type Moments = Pick<NaiveBayes, 'counts' | 'means' | 'squares'>;

/**
 * Fits gaussian naive Bayes; categorical features by their Laplace-smoothed frequencies in each class.
 *
 * A missing value, and a category that is not in the dictionary, says nothing: its factor is left out, in
 * training and in prediction. A class without a value of a numeric feature has that of all classes.
 *
 * @throws RangeError if the task is not classification, or a parameter, column or outcome is not as it must be
 * @see Hand & Yu (2001), Int. Stat. Rev. 69:385–398; agrees with scikit-learn's GaussianNB on numeric features
 */
export function fitNaiveBayes(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: NaiveBayesParams,
): Model {
  if (!(params.smoothing > 0 && params.smoothing <= 1)) {
    throw new RangeError(`naive-bayes: smoothing must be in (0, 1], got ${params.smoothing}`);
  }
  const targets = targetsOf('naive-bayes', table, rows, schema);
  if (targets.kind === 'regression') throw new RangeError('naive-bayes: it cannot learn numbers');
  const { labels, classes } = targets;
  const { columns } = encodeTable(takeRows(table, rows), schema);
  const numeric = columns.flatMap((column) => (column.kind === 'numeric' ? [column.values] : []));
  const moments = momentsOf(numeric, labels, classes);
  const overall = momentsOf(numeric, new Int32Array(labels.length), 1);
  requireFinite(overall, schema);
  const variances = overall.squares.map((squares, j) => squares / Math.max(1, overall.counts[j]));
  fillEmptyClasses(moments, overall, classes);
  return naiveBayesModel({
    schema,
    epsilon: params.smoothing * Math.max(0, ...variances) || 1,
    classRows: classCounts(targets),
    ...moments,
    categoryCounts: countCategories(columns, labels, classes),
  });
}

/**
 * The naive Bayes model in a container.
 * @throws RangeError if it is not a sound one
 */
export function decodeNaiveBayes(container: Container): Model {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('a naive-bayes without description');
  const schema = parseSchema(meta['schema']);
  if (schema.task !== 'classification') throw damaged('a naive-bayes for regression');
  const epsilon = meta['epsilon'];
  if (typeof epsilon !== 'number' || !(epsilon > 0 && epsilon < Infinity)) {
    throw damaged(`the epsilon of a naive-bayes: ${String(epsilon)}`);
  }
  const classes = schema.classes.length;
  const numeric = schema.features.filter((feature) => feature.kind === 'numeric').length;
  const categories = schema.features.reduce(
    (sum, feature) => sum + (feature.kind === 'categorical' ? feature.dictionary.length : 0),
    0,
  );
  const read = (name: string, length: number): Float64Array => {
    const array = arrayOf(container, name, Float64Array);
    const low = name === 'means' ? -Number.MAX_VALUE : 0;
    const high = /counts|rows/i.test(name) ? LARGEST_COUNT : Number.MAX_VALUE;
    if (array.length !== length || !array.every((value) => value >= low && value <= high)) {
      throw damaged(`'${name}' of a naive-bayes`);
    }
    return array;
  };
  const classRows = read('classRows', classes);
  if (!classRows.some((count) => count > 0)) throw damaged('a naive-bayes of no rows');
  return naiveBayesModel({
    schema,
    epsilon,
    classRows,
    counts: read('counts', numeric * classes),
    means: read('means', numeric * classes),
    squares: read('squares', numeric * classes),
    categoryCounts: read('categoryCounts', categories * classes),
  });
}

function naiveBayesModel(model: NaiveBayes): Model {
  const { schema, epsilon, ...arrays } = model;
  return {
    estimator: 'naive-bayes',
    schema,
    predict: (table) => predictNaiveBayes(model, table),
    toBytes: () => encodeContainer({ kind: 'naive-bayes', meta: { schema, epsilon }, arrays }),
  };
}

function predictNaiveBayes(model: NaiveBayes, table: Table): Predictions {
  const { schema, classRows } = model;
  const classes = classRows.length;
  const { columns } = encodeTable(table, schema);
  const total = classRows.reduce((sum, count) => sum + count, 0);
  const scores = new Float64Array(table.rows * classes);
  for (let at = 0; at < scores.length; at++) scores[at] = Math.log(classRows[at % classes] / total);
  let numericAt = 0;
  let categoryAt = 0;
  for (const column of columns) {
    if (column.kind === 'numeric') {
      addNormalsInto(model, column.values, numericAt, scores);
      numericAt += classes;
    } else {
      addFrequenciesInto(model, column, categoryAt, scores);
      categoryAt += classes * column.categories;
    }
  }
  softmaxRows(scores, classes);
  const labels = mostProbable(scores, classes);
  return { kind: 'classification', classes: schema.classes, probabilities: scores, labels };
}

/** Adds the log-density of each value in each class. */
function addNormalsInto(
  { counts, means, squares, epsilon, classRows }: NaiveBayes,
  values: Float64Array,
  at: number,
  scores: Float64Array,
): void {
  const classes = classRows.length;
  const deviation = new Float64Array(classes);
  const offset = new Float64Array(classes);
  for (let k = 0; k < classes; k++) {
    const variance = squares[at + k] / Math.max(1, counts[at + k]) + epsilon;
    deviation[k] = Math.sqrt(variance);
    offset[k] = -0.5 * (Math.log(2 * Math.PI) + Math.log(variance));
  }
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    for (let k = 0; k < classes; k++) {
      const z = (values[i] - means[at + k]) / deviation[k];
      scores[i * classes + k] += Math.max(LOWEST_TERM, offset[k] - 0.5 * z * z);
    }
  }
}

function addFrequenciesInto(
  { categoryCounts, classRows }: NaiveBayes,
  { codes, categories }: Extract<EncodedColumn, { kind: 'categorical' }>,
  at: number,
  scores: Float64Array,
): void {
  const classes = classRows.length;
  const logShares = new Float64Array(categories * classes);
  for (let k = 0; k < classes; k++) {
    const own = categoryCounts.subarray(at + k * categories, at + (k + 1) * categories);
    const total = own.reduce((sum, count) => sum + count, 0) + PRIOR_COUNT * categories;
    own.forEach((count, code) => {
      logShares[code * classes + k] = Math.log((count + PRIOR_COUNT) / total);
    });
  }
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code < 0 || code >= categories) continue;
    for (let k = 0; k < classes; k++) scores[i * classes + k] += logShares[code * classes + k];
  }
}

/** Counts, means and squared differences of each column in each class, by Welford's recurrence. */
function momentsOf(columns: readonly Float64Array[], labels: Int32Array, classes: number): Moments {
  const counts = new Float64Array(columns.length * classes);
  const means = new Float64Array(columns.length * classes);
  const squares = new Float64Array(columns.length * classes);
  columns.forEach((values, j) => {
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) continue;
      const at = j * classes + labels[i];
      const before = values[i] - means[at];
      means[at] += before / ++counts[at];
      squares[at] += before * (values[i] - means[at]);
    }
  });
  return { counts, means, squares };
}

function requireFinite({ means, squares }: Moments, schema: ModelSchema): void {
  const names = schema.features.filter(({ kind }) => kind === 'numeric').map(({ name }) => name);
  names.forEach((name, j) => {
    if (!Number.isFinite(means[j]) || !Number.isFinite(squares[j])) {
      throw new RangeError(`naive-bayes: the variance of column '${name}' exceeds all numbers`);
    }
  });
}

function fillEmptyClasses(moments: Moments, overall: Moments, classes: number): void {
  for (let at = 0; at < moments.counts.length; at++) {
    if (moments.counts[at] > 0) continue;
    const j = Math.floor(at / classes);
    moments.counts[at] = overall.counts[j];
    moments.means[at] = overall.means[j];
    moments.squares[at] = overall.squares[j];
  }
}

function countCategories(
  columns: readonly EncodedColumn[],
  labels: Int32Array,
  classes: number,
): Float64Array {
  const parts = columns.flatMap((column) => {
    if (column.kind === 'numeric') return [];
    const { codes, categories } = column;
    const counts = new Float64Array(classes * categories);
    codes.forEach((code, i) => {
      if (code >= 0 && code < categories) counts[labels[i] * categories + code]++;
    });
    return [counts];
  });
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
