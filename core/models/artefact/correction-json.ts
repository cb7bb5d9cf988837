import type { Correction } from '../calibration/correction.ts';
import type { IsotonicParams } from '../calibration/isotonic.ts';
import type { PlattParams } from '../calibration/platt.ts';
import { damaged, isRecord } from './container.ts';

/** As far as a temperature is fitted: see `fitTemperature`. */
const LOWEST_TEMPERATURE = 0.05;
const HIGHEST_TEMPERATURE = 20;

/**
 * The correction in an artefact.
 * @throws RangeError if it is not one
 */
export function parseCorrection(value: unknown): Correction {
  if (isRecord(value)) {
    const { kind, temperature, curves, floor, slope, intercept } = value as Partial<
      Record<'kind' | 'temperature' | 'curves' | 'floor' | 'slope' | 'intercept', unknown>
    >;
    if (kind === 'line' && isFiniteNumber(slope) && isFiniteNumber(intercept)) {
      return { kind, slope, intercept };
    }
    if (kind === 'temperature' && isBetween(temperature, LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE)) {
      return { kind, temperature };
    }
    if (kind === 'platt' && Array.isArray(curves)) {
      return { kind, curves: curves.map(parsePlatt) };
    }
    if (kind === 'isotonic' && Array.isArray(curves) && isBetween(floor, 0, 0.5)) {
      return { kind, curves: curves.map(parseIsotonic), floor };
    }
  }
  throw damaged('the correction of a calibrated model');
}

function parsePlatt(value: unknown): PlattParams {
  if (isRecord(value) && value['kind'] === 'platt') {
    const { slope, intercept } = value as { slope?: unknown; intercept?: unknown };
    if (isFiniteNumber(slope) && isFiniteNumber(intercept)) {
      return { kind: 'platt', slope, intercept };
    }
  }
  throw damaged('a Platt curve of a calibrated model');
}

function parseIsotonic(value: unknown): IsotonicParams {
  if (isRecord(value) && value['kind'] === 'isotonic') {
    const { thresholds, values } = value as { thresholds?: unknown; values?: unknown };
    if (
      areShares(thresholds) &&
      areShares(values) &&
      thresholds.length > 0 &&
      thresholds.length === values.length &&
      thresholds.every((threshold, i) => i === 0 || threshold > thresholds[i - 1]) &&
      values.every((own, i) => i === 0 || own >= values[i - 1])
    ) {
      return { kind: 'isotonic', thresholds, values };
    }
  }
  throw damaged('an isotonic curve of a calibrated model');
}

function areShares(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => isBetween(entry, 0, 1));
}

function isBetween(value: unknown, low: number, high: number): value is number {
  return isFiniteNumber(value) && value >= low && value <= high;
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}
