import { designEffectOf, INDEPENDENT } from '../../stats/design-effect.ts';
import type { DesignEffect, Rows } from '../../stats/design-effect.ts';
import { dependenceOfNumbers, LEARNING_ROWS, mergeCurves } from '../../stats/row-dependence.ts';
import type { DispersionCurve } from '../../stats/row-dependence.ts';
import { sortFinite } from '../../stats/sort-numbers.ts';
import { studentTSurvival } from '../../stats/special-functions.ts';
import type { Evaluation } from './evaluation.ts';

/** Of the losses of some rows: 0/1 errors, or squared errors. */
export interface Loss {
  readonly mean: number;
  /** ddof 1; 0 for one row */
  readonly variance: number;
  /** how neighbouring rows resemble one another in it; absent in evaluations of before it was learned */
  readonly dependence?: DispersionCurve;
}

/** @param losses in the order of the rows */
export function lossOf(losses: Float64Array): Loss {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < losses.length; i++) {
    const before = losses[i] - mean;
    mean += before / (i + 1);
    squares += before * (losses[i] - mean);
  }
  return {
    mean,
    variance: losses.length > 1 ? squares / (losses.length - 1) : 0,
    dependence: dependenceOf(losses),
  };
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
export function poolLosses(parts: readonly Pick<Evaluation, 'rows' | 'loss'>[]): Loss {
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

type Measured = Pick<Evaluation, 'rows' | 'loss' | 'metrics'>;

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
  current: Measured,
  baseline: Measured,
  rows: Rows = 'independent',
): number {
  if (current.rows < 2 || baseline.rows < 2) return 1;
  const design = rows === 'independent' ? INDEPENDENT : designOf(current, baseline);
  const [a, b] = [errorOf(current, design), errorOf(baseline, design)];
  const difference = current.loss.mean - baseline.loss.mean;
  const variance = a.variance + b.variance;
  if (variance === 0) return difference > 0 ? 0 : 1;
  const df = variance ** 2 / (a.variance ** 2 / a.freedom + b.variance ** 2 / b.freedom);
  return studentTSurvival(difference / Math.sqrt(variance), df);
}

/** What both sides' rows show together. */
function designOf(current: Measured, baseline: Measured): DesignEffect {
  const curves = [current, baseline].flatMap(({ loss: { dependence } }) =>
    dependence === undefined ? [] : [dependence],
  );
  if (curves.length === 0) return INDEPENDENT;
  return designEffectOf([curves.reduce(mergeCurves)], current.rows);
}

/** Variance of the mean loss, and the degrees of freedom that it is known with. */
function errorOf(
  measured: Measured,
  { phi, freedom }: DesignEffect,
): { readonly variance: number; readonly freedom: number } {
  const { rows } = measured;
  return {
    variance: (varianceOf(measured) * phi) / rows,
    freedom: 1 / (1 / (rows - 1) + 1 / freedom),
  };
}

function varianceOf({ loss, rows, metrics }: Measured): number {
  if (loss.variance > 0 || metrics.accuracy === undefined) return loss.variance;
  const share = (loss.mean * rows + 1) / (rows + 2);
  return share * (1 - share);
}
