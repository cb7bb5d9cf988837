import type { Table } from '../../table.ts';
import { applyCalibration } from '../calibration/calibration.ts';
import { arrayOf, damaged, encodeContainer, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import { parseCorrection } from '../artefact/correction-json.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import type { Correction, LineCorrection } from '../calibration/correction.ts';

/** A model that is left as it is, and its predictions corrected. */
export interface CalibratedModel extends Model {
  readonly estimator: 'calibrated';
  readonly base: Model;
  readonly correction: Correction;
}

/**
 * A model with its predictions corrected.
 * @throws RangeError if the base is itself calibrated, or the correction is not of its task and classes
 */
export function calibratedModel(base: Model, correction: Correction): CalibratedModel {
  if (isCalibrated(base)) {
    throw new RangeError('a calibrated model is calibrated anew by calibrating what is within it');
  }
  requireFitting(base.schema, correction);
  return {
    estimator: 'calibrated',
    schema: base.schema,
    base,
    correction,
    predict: (table) => predictCorrected(base, correction, table),
    toBytes: () =>
      encodeContainer({
        kind: 'calibrated',
        meta: { correction },
        arrays: { base: base.toBytes() },
      }),
  };
}

export function isCalibrated(model: Model): model is CalibratedModel {
  return model.estimator === 'calibrated' && 'base' in model;
}

/**
 * The calibrated model in a container.
 * @param load reads the model within it
 * @throws RangeError if it is not a sound one
 */
export function decodeCalibrated(
  container: Container,
  load: (bytes: Uint8Array) => Model,
): CalibratedModel {
  const { meta } = container;
  if (!isRecord(meta)) throw damaged('a calibrated model without description');
  const base = load(arrayOf(container, 'base', Uint8Array));
  return calibratedModel(base, parseCorrection(meta['correction']));
}

function predictCorrected(base: Model, correction: Correction, table: Table): Predictions {
  const raw = base.predict(table);
  if (raw.kind === 'regression' && correction.kind === 'line') {
    return { kind: 'regression', values: alongLine(correction, raw.values) };
  }
  if (raw.kind === 'classification' && correction.kind !== 'line') {
    const { classes } = raw;
    const probabilities = applyCalibration(correction, raw.probabilities, classes.length);
    const labels = mostProbable(probabilities, classes.length);
    return { kind: 'classification', classes, probabilities, labels };
  }
  throw new RangeError(`a ${correction.kind} correction of predictions of ${raw.kind}`);
}

/** Values on the line, kept finite. */
export function alongLine(
  { slope, intercept }: LineCorrection,
  values: Float64Array,
): Float64Array {
  return values.map((value) =>
    Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, intercept + slope * value)),
  );
}

function requireFitting({ task, classes }: ModelSchema, correction: Correction): void {
  if ((task === 'regression') !== (correction.kind === 'line')) {
    throw new RangeError(`a ${correction.kind} correction does not fit a model of ${task}`);
  }
  if (correction.kind !== 'platt' && correction.kind !== 'isotonic') return;
  const curves = classes.length === 2 ? 1 : classes.length;
  if (correction.curves.length !== curves) {
    throw new RangeError(
      `a calibration of ${correction.curves.length} curves; ${classes.length} classes need ${curves}`,
    );
  }
}
