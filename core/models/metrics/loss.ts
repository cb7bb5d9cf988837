import { designEffectOf, INDEPENDENT } from '../../stats/design-effect.ts';
import type { DesignEffect, Rows } from '../../stats/design-effect.ts';
import { largerMeanPValue, momentsOf } from '../../stats/mean-test.ts';
import type { MeanEstimate } from '../../stats/mean-test.ts';
import { dependenceOfNumbers, LEARNING_ROWS, mergeCurves } from '../../stats/row-dependence.ts';
import type { DispersionCurve } from '../../stats/row-dependence.ts';
import { sortFinite } from '../../stats/sort-numbers.ts';
import type { Task } from '../model.ts';
import type { Scored } from './scored.ts';

/** Of the losses of some rows: 0/1 errors, or squared errors. */
export interface Loss {
  readonly mean: number;
  /** ddof 1; 0 for one row */
  readonly variance: number;
  /** how neighbouring rows resemble one another in it; absent where it was not learned */
  readonly dependence?: DispersionCurve;
}

/** The losses of the rows that a model was scored on, as far as they are compared. */
export interface MeasuredLoss {
  readonly task: Task;
  readonly rows: number;
  readonly loss: Loss;
}

/** @param learn `learned`: their dependence as well */
export function measureLoss(scores: Scored, learn: Rows = 'independent'): MeasuredLoss {
  return { task: scores.kind, rows: scores.rows, loss: lossOf(lossesOf(scores), learn) };
}

/** The 0/1 errors or the squared errors, in the order of the rows. */
function lossesOf(scores: Scored): Float64Array {
  return scores.kind === 'classification'
    ? Float64Array.from(scores.truth, (k, i) => Number(k !== scores.labels[i]))
    : scores.truth.map((y, i) => (y - scores.values[i]) ** 2);
}

/** @param losses in the order of the rows */
export function lossOf(losses: Float64Array, learn: Rows): Loss {
  const { mean, variance } = momentsOf(losses);
  return { mean, variance, ...(learn === 'learned' && { dependence: dependenceOf(losses) }) };
}

function dependenceOf(losses: Float64Array): DispersionCurve {
  const learned = losses.subarray(0, LEARNING_ROWS);
  const sorted = new Float64Array(learned.length);
  const found = sortFinite(learned, sorted);
  return dependenceOfNumbers(learned, sorted.subarray(0, found)).height;
}

/**
 * The losses of all rows together: as if they had been computed at once, but for dependence, which is that within the parts.
 * @see Chan, Golub & LeVeque (1983), Am. Stat. 37:242–247
 */
export function poolLosses(parts: readonly Pick<MeasuredLoss, 'rows' | 'loss'>[]): Loss {
  let [rows, mean, squares] = [0, 0, 0];
  for (const { rows: n, loss } of parts) {
    const before = loss.mean - mean;
    const all = rows + n;
    squares += loss.variance * (n - 1) + (before ** 2 * rows * n) / all;
    mean += (before * n) / all;
    rows = all;
  }
  const curves = parts.flatMap(({ loss: { dependence } }) =>
    dependence === undefined ? [] : [dependence],
  );
  return {
    mean,
    variance: rows > 1 ? squares / (rows - 1) : 0,
    ...(curves.length > 0 && { dependence: curves.reduce(mergeCurves) }),
  };
}

/**
 * Welch's one-sided t-test: is the mean loss now larger than it was?
 *
 * With rows `learned`, rows count as fewer where neighbouring ones resemble one another in their losses, which both sides
 * show together (`designEffectOf`), known with the degrees of freedom of that. A step or a slow change within a file is
 * no chance, and counts in full.
 * A side whose losses do not vary at all (every 0/1 loss equal) gets the variance that one more hit and one more
 * miss would give, as n equal rows do not prove that the next one is equal too.
 * @returns 1 where a side has a single row
 * @see Welch (1947), Biometrika 34:28–35; Agresti & Caffo (2000), Am. Stat. 54:280–288; Rao & Scott (1981), JASA 76:221–230
 */
export function largerLossPValue(
  current: MeasuredLoss,
  baseline: MeasuredLoss,
  rows: Rows = 'independent',
): number {
  if (current.rows < 2 || baseline.rows < 2) return 1;
  const design = rows === 'independent' ? INDEPENDENT : designOf(current, baseline);
  const [a, b] = [meanLossOf(current, design), meanLossOf(baseline, design)];
  if (a.variance + b.variance === 0) return a.mean > b.mean ? 0 : 1;
  return largerMeanPValue(a, b);
}

/** What both sides' rows show together. */
function designOf(current: MeasuredLoss, baseline: MeasuredLoss): DesignEffect {
  const curves = [current, baseline].flatMap(({ loss: { dependence } }) =>
    dependence === undefined ? [] : [dependence],
  );
  if (curves.length === 0) return INDEPENDENT;
  return designEffectOf([curves.reduce(mergeCurves)], current.rows);
}

function meanLossOf(measured: MeasuredLoss, { phi, freedom }: DesignEffect): MeanEstimate {
  const { rows, loss } = measured;
  return {
    mean: loss.mean,
    variance: (varianceOf(measured) * phi) / rows,
    freedom: 1 / (1 / (rows - 1) + 1 / freedom),
  };
}

function varianceOf({ loss, rows, task }: MeasuredLoss): number {
  if (loss.variance > 0 || task === 'regression') return loss.variance;
  const share = (loss.mean * rows + 1) / (rows + 2);
  return share * (1 - share);
}
