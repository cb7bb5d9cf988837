import type { Table } from '../../table.ts';
import { readBins, storeBins } from '../binning/bins-artefact.ts';
import { MISSING_BIN } from '../binning/bins.ts';
import { rowCodesInto } from '../binning/feature-bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from '../container.ts';
import type { Container } from '../container.ts';
import { encodeTable } from '../encoder.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import { parseSchema, parseTargetScale } from '../schema-json.ts';
import { sigmoid, softmaxRows } from '../softmax.ts';
import type { TargetScale } from '../targets.ts';
import { MISSING_LEFT } from './grow-leaves.ts';
import type { BoostedTree } from './grow-leaves.ts';
import { addTreeInto } from './walk.ts';

/** Rows that pass through the trees together, so that a tree stays in the cache while they do. */
const BLOCK_ROWS = 2048;

/** Boosted trees: what their artefact holds. */
export interface Boosted {
  readonly schema: ModelSchema;
  readonly features: readonly FeatureBins[];
  readonly targetScale: TargetScale;
  /** scores before the first tree: one for regression and two classes, else one a class */
  readonly initial: Float64Array;
  /** tree i adds to score i mod outputs */
  readonly trees: readonly BoostedTree[];
}

/** A boosted model, and how many iterations it took. */
export interface BoostingModel extends Model {
  readonly estimator: 'boosting';
  readonly iterations: number;
}

/** Boosted trees as a model. */
export function boostingModel(boosted: Boosted): BoostingModel {
  return {
    estimator: 'boosting',
    schema: boosted.schema,
    iterations: boosted.trees.length / boosted.initial.length,
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
  const encoded = encodeTable(table, schema);
  const p = features.length;
  const outputs = initial.length;
  const scores = new Float64Array(table.rows * outputs);
  for (let at = 0; at < scores.length; at++) scores[at] = initial[at % outputs];
  const codes = new Uint8Array(Math.min(BLOCK_ROWS, table.rows) * p);
  for (let from = 0; from < table.rows; from += BLOCK_ROWS) {
    const to = Math.min(table.rows, from + BLOCK_ROWS);
    rowCodesInto(encoded, features, from, to, codes);
    const block = scores.subarray(from * outputs, to * outputs);
    trees.forEach((tree, t) => addTreeInto(tree, codes, p, block, outputs, t % outputs));
  }
  return scores;
}

/** Boosted trees as bytes: the nodes of all trees one after the other. */
function encodeBoosted({ schema, features, targetScale, initial, trees }: Boosted): Uint8Array {
  const { bins, arrays } = storeBins(features);
  const nodeOffsets = new Int32Array(trees.length + 1);
  trees.forEach((tree, t) => (nodeOffsets[t + 1] = nodeOffsets[t] + tree.left.length));
  const nodes = nodeOffsets[trees.length];
  const all = {
    feature: new Uint16Array(nodes),
    bin: new Uint8Array(nodes),
    left: new Int32Array(nodes),
    value: new Float64Array(nodes),
  };
  trees.forEach((tree, t) => {
    all.feature.set(tree.feature, nodeOffsets[t]);
    all.bin.set(tree.bin, nodeOffsets[t]);
    all.left.set(tree.left, nodeOffsets[t]);
    all.value.set(tree.value, nodeOffsets[t]);
  });
  return encodeContainer({
    kind: 'boosting',
    meta: { schema, targetScale, bins },
    arrays: { ...arrays, initial, nodeOffsets, ...all },
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
  return boostingModel({ schema, features, targetScale, initial, trees });
}

function readTrees(container: Container, features: number): BoostedTree[] {
  const offsets = arrayOf(container, 'nodeOffsets', Int32Array);
  const feature = arrayOf(container, 'feature', Uint16Array);
  const bin = arrayOf(container, 'bin', Uint8Array);
  const left = arrayOf(container, 'left', Int32Array);
  const value = arrayOf(container, 'value', Float64Array);
  const nodes = offsets[offsets.length - 1];
  if (offsets[0] !== 0) throw damaged('its first tree does not begin at 0');
  if ([feature, bin, left, value].some((array) => array.length !== nodes)) {
    throw damaged(`its trees end at ${nodes}, not at their arrays' end`);
  }
  const trees: BoostedTree[] = [];
  for (let t = 0; t + 1 < offsets.length; t++) {
    if (offsets[t + 1] <= offsets[t]) throw damaged(`tree ${t} is empty`);
    const tree = {
      feature: feature.slice(offsets[t], offsets[t + 1]),
      bin: bin.slice(offsets[t], offsets[t + 1]),
      left: left.slice(offsets[t], offsets[t + 1]),
      value: value.slice(offsets[t], offsets[t + 1]),
    };
    checkNodes(tree, t, features);
    trees.push(tree);
  }
  return trees;
}

/** Children come after their parent and inside the tree, so that no path is endless. */
function checkNodes(tree: BoostedTree, t: number, features: number): void {
  const { feature, bin, left, value } = tree;
  for (let node = 0; node < left.length; node++) {
    if (!Number.isFinite(value[node]))
      throw damaged(`tree ${t}, node ${node}: leaf ${value[node]}`);
    if (left[node] === 0) continue;
    if (left[node] <= node || left[node] + 1 >= left.length) {
      throw damaged(
        `tree ${t}, node ${node}: children ${left[node]} and ${left[node] + 1} of ${left.length} nodes`,
      );
    }
    const split = feature[node] & (MISSING_LEFT - 1);
    if (split >= features)
      throw damaged(`tree ${t}, node ${node}: feature ${split} of ${features}`);
    if (bin[node] >= MISSING_BIN) {
      throw damaged(`tree ${t}, node ${node}: splits after bin ${bin[node]}`);
    }
  }
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
