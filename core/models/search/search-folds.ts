import { deriveSeed } from '../../random.ts';
import type { Table } from '../../table.ts';
import { stratifiedFolds } from '../calibration/folds.ts';
import type { ModelSchema } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { inOrderOfTime } from '../input/split.ts';
import type { SearchTrial } from './search.ts';

export interface FoldOptions {
  /** folds, 2 and above */
  readonly cv: number;
  readonly seed: number;
  /** absent: rows are in no order */
  readonly timeColumn?: string | undefined;
}

export interface FoldRows {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * The rows that a trial trains on and those that it is scored on.
 *
 * Rows are dealt to folds at random, class by class; of the others a random share is trained on. With a time column
 * they are cut into one stretch of time more than there are folds, and each stretch but the first is predicted from
 * those before it (forward chaining), of which the newest share is trained on.
 *
 * @param rows rows that have an outcome
 * @throws RangeError if there are fewer rows than folds, or the time column is absent
 * @see Kohavi (1995), IJCAI 14:1137–1143 (stratified folds); Bergmeir & Benítez (2012), Information Sciences
 *   191:192–213 (forward chaining)
 */
export function foldRows(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  { cv, seed, timeColumn }: FoldOptions,
  { fold, share }: Pick<SearchTrial, 'fold' | 'share'>,
): FoldRows {
  if (rows.length <= cv) {
    throw new RangeError(`search: ${rows.length} rows are too few for ${cv} folds`);
  }
  if (timeColumn !== undefined) {
    const ordered = inOrderOfTime(table, timeColumn, rows);
    const edge = (stretch: number): number => Math.floor((stretch * rows.length) / (cv + 1));
    const before = ordered.subarray(0, edge(fold + 1));
    return {
      train: before.slice(before.length - sharedCount(share, before.length)).sort(),
      test: ordered.slice(edge(fold + 1), edge(fold + 2)).sort(),
    };
  }
  const outcomes = outcomesOf(table, schema, rows);
  const labels = outcomes.kind === 'classification' ? outcomes.labels : new Int32Array(rows.length);
  const foldOf = stratifiedFolds(labels, cv, seed);
  const isOthers = (_: number, i: number): boolean => foldOf[i] !== fold;
  const others = rows.filter(isOthers);
  return {
    train: sample(others, labels.filter(isOthers), share, deriveSeed(seed, fold + 1)),
    test: rows.filter((_, i) => foldOf[i] === fold),
  };
}

function sharedCount(share: number, rows: number): number {
  return Math.max(1, Math.round(share * rows));
}

/** A random share of the rows, of each class alike, in their order. */
function sample(rows: Int32Array, labels: Int32Array, share: number, seed: number): Int32Array {
  if (share >= 1) return rows;
  const parts = Math.max(1, Math.round(1 / share));
  const partOf = stratifiedFolds(labels, parts, seed);
  return rows.filter((_, i) => partOf[i] === 0);
}
