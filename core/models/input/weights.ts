import type { Table } from '../../table.ts';
import { columnOf } from '../../table.ts';
import { damaged, isRecord } from '../artefact/container.ts';
import type { ModelSchema } from '../model.ts';
import { classCounts, targetsOf } from './targets.ts';
import type { Targets } from './targets.ts';

/** How much each class counts: by name, 1 where it is not named; or `balanced`, each class as much as any other. */
export type ClassWeight = 'balanced' | Readonly<Record<string, number>>;

/** What an estimator is fitted to. */
export interface TrainingRows {
  /** rows of the table; those of weight 0 are left out */
  readonly rows: Int32Array;
  /** outcome of each of them */
  readonly targets: Targets;
  /** weight of each of them, above 0; absent: all 1 */
  readonly weights: Float64Array | undefined;
}

export interface WeightOptions {
  readonly classWeight?: ClassWeight | undefined;
  /** one for each of the rows, 0 and above; a row of weight 2 counts as two equal rows */
  readonly weights?: Float64Array | undefined;
}

/**
 * The rows to train on with their outcomes and weights.
 *
 * A row's weight is its own times that of its class. Balanced class weights are n ÷ (K · n_k), n and n_k being
 * sums of row weights and K the number of classes that have rows (King & Zeng 2001, Political Analysis 9:137–163).
 *
 * @param estimator what is fitted, for the errors
 * @throws RangeError if a weight is not a finite number of at least 0, all are 0, or an outcome is not as it must be
 */
export function trainingRows(
  estimator: string,
  table: Table,
  rows: Int32Array,
  schema: ModelSchema,
  { classWeight, weights }: WeightOptions,
): TrainingRows {
  if (weights === undefined && classWeight === undefined) {
    return { rows, targets: targetsOf(estimator, table, rows, schema), weights: undefined };
  }
  const given = weights ?? new Float64Array(rows.length).fill(1);
  requireWeights(estimator, given, rows);
  const counted = rows.filter((_, i) => given[i] > 0);
  const own = given.filter((weight) => weight > 0);
  if (rows.length > 0 && counted.length === 0) {
    throw new RangeError(`${estimator}: the weights of all ${rows.length} rows are 0`);
  }
  const targets = targetsOf(estimator, table, counted, schema);
  if (classWeight === undefined) return { rows: counted, targets, weights: own };
  if (targets.kind === 'regression') {
    throw new RangeError(`${estimator}: class weights are for classification, not for regression`);
  }
  const ofClass = classWeights(estimator, classWeight, classCounts(targets, own), schema.classes);
  const weighted = own.map((weight, i) => weight * ofClass[targets.labels[i]]);
  return { rows: counted, targets, weights: weighted };
}

/**
 * The weights of some rows that a column says.
 * @throws RangeError if the column is absent or not numeric, or one of the weights is missing or below 0
 */
export function weightsInColumn(table: Table, rows: Int32Array, name: string): Float64Array {
  const column = columnOf(table, name);
  if (column.kind !== 'numeric') {
    throw new RangeError(`the weight column '${name}' is ${column.kind}; weights are numbers`);
  }
  const weights = Float64Array.from(rows, (row) => column.values[row]);
  requireWeights(`the weight column '${name}'`, weights, rows);
  return weights;
}

/**
 * The rows that count: all of them, or where a column has their weights, those above 0.
 * @throws RangeError as `weightsInColumn`
 */
export function rowsThatCount(
  table: Table,
  rows: Int32Array,
  weightColumn: string | undefined,
): Int32Array {
  if (weightColumn === undefined) return rows;
  const weights = weightsInColumn(table, rows, weightColumn);
  return rows.filter((_, i) => weights[i] > 0);
}

/** How many rows these are worth: the sum of their weights, or their number where all count the same. */
export function weightOf(rows: ArrayLike<unknown>, weights: Float64Array | undefined): number {
  return weights === undefined ? rows.length : weights.reduce((sum, weight) => sum + weight, 0);
}

/**
 * The class weights in an artefact.
 * @throws RangeError if they are none
 */
export function parseClassWeight(value: unknown): ClassWeight {
  if (value === 'balanced') return value;
  if (!isRecord(value)) throw damaged('its class weights are not an object');
  const entries = Object.entries(value).map(([name, weight]) => {
    if (typeof weight !== 'number') throw damaged(`the weight of class '${name}'`);
    return [name, weight] as const;
  });
  return Object.fromEntries(entries);
}

function requireWeights(where: string, weights: Float64Array, rows: Int32Array): void {
  if (weights.length !== rows.length) {
    throw new RangeError(`${where}: ${weights.length} weights for ${rows.length} rows`);
  }
  const wrong = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong >= 0) {
    throw new RangeError(
      `${where}: the weight of row ${rows[wrong] + 1} must be 0 or more, got ${weights[wrong]}`,
    );
  }
  const total = weightOf(rows, weights);
  if (total === Infinity) throw new RangeError(`${where}: the weights exceed all numbers together`);
}

function classWeights(
  estimator: string,
  classWeight: ClassWeight,
  counts: Float64Array,
  classes: readonly string[],
): Float64Array {
  if (classWeight === 'balanced') {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const present = counts.filter((count) => count > 0).length;
    return counts.map((count) => (count > 0 ? total / (present * count) : 1));
  }
  return Float64Array.from(classes, (name) => {
    const weight = Object.hasOwn(classWeight, name) ? classWeight[name] : 1;
    if (!(weight > 0 && weight < Infinity)) {
      throw new RangeError(
        `${estimator}: the weight of class '${name}' must be above 0, got ${weight}`,
      );
    }
    return weight;
  });
}
