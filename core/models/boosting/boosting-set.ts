import { createRandom, deriveSeed } from '../../random.ts';
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
import { trainingRows, weightOf } from '../input/weights.ts';
import type { TrainingRows } from '../input/weights.ts';
import type { Boosted } from './boosted.ts';
import type { BoostedTree } from './grow-leaves.ts';
import { kernelBytes } from './kernel/kernel.ts';
import { lossOf } from './losses.ts';
import { checkBoostingParams, validationRows } from './params.ts';
import type { BoostingParams } from './params.ts';

/** Each class is a tree an iteration: more of them are left to the forest, which has one for all. */
const MAX_CLASSES = 100;

/** Features are numbered in 15 bits of a node. */
const MAX_FEATURES = 32_768;

/** The most that a kernel can have. */
const MAX_KERNEL_BYTES = 2 ** 32 - 2 ** 16;

/**
 * All that trees are boosted from. Safe to send to other threads: it is plain data, and its large arrays are
 * shared, not copied.
 */
export interface BoostingSet {
  readonly schema: ModelSchema;
  readonly params: BoostingParams;
  readonly rows: number;
  readonly features: readonly FeatureBins[];
  /** bins, column-major, features × rows */
  readonly codes: Uint8Array<SharedArrayBuffer>;
  /** outcomes, those of a regression scaled */
  readonly targets: Targets;
  /** of the rows; absent: all 1 */
  readonly weights: Float64Array | undefined;
  readonly targetScale: TargetScale;
  /** scores before the first tree, one an output */
  readonly initial: Float64Array;
  /** trees that are there already, those of an iteration beside each other */
  readonly first: readonly BoostedTree[];
  /** rows that tell when to stop */
  readonly held: HeldRows | undefined;
}

export interface HeldRows {
  readonly rows: number;
  /** bins, column-major, features × rows */
  readonly codes: Uint8Array<SharedArrayBuffer>;
  readonly targets: Targets;
  readonly weights: Float64Array | undefined;
}

/** How many rows a set is worth, those that tell when to stop among them: the sum of their weights. */
export function rowsIn({ rows, weights, held }: BoostingSet): number {
  const told = held === undefined ? 0 : weightOf({ length: held.rows }, held.weights);
  return weightOf({ length: rows }, weights) + told;
}

/**
 * Cuts the features of some rows into bins, reads their outcomes, and puts the rows aside that tell when to stop: a
 * random share, drawn from the seed.
 *
 * @param weights of `rows`; absent: all 1
 * @throws RangeError if a parameter, a column or an outcome is not as it must be, or memory would not suffice
 */
export function prepareBoosting(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: BoostingParams,
  seed: number,
  weights?: Float64Array,
): BoostingSet {
  checkBoostingParams(params);
  checkSize(schema, rows.length, params);
  const { classWeight } = params;
  const all = trainingRows('boosting', table, rows, schema, { classWeight, weights });
  const { train, held } = splitRows(all, validationRows(params, all.rows.length), seed);
  const targetScale = scaleOf(train.targets, train.weights);
  const encoded = encodeTable(takeRows(table, train.rows), schema);
  const features = learnFeatureBins(encoded, train.targets, seed, train.weights);
  const initial = lossOf(scaledTargets(train.targets, targetScale), train.weights).initial();
  const cut = { schema, features, targetScale, initial, trees: [] };
  return boostingSet(encoded, train, held && encodedRows(table, held, schema), cut, params);
}

/**
 * The same for rows that a model goes on learning from: their bins are those that it has.
 * @throws RangeError as `prepareBoosting`
 */
export function prepareFurther(
  table: Table,
  rows: Int32Array,
  boosted: Boosted,
  params: BoostingParams,
  seed: number,
  weights?: Float64Array,
): BoostingSet {
  checkSize(boosted.schema, rows.length, params);
  const { classWeight } = params;
  const all = trainingRows('boosting', table, rows, boosted.schema, { classWeight, weights });
  const { train, held } = splitRows(all, validationRows(params, all.rows.length), seed);
  const { encoded } = encodedRows(table, train, boosted.schema);
  return boostingSet(
    encoded,
    train,
    held && encodedRows(table, held, boosted.schema),
    boosted,
    params,
  );
}

interface EncodedRows extends TrainingRows {
  readonly encoded: EncodedTable;
}

function encodedRows(table: Table, rows: TrainingRows, schema: ModelSchema): EncodedRows {
  return { ...rows, encoded: encodeTable(takeRows(table, rows.rows), schema) };
}

function boostingSet(
  encoded: EncodedTable,
  train: TrainingRows,
  held: EncodedRows | undefined,
  { schema, features, targetScale, initial, trees }: Boosted,
  params: BoostingParams,
): BoostingSet {
  return {
    schema,
    params,
    rows: train.rows.length,
    features,
    codes: columnCodes(encoded, features),
    targets: sharedTargets(scaledTargets(train.targets, targetScale)),
    weights: train.weights && sharedNumbers(train.weights),
    targetScale,
    initial,
    first: trees,
    held: held && heldRows(held, features, targetScale),
  };
}

function heldRows(
  { encoded, targets, weights }: EncodedRows,
  features: readonly FeatureBins[],
  targetScale: TargetScale,
): HeldRows {
  return {
    rows: encoded.rows,
    codes: columnCodes(encoded, features),
    targets: sharedTargets(scaledTargets(targets, targetScale)),
    weights: weights && sharedNumbers(weights),
  };
}

function checkSize(schema: ModelSchema, rows: number, { maxLeaves }: BoostingParams): void {
  const { features, classes } = schema;
  if (classes.length > MAX_CLASSES) {
    throw new RangeError(
      `boosting: at most ${MAX_CLASSES} classes are supported, got ${classes.length}; use the estimator 'forest'`,
    );
  }
  if (features.length > MAX_FEATURES) {
    throw new RangeError(
      `boosting: at most ${MAX_FEATURES} features are supported, got ${features.length}`,
    );
  }
  const outputs = classes.length <= 2 ? 1 : classes.length;
  const bytes = kernelBytes({ rows, features: features.length, outputs, slots: maxLeaves });
  if (bytes > MAX_KERNEL_BYTES) {
    throw new RangeError(
      `boosting: ${rows} rows × ${features.length} features and trees of ${maxLeaves} leaves need ${Math.ceil(bytes / 2 ** 20)} MB, more than ${Math.ceil(MAX_KERNEL_BYTES / 2 ** 20)} MB; lower maxLeaves, train on fewer rows, or use the estimator 'forest'`,
    );
  }
}

/** A random choice of the rows to validate on; both parts in the order of the rows. */
function splitRows(
  all: TrainingRows,
  count: number,
  seed: number,
): { readonly train: TrainingRows; readonly held: TrainingRows | undefined } {
  if (count <= 0) return { train: all, held: undefined };
  const rows = all.rows.length;
  const random = createRandom(deriveSeed(seed, 0));
  const isHeld = new Uint8Array(rows);
  // Each row is chosen with the chance that makes the number come out (Knuth, algorithm S).
  for (let i = 0, left = count; i < rows; i++) {
    if (random() * (rows - i) >= left) continue;
    isHeld[i] = 1;
    left--;
  }
  return {
    train: filtered(all, (i) => isHeld[i] === 0),
    held: filtered(all, (i) => isHeld[i] === 1),
  };
}

function filtered(
  { rows, targets, weights }: TrainingRows,
  isTaken: (row: number) => boolean,
): TrainingRows {
  const taken = (_: number, i: number): boolean => isTaken(i);
  return {
    rows: rows.filter(taken),
    targets:
      targets.kind === 'regression'
        ? { ...targets, values: targets.values.filter(taken) }
        : { ...targets, labels: targets.labels.filter(taken) },
    weights: weights?.filter(taken),
  };
}
