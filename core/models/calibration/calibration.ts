import { applyIsotonic, fitIsotonic } from './isotonic.ts';
import type { IsotonicParams } from './isotonic.ts';
import { weightOf } from '../input/weights.ts';
import { requireLabelled } from './labelled-probabilities.ts';
import { applyPlatt, fitPlatt } from './platt.ts';
import type { PlattParams } from './platt.ts';
import { applyTemperature, fitTemperature } from './temperature.ts';
import type { TemperatureParams } from './temperature.ts';

/** Ways to calibrate a classifier, those with the least to learn first. */
export const CALIBRATION_METHODS = ['none', 'temperature', 'platt', 'isotonic'] as const;

export type CalibrationMethod = (typeof CALIBRATION_METHODS)[number];

/**
 * What turns a classifier's probabilities into calibrated ones, as plain JSON.
 *
 * Platt and isotonic have one curve, of the second class, where there are two classes, and otherwise one a class
 * (against all others), of which the results are divided by their sum.
 */
export type Calibration =
  | { readonly kind: 'none' }
  | TemperatureParams
  | { readonly kind: 'platt'; readonly curves: readonly PlattParams[] }
  | {
      readonly kind: 'isotonic';
      readonly curves: readonly IsotonicParams[];
      /** results are kept within [floor, 1 − floor] */
      readonly floor: number;
    };

/**
 * Fits a calibration on rows that the classifier was not trained on.
 *
 * An isotonic curve can say 0 or 1 of the ends of the scale. n rows cannot show that, and one surprise would cost
 * an infinite log-loss; so it is kept 1/(n + 2) away from both, Laplace's rule of succession.
 *
 * @param probabilities row-major, n × classes, each row sums to 1
 * @param labels n indices of the true class
 * @param weights of the rows, above 0; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if n is 0, classes is below 2, the lengths differ, or a value is out of range
 * @see Zadrozny & Elkan (2002), KDD 694–699, for one curve a class
 */
export function fitCalibration(
  method: CalibrationMethod,
  probabilities: Float64Array,
  labels: Int32Array,
  classes: number,
  weights?: Float64Array,
): Calibration {
  requireLabelled('calibration', probabilities, labels, classes, weights);
  switch (method) {
    case 'none':
      return { kind: 'none' };
    case 'temperature':
      return fitTemperature(probabilities, labels, classes, weights);
    case 'platt': {
      const curves = curveClasses(classes).map((k) =>
        fitPlatt(probabilitiesOfClass(probabilities, classes, k), indicator(labels, k), weights),
      );
      return { kind: 'platt', curves };
    }
    case 'isotonic': {
      const curves = curveClasses(classes).map((k) =>
        fitIsotonic(probabilitiesOfClass(probabilities, classes, k), indicator(labels, k), weights),
      );
      return { kind: 'isotonic', curves, floor: 1 / (weightOf(labels, weights) + 2) };
    }
  }
}

/**
 * Calibrated probabilities, rows × classes; each row sums to 1.
 * @param probabilities row-major, rows × classes, in [0, 1]
 * @throws RangeError if the calibration is of another number of classes
 */
export function applyCalibration(
  calibration: Calibration,
  probabilities: Float64Array,
  classes: number,
): Float64Array {
  if (calibration.kind === 'none') return probabilities.slice();
  if (calibration.kind === 'temperature') {
    return applyTemperature(calibration, probabilities, classes);
  }
  const wanted = curveClasses(classes);
  if (calibration.curves.length !== wanted.length) {
    throw new RangeError(
      `a calibration of ${calibration.curves.length} curves; probabilities of ${classes} classes need ${wanted.length}`,
    );
  }
  const columns = wanted.map((k, c) => {
    const column = probabilitiesOfClass(probabilities, classes, k);
    if (calibration.kind === 'platt') return applyPlatt(calibration.curves[c], column);
    const { floor } = calibration;
    return applyIsotonic(calibration.curves[c], column).map((p) =>
      Math.min(Math.max(p, floor), 1 - floor),
    );
  });
  return classes === 2 ? withComplement(columns[0]) : normalised(columns);
}

/** The classes that have a curve of their own: of two the second, which says all of the first too. */
export function curveClasses(classes: number): readonly number[] {
  return classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
}

/** @param probabilities row-major, rows × classes */
export function probabilitiesOfClass(
  probabilities: Float64Array,
  classes: number,
  k: number,
): Float64Array {
  const column = new Float64Array(probabilities.length / classes);
  for (let i = 0; i < column.length; i++) column[i] = probabilities[i * classes + k];
  return column;
}

function indicator(labels: Int32Array, k: number): Int32Array {
  return labels.map((label) => (label === k ? 1 : 0));
}

function withComplement(positives: Float64Array): Float64Array {
  const out = new Float64Array(2 * positives.length);
  positives.forEach((p, i) => {
    out[2 * i] = 1 - p;
    out[2 * i + 1] = p;
  });
  return out;
}

/** Columns side by side, each row divided by its sum; where no class has a chance, all have the same. */
function normalised(columns: readonly Float64Array[]): Float64Array {
  const classes = columns.length;
  const rows = columns[0].length;
  const out = new Float64Array(rows * classes);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += columns[k][i];
    for (let k = 0; k < classes; k++) {
      out[i * classes + k] = sum > 0 ? columns[k][i] / sum : 1 / classes;
    }
  }
  return out;
}
