import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { fitModel } from '../fit.ts';
import type { EstimatorParams } from '../fit.ts';
import type { MetricName } from '../metrics/evaluation.ts';
import { metricOf } from '../metrics/metrics.ts';
import type { ModelSchema } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { scored } from '../metrics/scored.ts';
import type { ParamChoice } from './candidates.ts';
import { foldRows } from './search-folds.ts';
import type { FoldOptions } from './search-folds.ts';
import type { SearchTrial, TrialResult } from './search.ts';

export interface TrialOptions extends FoldOptions {
  readonly metric: MetricName;
  /** of the rows, one each; absent: all 1 */
  readonly weights?: Float64Array | undefined;
}

/** The pipeline's own parameters with those that a candidate changes. */
export function withChoice(params: EstimatorParams, choice: ParamChoice): EstimatorParams {
  // What may be in a grid was checked when the pipeline was loaded, and an estimator checks its numbers again.
  return { ...params, ...choice };
}

/**
 * Fits a candidate without the rows of a fold, and scores it on them. The same trial gives the same score.
 *
 * @param rows rows that have an outcome
 * @param params of the candidate
 * @returns a score of null where these rows and parameters are refused, or the metric is not defined
 * @throws RangeError if there are fewer rows than folds
 */
export function runTrial(
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  params: EstimatorParams,
  options: TrialOptions,
  trial: SearchTrial,
): TrialResult {
  const { candidate, rung, fold } = trial;
  const { train, test } = foldRows(table, rows, schema, options, trial);
  const score = scoreOf(table, train, test, rows, schema, params, options);
  return { candidate, rung, fold, score };
}

function scoreOf(
  table: Table,
  train: Int32Array,
  test: Int32Array,
  rows: Int32Array,
  schema: ModelSchema,
  params: EstimatorParams,
  { metric, seed, weights }: TrialOptions,
): number | null {
  const own = weights && weightsOf(train, rows, weights);
  try {
    const model = fitModel(table, train, schema, params, seed, own);
    const held = takeRows(table, test);
    return metricOf(metric, scored(model.predict(held), outcomesOf(held, schema))) ?? null;
  } catch (error) {
    // Parameters that these rows do not allow are a candidate that is out, not the end of the search.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function weightsOf(train: Int32Array, rows: Int32Array, weights: Float64Array): Float64Array {
  const weightOf = new Map<number, number>();
  rows.forEach((row, i) => weightOf.set(row, weights[i]));
  return Float64Array.from(train, (row) => weightOf.get(row) ?? 0);
}
