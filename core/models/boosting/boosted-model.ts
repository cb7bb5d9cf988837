import type { Table } from '../../table.ts';
import { readBins, storeBins } from '../binning/bins-artefact.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import { encodeTable } from '../input/encoder.ts';
import type { Model, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import { parseSchema, parseTargetScale } from '../artefact/schema-json.ts';
import { sigmoid, softmaxRows } from '../softmax.ts';
import type { TargetScale } from '../input/targets.ts';
import { binnedRows } from '../trees/chunks.ts';
import type { BoostedTree } from './grow-leaves.ts';
import { addTreesInto } from './add-trees.ts';
import { importancesOf } from './importances.ts';
import { parseBoostingParams } from './params.ts';
import { readTrees, storeTrees } from './trees-artefact.ts';
import type { Boosted } from './boosted.ts';

/** A boosted model, and how many iterations it took. */
export interface BoostingModel extends Model {
  readonly estimator: 'boosting';
  readonly iterations: number;
  readonly boosted: Boosted;
}

/** Is it a boosted model of ours? */
export function isBoosting(model: Model): model is BoostingModel {
  return model.estimator === 'boosting' && 'boosted' in model;
}

/** Boosted trees as a model. */
export function boostingModel(boosted: Boosted): BoostingModel {
  return {
    estimator: 'boosting',
    schema: boosted.schema,
    iterations: boosted.trees.length / boosted.initial.length,
    boosted,
    importances: () => importancesOf(boosted),
    predict: (table) => predictBoosted(boosted, table),
    toBytes: () => encodeBoosted(boosted),
  };
}

function predictBoosted(boosted: Boosted, table: Table): Predictions {
  const { schema, targetScale } = boosted;
  const scores = sumTrees(boosted, table);
  if (schema.task === 'regression') {
    const { center, scale } = targetScale;
    return { kind: 'regression', values: scores.map((score) => center + scale * score) };
  }
  const { classes } = schema;
  const probabilities = probabilitiesOf(scores, classes.length);
  const labels = mostProbable(probabilities, classes.length);
  return { kind: 'classification', classes, probabilities, labels };
}

function probabilitiesOf(scores: Float64Array, classes: number): Float64Array {
  if (classes === 1) return scores.fill(1);
  if (classes > 2) {
    softmaxRows(scores, classes);
    return scores;
  }
  const probabilities = new Float64Array(2 * scores.length);
  scores.forEach((score, i) => {
    probabilities[2 * i] = sigmoid(-score);
    probabilities[2 * i + 1] = sigmoid(score);
  });
  return probabilities;
}

function sumTrees({ schema, features, initial, trees }: Boosted, table: Table): Float64Array {
  const outputs = initial.length;
  const scores = new Float64Array(table.rows * outputs);
  for (let at = 0; at < scores.length; at++) scores[at] = initial[at % outputs];
  const rows = binnedRows(encodeTable(table, schema), features);
  addTreesInto(trees, rows, features.length, outputs, scores);
  return scores;
}

function encodeBoosted(boosted: Boosted): Uint8Array {
  const { schema, features, targetScale, initial, trees, training } = boosted;
  const { bins, arrays } = storeBins(features);
  return encodeContainer({
    kind: 'boosting',
    meta: { schema, targetScale, bins, training },
    arrays: { ...arrays, initial, ...storeTrees(trees) },
  });
}

/**
 * The boosted trees in a container.
 * @throws RangeError if they are not sound: predicting with them ends, and gives finite numbers
 */
export function decodeBoosting(container: Container): BoostingModel {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('boosted trees without description');
  const schema = parseSchema(meta['schema']);
  const targetScale = parseTargetScale(meta['targetScale']);
  const initial = arrayOf(container, 'initial', Float64Array);
  if (initial.length !== (schema.classes.length > 2 ? schema.classes.length : 1)) {
    throw damaged(`${initial.length} initial scores`);
  }
  const features = readBins(container, schema.features);
  const trees = readTrees(container, features.length);
  if (trees.length % initial.length !== 0) {
    throw damaged(`${trees.length} trees for ${initial.length} scores`);
  }
  checkRange(initial, trees, targetScale);
  const training = readTraining(meta['training']);
  return boostingModel({ schema, features, targetScale, initial, trees, training });
}

function readTraining(value: unknown): Boosted['training'] {
  if (value === undefined) return undefined;
  if (!isRecord(value)) throw damaged('how it was fitted');
  const rows = value['rows'];
  if (typeof rows !== 'number' || !(rows > 0 && rows < Infinity)) throw damaged('rows fitted to');
  return { params: parseBoostingParams(value['params']), rows };
}

/** No sum of leaves may be infinite. */
function checkRange(
  initial: Float64Array,
  trees: readonly BoostedTree[],
  { center, scale }: TargetScale,
): void {
  let bound = Math.max(...initial.map(Math.abs));
  for (const { value } of trees) {
    bound += value.reduce((high, leaf) => Math.max(high, Math.abs(leaf)), 0);
  }
  if (!Number.isFinite(Math.abs(center) + scale * bound))
    throw damaged(`predictions up to ${bound}`);
}
