import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { encodeContainer } from '../artefact/container.ts';
import { damaged, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import { encodeTable } from '../input/encoder.ts';
import type { EncodedColumn } from '../input/encoder.ts';
import { categoryBins } from '../binning/categories.ts';
import { parseMlTrees } from './ml-trees.ts';
import type { MlTree } from './ml-trees.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import { parseSchema } from '../artefact/schema-json.ts';
import { targetsOf } from '../input/targets.ts';
import type { Targets } from '../input/targets.ts';

/** How a forest of the npm package `ml-random-forest` is grown. */
export interface MlRandomForestParams {
  readonly kind: 'ml-random-forest';
  readonly trees: number;
}

/** The package's time grows with the square of the rows: 1,000 rows × 20 features take a minute for 100 trees. */
const ML_RANDOM_FOREST_MAX_ROWS = 500;

/** Most rows × features. */
const ML_RANDOM_FOREST_MAX_CELLS = 20_000;

/**
 * Share of the features that each tree sees, without replacement. The package draws them once a tree, so that
 * the √p usual at each node would be too few.
 */
const FEATURE_SHARE = 0.7;

/** How a feature becomes numbers without gaps, which is all that the package reads. */
type Filling =
  | { readonly kind: 'numeric'; readonly median: number }
  | { readonly kind: 'categorical'; readonly binOfCode: readonly number[] };

/** A forest of the package, and what it is made of. */
export interface MlRandomForestModel extends Model {
  readonly estimator: 'ml-random-forest';
  readonly mlForest: MlForest;
}

/** Is it a forest of the package? */
export function isMlRandomForest(model: Model): model is MlRandomForestModel {
  return model.estimator === 'ml-random-forest' && 'mlForest' in model;
}

interface MlForest {
  readonly schema: ModelSchema;
  readonly fillings: readonly Filling[];
  /** the package's own JSON, which its `load` reads */
  readonly json: Readonly<Record<string, unknown>>;
  readonly trees: readonly MlTree[];
}

/**
 * Fits a forest of the package `ml-random-forest`: for small data, and for forests that other programs of that
 * ecosystem are to read.
 *
 * Missing numbers become the median of the training rows, categories their rank by outcome, a missing or
 * unknown category that of average outcome. Predicted probabilities are mean leaf shares; the package's own
 * `predictProbability` leaves out the first tree.
 *
 * @throws RangeError if there are more rows or cells than the package can cope with, or the data do not fit
 */
export function fitMlRandomForest(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: MlRandomForestParams,
  seed: number,
): Model {
  checkSize(rows.length, schema.features.length, params);
  const targets = targetsOf('ml-random-forest', table, rows, schema);
  const encoded = encodeTable(takeRows(table, rows), schema);
  const fillings = encoded.columns.map((column) => learnFilling(column, targets));
  const inputs = matrixOf(encoded.columns, fillings, rows.length);
  const values = [...(targets.kind === 'regression' ? targets.values : targets.labels)];
  const json = train(inputs, values, schema, params, seed);
  return mlModel({ schema, fillings, json, trees: parseMlTrees(json, schema) });
}

/**
 * A forest that was trained with the package elsewhere, as a model: `toJSON` of its classifier or regression.
 *
 * @param json its labels are indices into the schema's classes, its columns the schema's features in their order
 * @param table rows of the kind that it is to predict: a missing number is taken for the median of its feature there
 * @throws RangeError if it is not a sound forest of the package, does not fit the schema, takes the median of its trees
 *   (we take their mean), or a feature has categories, of which the package's JSON knows nothing
 */
export function importMlRandomForest(json: unknown, table: Table, schema: ModelSchema): Model {
  const fillings = encodeTable(table, schema).columns.map((column, j) => {
    if (column.kind === 'numeric') return medianFilling(column.values);
    throw new RangeError(
      `ml-random-forest: the feature '${schema.features[j].name}' has categories; its columns are numbers`,
    );
  });
  const trees = parseMlTrees(json, schema);
  if (!isRecord(json)) throw damaged('its forest is no object');
  if (schema.task === 'regression' && json['selectionMethod'] !== 'mean') {
    throw new RangeError(
      `ml-random-forest: selectionMethod is '${String(json['selectionMethod'])}', expected 'mean'`,
    );
  }
  return mlModel({ schema, fillings, json, trees });
}

/**
 * The forest in a container. The package itself is not asked to read it: its nodes are checked and walked here.
 * @throws RangeError if it is not a sound forest of the package
 */
export function decodeMlRandomForest(container: Container): Model {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('an ml-random-forest without description');
  const schema = parseSchema(meta['schema']);
  const json = meta['forest'];
  if (!isRecord(json)) throw damaged('an ml-random-forest without its forest');
  return mlModel({
    schema,
    fillings: parseFillings(meta['fillings'], schema),
    json,
    trees: parseMlTrees(json, schema),
  });
}

function mlModel(forest: MlForest): MlRandomForestModel {
  const { schema, fillings, json } = forest;
  return {
    estimator: 'ml-random-forest',
    mlForest: forest,
    schema,
    predict: (table) => predictMl(forest, table),
    toBytes: () =>
      encodeContainer({
        kind: 'ml-random-forest',
        meta: { schema, fillings, forest: json },
        arrays: {},
      }),
  };
}

function checkSize(rows: number, features: number, params: MlRandomForestParams): void {
  if (!Number.isInteger(params.trees) || params.trees < 1) {
    throw new RangeError(`ml-random-forest: trees must be 1 or more, got ${params.trees}`);
  }
  if (rows > ML_RANDOM_FOREST_MAX_ROWS || rows * features > ML_RANDOM_FOREST_MAX_CELLS) {
    throw new RangeError(
      `ml-random-forest: ${rows} rows × ${features} features; its limit is ${ML_RANDOM_FOREST_MAX_ROWS} rows and ${ML_RANDOM_FOREST_MAX_CELLS} cells. Use the estimator 'forest'`,
    );
  }
}

function train(
  inputs: number[][],
  values: number[],
  schema: ModelSchema,
  params: MlRandomForestParams,
  seed: number,
): Readonly<Record<string, unknown>> {
  const p = schema.features.length;
  const options = {
    nEstimators: params.trees,
    // A count of 1 means "all" to the package.
    maxFeatures: Math.min(p, Math.max(2, Math.round(FEATURE_SHARE * p))),
    replacement: false,
    seed: deriveSeed(seed, 0) | 0,
    useSampleBagging: true,
    // With few trees a row can be in every sample, on which the package's own estimate crashes.
    noOOB: true,
    treeOptions: { minNumSamples: 3, gainThreshold: 0 },
  };
  const forest =
    schema.task === 'classification'
      ? new RandomForestClassifier(options)
      : new RandomForestRegression({ ...options, selectionMethod: 'mean' });
  forest.train(inputs, values);
  const json: unknown = JSON.parse(JSON.stringify(forest));
  if (!isRecord(json)) throw new Error('ml-random-forest gave no JSON of its forest');
  return json;
}

function predictMl(forest: MlForest, table: Table): Predictions {
  const { schema, fillings, trees } = forest;
  const encoded = encodeTable(table, schema);
  const inputs = matrixOf(encoded.columns, fillings, table.rows);
  const width = schema.task === 'classification' ? schema.classes.length : 1;
  const out = new Float64Array(table.rows * width);
  inputs.forEach((input, i) => {
    for (const tree of trees) {
      const leaf = leafOf(tree, input);
      for (let k = 0; k < leaf.length; k++) out[i * width + k] += leaf[k] / trees.length;
    }
  });
  if (schema.task === 'regression') return { kind: 'regression', values: out };
  return {
    kind: 'classification',
    classes: schema.classes,
    probabilities: out,
    labels: mostProbable(out, width),
  };
}

function leafOf(tree: MlTree, input: readonly number[]): readonly number[] {
  let node = tree.nodes[0];
  while (node.kind === 'split') {
    node = tree.nodes[input[node.feature] < node.threshold ? node.left : node.right];
  }
  return node.values;
}

function learnFilling(column: EncodedColumn, targets: Targets): Filling {
  if (column.kind === 'categorical') {
    const binOfCode = [...categoryBins(column.codes, column.categories, targets)];
    return { kind: 'categorical', binOfCode };
  }
  return medianFilling(column.values);
}

function medianFilling(values: Float64Array): Filling {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const median = present.length === 0 ? 0 : present[(present.length - 1) >> 1];
  return { kind: 'numeric', median };
}

function matrixOf(
  columns: readonly EncodedColumn[],
  fillings: readonly Filling[],
  rows: number,
): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    columns.map((column, j) => filled(column, fillings[j], i)),
  );
}

function filled(column: EncodedColumn, filling: Filling, row: number): number {
  if (column.kind === 'numeric' && filling.kind === 'numeric') {
    const value = column.values[row];
    return Number.isNaN(value) ? filling.median : value;
  }
  if (column.kind === 'categorical' && filling.kind === 'categorical') {
    const code = column.codes[row];
    return filling.binOfCode[code < 0 ? column.categories : code];
  }
  return NaN;
}

function parseFillings(value: unknown, schema: ModelSchema): Filling[] {
  if (!Array.isArray(value) || value.length !== schema.features.length) {
    throw damaged('fillings and features do not match');
  }
  return schema.features.map((feature, j) => {
    const filling: unknown = value[j];
    if (isRecord(filling) && filling['kind'] === feature.kind) {
      const { median, binOfCode } = filling as { median?: unknown; binOfCode?: unknown };
      if (feature.kind === 'numeric' && typeof median === 'number') {
        return { kind: 'numeric', median };
      }
      if (
        feature.kind === 'categorical' &&
        isNumbers(binOfCode) &&
        binOfCode.length === feature.dictionary.length + 1
      ) {
        return { kind: 'categorical', binOfCode };
      }
    }
    throw damaged(`filling of feature '${feature.name}'`);
  });
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => Number.isFinite(entry));
}
