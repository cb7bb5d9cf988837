import { damaged, isCount, isRecord } from '../artefact/container.ts';
import type { Task } from '../model.ts';
import { parseClassWeight } from '../input/weights.ts';
import type { ClassWeight } from '../input/weights.ts';

/** How a histogram random forest is grown. */
export interface ForestParams {
  readonly kind: 'forest';
  /** number of trees, 1 and above */
  readonly trees: number;
  /** most splits from the root to a leaf, 1 to 64 */
  readonly maxDepth: number;
  /** fewest bootstrap draws in a leaf, 1 and above */
  readonly minLeaf: number;
  /** share of the features tried at each split, in (0, 1]; absent: √p for classification, p/3 for regression */
  readonly features?: number | undefined;
  /** how much each class counts; absent: each row as much as any other */
  readonly classWeight?: ClassWeight | undefined;
}

export const DEFAULT_FOREST: ForestParams = {
  kind: 'forest',
  trees: 100,
  maxDepth: 64,
  minLeaf: 1,
};

/** Features tried at each split: floor of the share of p, at least 1. */
export function featuresTried(params: ForestParams, task: Task, p: number): number {
  if (params.features !== undefined) return Math.max(1, Math.floor(params.features * p));
  return Math.max(1, Math.floor(task === 'classification' ? Math.sqrt(p) : p / 3));
}

/**
 * The parameters in an artefact.
 * @throws RangeError if they are none, or out of range
 */
export function parseForestParams(value: unknown): ForestParams {
  if (!isRecord(value) || value['kind'] !== 'forest') throw damaged('it has no parameters');
  const { trees, maxDepth, minLeaf, features, classWeight } = value;
  if (!isCount(trees) || !isCount(maxDepth) || !isCount(minLeaf)) {
    throw damaged('its parameters are not numbers');
  }
  const params: ForestParams = {
    kind: 'forest',
    trees,
    maxDepth,
    minLeaf,
    features: typeof features === 'number' ? features : undefined,
    classWeight: classWeight === undefined ? undefined : parseClassWeight(classWeight),
  };
  checkForestParams(params);
  return params;
}

/** @throws RangeError naming the first parameter out of range */
export function checkForestParams(params: ForestParams): void {
  const { trees, maxDepth, minLeaf, features } = params;
  requireInteger('trees', trees, 1, 100_000);
  requireInteger('maxDepth', maxDepth, 1, 64);
  requireInteger('minLeaf', minLeaf, 1, 2 ** 31 - 1);
  if (features !== undefined && !(features > 0 && features <= 1)) {
    throw new RangeError(`forest: features must be a share in (0, 1], got ${features}`);
  }
}

function requireInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(
      `forest: ${name} must be a whole number from ${low} to ${high}, got ${value}`,
    );
  }
}
