import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { columnCodes, learnFeatureBins } from '../binning/feature-bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import { encodeTable } from '../input/encoder.ts';
import type { EncodedTable } from '../input/encoder.ts';
import type { ModelSchema } from '../model.ts';
import { sharedNumbers, sharedTargets } from '../shared-memory.ts';
import { scaledTargets, scaleOf } from '../input/targets.ts';
import type { Targets, TargetScale } from '../input/targets.ts';
import { trainingRows } from '../input/weights.ts';
import type { TrainingRows } from '../input/weights.ts';
import { checkForestParams } from './params.ts';
import type { ForestParams } from './params.ts';

/** Features are numbered in 15 bits of a node. */
const MAX_FEATURES = 32_768;

/**
 * All that trees are grown from. Safe to send to other threads: it is plain data, and its large arrays are
 * shared, not copied.
 */
export interface TrainingSet {
  readonly schema: ModelSchema;
  readonly params: ForestParams;
  readonly seed: number;
  readonly rows: number;
  readonly features: readonly FeatureBins[];
  /** column-major, features × rows */
  readonly codes: Uint8Array<SharedArrayBuffer>;
  readonly targets: Targets;
  readonly targetScale: TargetScale;
  /** in proportion to which rows are drawn, one a row, above 0; absent: all alike */
  readonly weights?: Float64Array | undefined;
}

/**
 * Cuts the features of some rows into bins and reads their outcomes: the part of training that is done once.
 *
 * @param rows rows that have an outcome; they are trained on
 * @param weights of `rows`, 0 and above; a row of weight 2 is drawn as often as two equal rows, one of weight 0 not at
 *   all, as in scikit-learn from version 1.9 on; absent: all 1
 * @throws RangeError if a parameter, a column, a weight or an outcome is not as it must be
 */
export function prepareForest(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: ForestParams,
  seed: number,
  weights?: Float64Array,
): TrainingSet {
  checkForest(schema, params);
  const data = trainingRows('forest', table, rows, schema, {
    classWeight: params.classWeight,
    weights,
  });
  const encoded = encodeTable(takeRows(table, data.rows), schema);
  const features = learnFeatureBins(encoded, data.targets, seed, data.weights);
  const targetScale = scaleOf(data.targets, data.weights);
  return trainingSet({ schema, params, seed, features, targetScale }, encoded, data);
}

/** What a training set has in common with the forest that its trees are for. */
type Frame = Pick<TrainingSet, 'schema' | 'params' | 'seed' | 'features' | 'targetScale'>;

/** The training set of encoded rows, in bins that are given. */
export function trainingSet(frame: Frame, encoded: EncodedTable, data: TrainingRows): TrainingSet {
  return {
    ...frame,
    rows: data.rows.length,
    codes: columnCodes(encoded, frame.features),
    targets: sharedTargets(scaledTargets(data.targets, frame.targetScale)),
    weights: data.weights === undefined ? undefined : sharedNumbers(data.weights),
  };
}

/** @throws RangeError if there can be no such forest */
export function checkForest(schema: ModelSchema, params: ForestParams): void {
  checkForestParams(params);
  if (schema.features.length > MAX_FEATURES) {
    throw new RangeError(
      `forest: at most ${MAX_FEATURES} features are supported, got ${schema.features.length}`,
    );
  }
}
