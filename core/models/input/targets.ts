import type { Table } from '../../table.ts';
import type { ModelSchema } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { MAX_CLASSES } from './task.ts';

/** The outcome of each row in numbers: class indices with their count, or values. */
export type Targets =
  | { readonly kind: 'classification'; readonly labels: Int32Array; readonly classes: number }
  | { readonly kind: 'regression'; readonly values: Float64Array };

/** Where the target of a regression lies: estimators learn (value − center) ÷ scale, which is of the order of 1. */
export interface TargetScale {
  readonly center: number;
  readonly scale: number;
}

/**
 * The outcomes that an estimator is to learn.
 *
 * @param estimator what is fitted, for the errors
 * @param rows rows that have an outcome
 * @throws RangeError if there is no row, a class is not of the schema, or there are more than 1000 classes
 */
export function targetsOf(
  estimator: string,
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
): Targets {
  if (rows.length === 0) throw new RangeError(`${estimator}: no rows to train on`);
  if (schema.classes.length > MAX_CLASSES) {
    throw new RangeError(
      `${estimator}: at most ${MAX_CLASSES} classes are supported, got ${schema.classes.length}`,
    );
  }
  const outcomes = outcomesOf(table, schema, rows);
  if (outcomes.kind === 'regression') return outcomes;
  const strange = outcomes.labels.indexOf(-1);
  if (strange >= 0) {
    throw new RangeError(
      `${estimator}: the class in row ${rows[strange] + 1} of '${schema.target}' is none of the schema's`,
    );
  }
  return { kind: 'classification', labels: outcomes.labels, classes: schema.classes.length };
}

/**
 * Mean and standard deviation (ddof 0) of a regression's outcomes; 0 and 1 where there is nothing to scale.
 * @param weights of the rows, above 0; absent: all 1
 */
export function scaleOf(targets: Targets, weights?: Float64Array): TargetScale {
  if (targets.kind === 'classification') return { center: 0, scale: 1 };
  let total = 0;
  let mean = 0;
  let squares = 0;
  targets.values.forEach((value, i) => {
    const weight = weights === undefined ? 1 : weights[i];
    const before = value - mean;
    total += weight;
    mean += (weight * before) / total;
    squares += weight * before * (value - mean);
  });
  return { center: mean, scale: scaleOfSpread(squares, total) };
}

/** The deviation of outcomes whose squared differences from their mean add up to `squares`; 1 where they do not vary. */
export function scaleOfSpread(squares: number, total: number): number {
  const deviation = Math.sqrt(squares / total);
  return deviation > 0 && Number.isFinite(deviation) ? deviation : 1;
}

/** Outcomes in deviations from their mean; classes as they are. */
export function scaledTargets(targets: Targets, { center, scale }: TargetScale): Targets {
  if (targets.kind === 'classification') return targets;
  return {
    kind: 'regression',
    values: targets.values.map((value) => (value - center) / scale),
  };
}

/**
 * Rows of each class, or the sums of their weights.
 * @param weights of the rows; absent: all 1
 */
export function classCounts(
  targets: Extract<Targets, { kind: 'classification' }>,
  weights?: Float64Array,
): Float64Array {
  const counts = new Float64Array(targets.classes);
  targets.labels.forEach((label, i) => {
    counts[label] += weights === undefined ? 1 : weights[i];
  });
  return counts;
}
