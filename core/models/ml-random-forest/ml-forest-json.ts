import type { FeatureBins } from '../binning/feature-bins.ts';
import { isForest } from '../forest/forest.ts';
import type { Forest } from '../forest/fitted-forest.ts';
import { LAST_ENTRY, MISSING_LEFT, treeCount } from '../forest/trees.ts';
import { isMlRandomForest } from './ml-random-forest.ts';
import type { Model, ModelSchema } from '../model.ts';

/** Most nodes of a forest that is written as JSON: a hundred megabytes. */
const MAX_NODES = 1_000_000;

/** A node as `ml-cart` has it: a split sends values below `splitValue` left, a leaf has shares of classes or a mean. */
type CartNode =
  | {
      readonly splitColumn: number;
      readonly splitValue: number;
      readonly left: CartNode;
      readonly right: CartNode;
    }
  | { readonly distribution: number | readonly [readonly number[]] };

/**
 * A forest as the JSON that `RandomForestClassifier.load` and `RandomForestRegression.load` of the npm package
 * `ml-random-forest` read. Its rows are arrays of numbers in the order of the schema's features, its labels are indices
 * into the schema's classes; both are named under `calmops`, which the package passes over.
 *
 * What every tree says is what it says here, to the last bit of a threshold. A classifier of the package then counts
 * the votes of its trees, where ours takes the mean of their shares: the two differ in close cases, where leaves are
 * not of one class. Rows need a value in each feature: the package sends NaN right at every node.
 *
 * @throws RangeError if the model is no forest, has categories, splits by whether a value is missing, or is too large
 */
export function mlRandomForestJson(model: Model): Readonly<Record<string, unknown>> {
  const { schema } = model;
  const { target, classes } = schema;
  const calmops = { target, features: schema.features.map(({ name }) => name), classes };
  if (isMlRandomForest(model)) {
    requireNumbers(schema);
    return { ...model.mlForest.json, calmops };
  }
  if (!isForest(model)) {
    throw new RangeError(
      `a model of the estimator '${model.estimator}' cannot be written for ml-random-forest; forest and ml-random-forest can`,
    );
  }
  requireNumbers(schema);
  const { forest } = model;
  const nodes = forest.trees.left.length;
  if (nodes > MAX_NODES) {
    throw new RangeError(
      `trees of ${nodes} nodes cannot be written for ml-random-forest, at most ${MAX_NODES} can; grow fewer or smaller ones`,
    );
  }
  requirePresence(forest);
  return { ...packageJson(forest), calmops };
}

function packageJson({ schema, features, trees, targetScale }: Forest): Record<string, unknown> {
  const isClassifier = schema.task === 'classification';
  const count = treeCount(trees);
  const options = { kind: isClassifier ? 'classifier' : 'regression' };
  const name = isClassifier ? 'DTClassifier' : 'DTRegression';
  const baseModel = {
    indexes: Array.from({ length: count }, () => features.map((_, j) => j)),
    n: features.length,
    replacement: false,
    maxFeatures: features.length,
    nEstimators: count,
    treeOptions: {},
    isClassifier,
    seed: 0,
    estimators: Array.from({ length: count }, (_, tree) => ({
      options,
      root: cartNode({ schema, features, trees, targetScale }, tree, 0),
      name,
    })),
    useSampleBagging: true,
  };
  return isClassifier
    ? { baseModel, name: 'RFClassifier' }
    : { baseModel, selectionMethod: 'mean', name: 'RFRegression' };
}

/** As deep as the tree, which is at most 64 levels in a forest that was grown here. */
function cartNode(forest: Forest, tree: number, node: number): CartNode {
  const { trees, features } = forest;
  const at = trees.nodeOffsets[tree] + node;
  const left = trees.left[at];
  if (left < 0) return { distribution: leafOf(forest, trees.entryOffsets[tree] - 1 - left) };
  const splitColumn = trees.feature[at] & (MISSING_LEFT - 1);
  return {
    splitColumn,
    splitValue: nextAbove(bordersOf(features[splitColumn])[trees.bin[at]]),
    left: cartNode(forest, tree, left),
    right: cartNode(forest, tree, left + 1),
  };
}

function leafOf(
  { schema, trees, targetScale }: Forest,
  firstEntry: number,
): number | readonly [readonly number[]] {
  if (schema.task === 'regression') {
    return trees.entryValue[firstEntry] * targetScale.scale + targetScale.center;
  }
  const shares = schema.classes.map(() => 0);
  let total = 0;
  for (let entry = firstEntry; ; entry++) {
    const k = trees.entryClass[entry];
    shares[k & (LAST_ENTRY - 1)] = trees.entryValue[entry];
    total += trees.entryValue[entry];
    if (k >= LAST_ENTRY) return [shares.map((share) => share / total)];
  }
}

function requireNumbers({ features }: ModelSchema): void {
  const categorical = features.filter(({ kind }) => kind === 'categorical');
  if (categorical.length > 0) {
    const names = categorical.map(({ name }) => `'${name}'`).join(', ');
    throw new RangeError(
      `ml-random-forest knows numbers only, and ${names} ${categorical.length === 1 ? 'has' : 'have'} categories; encode them as numbers in the preprocess hook`,
    );
  }
}

/** A split beyond the last border parts the missing values from all others. */
function requirePresence({ schema, features, trees }: Forest): void {
  const asked = new Set<number>();
  for (let at = 0; at < trees.left.length; at++) {
    const feature = trees.feature[at] & (MISSING_LEFT - 1);
    if (trees.left[at] >= 0 && trees.bin[at] >= bordersOf(features[feature]).length) {
      asked.add(feature);
    }
  }
  if (asked.size === 0) return;
  const names = [...asked].map((feature) => `'${schema.features[feature].name}'`).join(', ');
  throw new RangeError(
    `ml-random-forest knows no missing values, and the forest splits by whether ${names} is missing; fill them in the preprocess hook`,
  );
}

function bordersOf(bins: FeatureBins): Float64Array {
  return bins.kind === 'numeric' ? bins.borders : new Float64Array(0);
}

/** The smallest number above a finite one: `x ≤ border` is `x < nextAbove(border)`. */
function nextAbove(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] += value > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0];
}
