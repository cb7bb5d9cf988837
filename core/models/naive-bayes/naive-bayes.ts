import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import { encodeTable } from '../input/encoder.ts';
import type { EncodedColumn } from '../input/encoder.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import { parseSchema } from '../artefact/schema-json.ts';
import { softmaxRows } from '../softmax.ts';
import { categorySums, classMoments, overClasses, requireFinite } from './naive-bayes-moments.ts';
import type { ClassMoments } from './naive-bayes-moments.ts';
import { classCounts } from '../input/targets.ts';
import { trainingRows } from '../input/weights.ts';
import type { ClassWeight } from '../input/weights.ts';

/** Naive Bayes with a normal distribution of each numeric feature in each class. */
export interface NaiveBayesParams {
  readonly kind: 'naive-bayes';
  /** share of the largest variance of a feature that is added to every variance, above 0 and at most 1 */
  readonly smoothing: number;
  /** how much each class counts; absent: each row as much as any other */
  readonly classWeight?: ClassWeight | undefined;
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
export interface NaiveBayes extends ClassMoments {
  readonly schema: ModelSchema;
  /** added to every variance */
  readonly epsilon: number;
  /** training rows of each class, or the sum of their weights */
  readonly classRows: Float64Array;
  readonly categoryCounts: Float64Array;
  /** from which epsilon follows anew when the model is updated; absent in older artefacts */
  readonly smoothing?: number | undefined;
}

/** A naive Bayes model, and what it learned. */
export interface NaiveBayesModel extends Model {
  readonly estimator: 'naive-bayes';
  readonly naiveBayes: NaiveBayes;
}

/** Is it a naive Bayes model of ours? */
export function isNaiveBayes(model: Model): model is NaiveBayesModel {
  return model.estimator === 'naive-bayes' && 'naiveBayes' in model;
}

/**
 * Fits gaussian naive Bayes; categorical features by their Laplace-smoothed frequencies in each class.
 *
 * A missing value, and a category that is not in the dictionary, says nothing: its factor is left out, in
 * training and in prediction. A class without a value of a numeric feature has that of all classes.
 *
 * @param weights of `rows`; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if the task is not classification, or a parameter, column or outcome is not as it must be
 * @see Hand & Yu (2001), Int. Stat. Rev. 69:385–398; agrees with scikit-learn's GaussianNB on numeric features
 */
export function fitNaiveBayes(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: NaiveBayesParams,
  weights?: Float64Array,
): NaiveBayesModel {
  const { smoothing, classWeight } = params;
  if (!(smoothing > 0 && smoothing <= 1)) {
    throw new RangeError(`naive-bayes: smoothing must be in (0, 1], got ${smoothing}`);
  }
  const data = trainingRows('naive-bayes', table, rows, schema, { classWeight, weights });
  const { targets } = data;
  if (targets.kind === 'regression') throw new RangeError('naive-bayes: it cannot learn numbers');
  const { columns } = encodeTable(takeRows(table, data.rows), schema);
  const moments = classMoments(columns, targets, data.weights);
  return naiveBayesModel({
    schema,
    epsilon: epsilonOf(moments, smoothing, schema),
    smoothing,
    classRows: classCounts(targets, data.weights),
    ...moments,
    categoryCounts: categorySums(columns, targets, data.weights),
  });
}

/**
 * What is added to every variance: a share of the largest one of a feature over all classes.
 * @throws RangeError naming a column whose variance exceeds all numbers
 */
export function epsilonOf(moments: ClassMoments, smoothing: number, schema: ModelSchema): number {
  const overall = overClasses(moments, schema.classes.length);
  requireFinite(overall, schema);
  const variances = overall.squares.map((squares, j) =>
    overall.counts[j] > 0 ? squares / overall.counts[j] : 0,
  );
  return smoothing * Math.max(0, ...variances) || 1;
}

/**
 * The naive Bayes model in a container.
 * @throws RangeError if it is not a sound one
 */
export function decodeNaiveBayes(container: Container): NaiveBayesModel {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('a naive-bayes without description');
  const schema = parseSchema(meta['schema']);
  if (schema.task !== 'classification') throw damaged('a naive-bayes for regression');
  const epsilon = meta['epsilon'];
  if (typeof epsilon !== 'number' || !(epsilon > 0 && epsilon < Infinity)) {
    throw damaged(`the epsilon of a naive-bayes: ${String(epsilon)}`);
  }
  const smoothing = meta['smoothing'];
  if (smoothing !== undefined && !(typeof smoothing === 'number' && smoothing > 0)) {
    throw damaged('the smoothing of a naive-bayes');
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
    smoothing,
    classRows,
    counts: read('counts', numeric * classes),
    means: read('means', numeric * classes),
    squares: read('squares', numeric * classes),
    categoryCounts: read('categoryCounts', categories * classes),
  });
}

/** Statistics of rows as a model. */
export function naiveBayesModel(model: NaiveBayes): NaiveBayesModel {
  const { schema, epsilon, smoothing, ...arrays } = model;
  const filled = { ...model, ...withoutGaps(model) };
  return {
    estimator: 'naive-bayes',
    schema,
    naiveBayes: model,
    predict: (table) => predictNaiveBayes(filled, table),
    toBytes: () =>
      encodeContainer({ kind: 'naive-bayes', meta: { schema, epsilon, smoothing }, arrays }),
  };
}

/** A class without a value of a feature is taken to be as all classes are. */
function withoutGaps({ schema, counts, means, squares }: NaiveBayes): ClassMoments {
  const classes = schema.classes.length;
  const overall = overClasses({ counts, means, squares }, classes);
  const own = (values: Float64Array, all: Float64Array): Float64Array =>
    values.map((value, at) => (counts[at] > 0 ? value : all[Math.floor(at / classes)]));
  return {
    counts: own(counts, overall.counts),
    means: own(means, overall.means),
    squares: own(squares, overall.squares),
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
    const count = counts[at + k];
    const variance = (count > 0 ? squares[at + k] / count : 0) + epsilon;
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
