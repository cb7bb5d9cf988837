import { createRandom, deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { columnCodes, learnFeatureBins, rowCodesInto } from '../binning/feature-bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import { encodeTable } from '../encoder.ts';
import type { EncodedTable } from '../encoder.ts';
import type { ModelSchema } from '../model.ts';
import { scaleOf, targetsOf } from '../targets.ts';
import type { Targets, TargetScale } from '../targets.ts';
import { boostingModel } from './boosted-model.ts';
import type { BoostingModel } from './boosted-model.ts';
import { createLeafGrower } from './grow-leaves.ts';
import type { BoostedTree } from './grow-leaves.ts';
import { FEATURE_SIZE } from './histogram.ts';
import { lossOf } from './losses.ts';
import type { Loss } from './losses.ts';
import { checkBoostingParams, validationRows } from './params.ts';
import type { BoostingParams } from './params.ts';
import { addTreeInto } from './walk.ts';

/** Each class is a tree an iteration: more of them are left to the forest, which has one for all. */
const MAX_CLASSES = 100;

/** Most memory for histograms, in bytes. */
const MAX_HISTOGRAM_BYTES = 2 ** 30;

/** A loss must fall by more than this for an iteration to count as a gain (scikit-learn's). */
const GAIN_TOLERANCE = 1e-7;

/**
 * Fits gradient boosted trees on histograms: log-loss for classes, squared error for numbers.
 *
 * Each iteration grows a tree, or one for each of more than two classes, on the derivatives of the loss. With
 * validation rows (a random share, drawn from the seed), fitting stops when they have gained nothing for
 * `patience` iterations, and the iterations after the best one are dropped.
 *
 * @throws RangeError if a parameter, a column or an outcome is not as it must be, or memory would not suffice
 * @see Friedman (2001), Annals of Statistics 29:1189–1232; Ke et al. (2017), LightGBM, NeurIPS 30
 */
export function fitBoosting(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: BoostingParams,
  seed: number,
): BoostingModel {
  checkBoostingParams(params);
  checkSize(schema, params);
  const { train, validation } = splitRows(rows, validationRows(params, rows.length), seed);
  const targets = targetsOf('boosting', table, train, schema);
  const targetScale = scaleOf(targets);
  const encoded = encodeTable(takeRows(table, train), schema);
  const features = learnFeatureBins(encoded, targets, seed);
  const loss = lossOf(scaled(targets, targetScale));
  const initial = loss.initial(targets);
  const held =
    validation.length === 0
      ? undefined
      : {
          table: encodeTable(takeRows(table, validation), schema),
          targets: scaled(targetsOf('boosting', table, validation, schema), targetScale),
        };
  const trees = boost({ encoded, features, loss, initial, params, held });
  return boostingModel({ schema, features, targetScale, initial, trees });
}

interface Boost {
  readonly encoded: EncodedTable;
  readonly features: readonly FeatureBins[];
  readonly loss: Loss;
  readonly initial: Float64Array;
  readonly params: BoostingParams;
  readonly held: Held | undefined;
}

interface Held {
  readonly table: EncodedTable;
  readonly targets: Targets;
}

/** Grows the trees, those of an iteration beside each other. */
function boost({ encoded, features, loss, initial, params, held }: Boost): readonly BoostedTree[] {
  const { rows } = encoded;
  const { outputs, constantCurvature } = loss;
  const codes = columnCodes(encoded, features);
  const grower = createLeafGrower({ codes, rows, constantCurvature, params });
  const scores = constantScores(rows, initial);
  const gradients = new Float64Array(rows);
  const curvatures = new Float64Array(constantCurvature ? 0 : rows);
  const validator = held === undefined ? undefined : createValidator(held, features, loss, initial);
  const trees: BoostedTree[] = [];
  for (let iteration = 0; iteration < params.iterations; iteration++) {
    const shares = loss.prepare(scores);
    const grown: BoostedTree[] = [];
    for (let k = 0; k < outputs; k++) {
      loss.derivativesInto(k, shares, gradients, curvatures);
      grown.push(grower.grow(gradients, curvatures, scores, outputs, k));
    }
    // Once no tree finds a split, none will.
    if (grown.every((tree) => tree.left[0] === 0)) break;
    trees.push(...grown);
    if (validator?.hasStopped(grown, params.patience) === true) break;
  }
  return validator === undefined ? trees : trees.slice(0, validator.best() * outputs);
}

/** Follows the loss of the validation rows. */
function createValidator(
  { table, targets }: Held,
  features: readonly FeatureBins[],
  loss: Loss,
  initial: Float64Array,
): {
  /** Adds an iteration; have the last `patience` ones gained nothing? */
  hasStopped(trees: readonly BoostedTree[], patience: number): boolean;
  /** iterations with the least loss */
  best(): number;
} {
  const p = features.length;
  const codes = new Uint8Array(table.rows * p);
  rowCodesInto(table, features, 0, table.rows, codes);
  const scores = constantScores(table.rows, initial);
  let least = loss.mean(targets, scores);
  let best = 0;
  let iterations = 0;
  return {
    hasStopped(trees, patience) {
      trees.forEach((tree, k) => addTreeInto(tree, codes, p, scores, loss.outputs, k));
      iterations++;
      const mean = loss.mean(targets, scores);
      if (mean < least - GAIN_TOLERANCE) {
        least = mean;
        best = iterations;
      }
      return iterations - best >= patience;
    },
    best: () => best,
  };
}

function checkSize({ features, classes }: ModelSchema, { maxLeaves }: BoostingParams): void {
  if (classes.length > MAX_CLASSES) {
    throw new RangeError(
      `boosting: at most ${MAX_CLASSES} classes are supported, got ${classes.length}; use the estimator 'forest'`,
    );
  }
  const bytes = features.length * FEATURE_SIZE * Float64Array.BYTES_PER_ELEMENT * maxLeaves;
  if (bytes > MAX_HISTOGRAM_BYTES) {
    throw new RangeError(
      `boosting: ${features.length} features and trees of ${maxLeaves} leaves need ${Math.ceil(bytes / 2 ** 20)} MB of histograms, more than ${MAX_HISTOGRAM_BYTES / 2 ** 20} MB; lower maxLeaves, or use the estimator 'forest'`,
    );
  }
}

function constantScores(rows: number, initial: Float64Array): Float64Array {
  const scores = new Float64Array(rows * initial.length);
  for (let at = 0; at < scores.length; at++) scores[at] = initial[at % initial.length];
  return scores;
}

/** A random choice of the rows to validate on; both parts in the order of `rows`. */
function splitRows(
  rows: Int32Array,
  held: number,
  seed: number,
): { readonly train: Int32Array; readonly validation: Int32Array } {
  if (held <= 0) return { train: rows, validation: new Int32Array(0) };
  const random = createRandom(deriveSeed(seed, 0));
  const isHeld = new Uint8Array(rows.length);
  // Each row is chosen with the chance that makes the number come out (Knuth, algorithm S).
  for (let i = 0, left = held; i < rows.length; i++) {
    if (random() * (rows.length - i) >= left) continue;
    isHeld[i] = 1;
    left--;
  }
  return {
    train: rows.filter((_, i) => isHeld[i] === 0),
    validation: rows.filter((_, i) => isHeld[i] === 1),
  };
}

function scaled(targets: Targets, { center, scale }: TargetScale): Targets {
  if (targets.kind === 'classification') return targets;
  return {
    kind: 'regression',
    values: targets.values.map((value) => (value - center) / scale),
  };
}
