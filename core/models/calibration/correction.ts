import type { Calibration } from './calibration.ts';

/** What is done to the predictions of a model: probabilities are calibrated, numbers moved along a line. */
export type Correction = Exclude<Calibration, { readonly kind: 'none' }> | LineCorrection;

/** A corrected number is intercept + slope · value; slope 1 and intercept 0 change nothing. */
export interface LineCorrection {
  readonly kind: 'line';
  readonly slope: number;
  readonly intercept: number;
}
