import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { columnCodes, learnFeatureBins } from '../binning/feature-bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import { encodeTable } from '../encoder.ts';
import type { ModelSchema } from '../model.ts';
import { scaleOf, targetsOf } from '../targets.ts';
import type { Targets, TargetScale } from '../targets.ts';
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
}

/**
 * Cuts the features of some rows into bins and reads their outcomes: the part of training that is done once.
 *
 * @param rows rows that have an outcome; they are trained on
 * @throws RangeError if a parameter, a column or an outcome is not as it must be
 */
export function prepareForest(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: ForestParams,
  seed: number,
): TrainingSet {
  checkForestParams(params);
  if (schema.features.length > MAX_FEATURES) {
    throw new RangeError(
      `forest: at most ${MAX_FEATURES} features are supported, got ${schema.features.length}`,
    );
  }
  const targets = targetsOf('forest', table, rows, schema);
  const targetScale = scaleOf(targets);
  const encoded = encodeTable(takeRows(table, rows), schema);
  const features = learnFeatureBins(encoded, targets, seed);
  return {
    schema,
    params,
    seed,
    rows: rows.length,
    features,
    codes: columnCodes(encoded, features),
    targets: shared(targets, targetScale),
    targetScale,
  };
}

/** The targets in shared memory, those of a regression scaled. */
function shared(targets: Targets, { center, scale }: TargetScale): Targets {
  if (targets.kind === 'classification') {
    const labels = new Int32Array(new SharedArrayBuffer(targets.labels.byteLength));
    labels.set(targets.labels);
    return { ...targets, labels };
  }
  const values = new Float64Array(new SharedArrayBuffer(targets.values.byteLength));
  for (let i = 0; i < values.length; i++) values[i] = (targets.values[i] - center) / scale;
  return { kind: 'regression', values };
}
