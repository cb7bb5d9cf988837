import { damaged, isRecord } from '../artefact/container.ts';
import { parseClassWeight } from '../input/weights.ts';
import type { ClassWeight } from '../input/weights.ts';

/** How gradient boosting is fitted. */
export interface BoostingParams {
  readonly kind: 'boosting';
  /** most iterations, 1 and above; each grows one tree, or one a class where there are more than two */
  readonly iterations: number;
  /** share of each tree's advice that is taken, in (0, 1] */
  readonly learningRate: number;
  /** most leaves of a tree, 2 to 1024 */
  readonly maxLeaves: number;
  /** fewest rows in a leaf, 1 and above */
  readonly minLeaf: number;
  /** weight of the squared leaf values, 0 and above */
  readonly l2: number;
  /** share of the rows that tell when to stop, in [0, 1); 0: none, all iterations are made; absent: 0.1 from 10,000 rows on */
  readonly validation?: number | undefined;
  /** iterations without a gain on those rows after which fitting stops, 1 and above */
  readonly patience: number;
  /** how much each class counts; absent: each row as much as any other */
  readonly classWeight?: ClassWeight | undefined;
}

/** As scikit-learn's HistGradientBoosting has them. */
export const DEFAULT_BOOSTING: BoostingParams = {
  kind: 'boosting',
  iterations: 100,
  learningRate: 0.1,
  maxLeaves: 31,
  minLeaf: 20,
  l2: 0,
  patience: 10,
};

/** With fewer rows, holding some out costs more than stopping early gains (scikit-learn's rule). */
const EARLY_STOPPING_ROWS = 10_000;
const DEFAULT_VALIDATION = 0.1;

/** Rows that are held out to tell when to stop. */
export function validationRows({ validation }: BoostingParams, rows: number): number {
  const share = validation ?? (rows >= EARLY_STOPPING_ROWS ? DEFAULT_VALIDATION : 0);
  return Math.min(rows - 1, Math.round(share * rows));
}

/**
 * Parameters in an artefact, or such as are to be put into one, where their order must always be the same.
 * @throws RangeError if they are none, or out of range
 */
export function parseBoostingParams(value: unknown): BoostingParams {
  if (!isRecord(value)) throw damaged('it has no parameters');
  const numberAt = (name: keyof BoostingParams): number => {
    const own = value[name];
    if (typeof own !== 'number') throw damaged(`its parameter ${name} is not a number`);
    return own;
  };
  const { validation, classWeight } = value as Partial<Record<keyof BoostingParams, unknown>>;
  const params: BoostingParams = {
    kind: 'boosting',
    iterations: numberAt('iterations'),
    learningRate: numberAt('learningRate'),
    maxLeaves: numberAt('maxLeaves'),
    minLeaf: numberAt('minLeaf'),
    l2: numberAt('l2'),
    validation: validation === undefined ? undefined : numberAt('validation'),
    patience: numberAt('patience'),
    classWeight: classWeight === undefined ? undefined : parseClassWeight(classWeight),
  };
  checkBoostingParams(params);
  return params;
}

/** @throws RangeError naming the first parameter out of range */
export function checkBoostingParams(params: BoostingParams): void {
  const { iterations, learningRate, maxLeaves, minLeaf, l2, validation = 0, patience } = params;
  requireInteger('iterations', iterations, 1, 100_000);
  requireInteger('maxLeaves', maxLeaves, 2, 1024);
  requireInteger('minLeaf', minLeaf, 1, 2 ** 31 - 1);
  requireInteger('patience', patience, 1, 100_000);
  if (!(learningRate > 0 && learningRate <= 1)) {
    throw new RangeError(`boosting: learningRate must be in (0, 1], got ${learningRate}`);
  }
  if (!(l2 >= 0 && l2 < Infinity)) {
    throw new RangeError(`boosting: l2 must be 0 or more, got ${l2}`);
  }
  if (!(validation >= 0 && validation < 1)) {
    throw new RangeError(`boosting: validation must be a share in [0, 1), got ${validation}`);
  }
}

function requireInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(
      `boosting: ${name} must be a whole number from ${low} to ${high}, got ${value}`,
    );
  }
}
