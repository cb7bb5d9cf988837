import { damaged, isRecord } from '../artefact/container.ts';
import type { ModelSchema } from '../model.ts';

/** A tree of `ml-random-forest`; node 0 is the root, children come after their parent. */
export interface MlTree {
  readonly nodes: readonly MlNode[];
}

export type MlNode =
  | {
      readonly kind: 'split';
      /** index into the features of the schema */
      readonly feature: number;
      /** values below it go left */
      readonly threshold: number;
      readonly left: number;
      readonly right: number;
    }
  /** class shares that add up to 1 (of the first classes only, if the rest is 0), or one mean outcome */
  | { readonly kind: 'leaf'; readonly values: readonly number[] };

/**
 * The trees in the JSON of an `ml-random-forest` classifier or regression (its `toJSON`).
 * @throws RangeError if it is not of that form, or does not fit the schema
 */
export function parseMlTrees(json: unknown, schema: ModelSchema): readonly MlTree[] {
  const name = schema.task === 'classification' ? 'RFClassifier' : 'RFRegression';
  if (!isRecord(json) || json['name'] !== name) throw damaged(`its forest is no ${name}`);
  const base = json['baseModel'];
  if (!isRecord(base)) throw damaged('its forest has no baseModel');
  const estimators: unknown = base['estimators'];
  const indexes: unknown = base['indexes'];
  if (!Array.isArray(estimators) || !Array.isArray(indexes) || estimators.length === 0) {
    throw damaged('its forest has no trees');
  }
  return estimators.map((estimator: unknown, t) => {
    const features = parseFeatures(indexes[t], schema.features.length);
    if (!isRecord(estimator)) throw damaged(`tree ${t} is not an object`);
    return { nodes: parseNodes(estimator['root'], features, schema) };
  });
}

function parseFeatures(value: unknown, features: number): readonly number[] {
  const valid =
    Array.isArray(value) &&
    value.every((j) => Number.isInteger(j) && Number(j) >= 0 && Number(j) < features);
  if (!valid) throw damaged('a tree has features that its forest does not have');
  return value as readonly number[];
}

/** Breadth first and without recursion, so that a very deep file cannot exhaust the stack. */
function parseNodes(root: unknown, features: readonly number[], schema: ModelSchema): MlNode[] {
  const pending = [root];
  const nodes: MlNode[] = [];
  for (let at = 0; at < pending.length; at++) {
    const node = pending[at];
    if (!isRecord(node)) throw damaged('a node is not an object');
    if (node['distribution'] !== undefined) {
      nodes.push({ kind: 'leaf', values: parseLeaf(node['distribution'], schema) });
      continue;
    }
    const column = node['splitColumn'];
    const threshold = node['splitValue'];
    const feature = typeof column === 'number' ? features[column] : undefined;
    if (feature === undefined || typeof threshold !== 'number') {
      throw damaged('a node has neither a distribution nor a split');
    }
    const left = pending.length;
    pending.push(node['left'], node['right']);
    nodes.push({ kind: 'split', feature, threshold, left, right: left + 1 });
  }
  return nodes;
}

function parseLeaf(value: unknown, schema: ModelSchema): readonly number[] {
  if (schema.task === 'regression') {
    if (!Number.isFinite(value)) throw damaged('a leaf has no finite number');
    return [Number(value)];
  }
  const row: unknown = Array.isArray(value) && value.length === 1 ? value[0] : null;
  if (!Array.isArray(row) || row.length > schema.classes.length) {
    throw damaged('a leaf has no row of class shares');
  }
  const shares: readonly unknown[] = row;
  if (!shares.every((share): share is number => typeof share === 'number' && share >= 0)) {
    throw damaged('a leaf has a share that is no number');
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (!(Math.abs(total - 1) < 1e-6)) throw damaged(`the shares of a leaf add up to ${total}`);
  return shares.map((share) => share / total);
}
