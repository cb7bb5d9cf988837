import { fitModel } from '../../models/fit.ts';
import type { EstimatorParams } from '../../models/fit.ts';
import type { FeatureSchema } from '../../models/model.ts';
import { deriveSeed } from '../../random.ts';
import { areaUnderCurve } from '../../stats/auc.ts';
import { normalSurvival } from '../../stats/special-functions.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { ORIGINS, stackTables } from '../multivariate/stack-tables.ts';

/** How much like a row of the current sample the inputs of each row are. */
export interface Propensity {
  /** of each row, the reference's first: the probability of being current, by a model that has not seen the row */
  readonly scores: Float64Array;
  /** 0 or 1: scores are comparable among the rows of one fold only */
  readonly folds: Uint8Array;
  /** area under the ROC curve of the scores, ½ without change, and the one-sided p-value of that */
  readonly auc: number;
  readonly pValue: number;
}

const FOREST: EstimatorParams = { kind: 'forest', trees: 40, maxDepth: 8, minLeaf: 5 };

/**
 * The probability of each row to be current by its inputs, from forests that were each fitted on the other half of the
 * rows. The area and its p-value are those of `domainClassifierTest`.
 *
 * @param columns names of numeric and categorical columns that both tables have in the same kind, at least one
 * @throws RangeError if a column is absent, of another kind in the other table, or holds times
 */
export function propensityOf(
  reference: Table,
  current: Table,
  columns: readonly string[],
  seed: number,
): Propensity {
  const { table, origin } = stackTables(reference, current, columns);
  const n = reference.rows;
  const folds = Uint8Array.from({ length: table.rows }, (_, i) => (i < n ? i : i - n) % 2);
  const features = table.columns.flatMap((column): FeatureSchema[] => {
    if (column.name === origin) return [];
    if (column.kind === 'time') {
      throw new RangeError(`propensity: column '${column.name}' holds times`);
    }
    return column.kind === 'numeric'
      ? [{ kind: 'numeric', name: column.name }]
      : [{ kind: 'categorical', name: column.name, dictionary: column.dictionary }];
  });
  const schema = { target: origin, task: 'classification', features, classes: ORIGINS } as const;
  const scores = new Float64Array(table.rows);
  for (const fold of [0, 1]) {
    const seen = rowsWhere(folds, 1 - fold);
    const scored = rowsWhere(folds, fold);
    const model = fitModel(table, seen, schema, FOREST, deriveSeed(seed, fold));
    const predicted = model.predict(takeRows(table, scored));
    if (predicted.kind !== 'classification') throw new Error('propensity: not a classifier');
    const own = ORIGINS.indexOf('current');
    scored.forEach((row, i) => {
      scores[row] = predicted.probabilities[i * ORIGINS.length + own];
    });
  }
  return { scores, folds, ...areaOf(scores, folds, n) };
}

function rowsWhere(folds: Uint8Array, fold: number): Int32Array {
  return Int32Array.from(folds.keys()).filter((row) => folds[row] === fold);
}

/** Means over the folds, with the bound on the deviation of a mean that holds for any dependence. */
function areaOf(
  scores: Float64Array,
  folds: Uint8Array,
  n: number,
): { readonly auc: number; readonly pValue: number } {
  let auc = 0;
  let nullError = 0;
  for (const fold of [0, 1]) {
    const of = (isReference: boolean): Float64Array =>
      scores.filter((_, row) => folds[row] === fold && row < n === isReference).sort();
    const [negatives, positives] = [of(true), of(false)];
    const [a, b] = [negatives.length, positives.length];
    auc += areaUnderCurve(negatives, positives).auc / 2;
    nullError += Math.sqrt((a + b + 1) / (12 * a * b)) / 2;
  }
  return { auc, pValue: normalSurvival((auc - 0.5) / nullError) };
}
