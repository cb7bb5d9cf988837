import { damaged, isRecord } from './container.ts';
import type { FeatureSchema, ModelSchema } from '../model.ts';
import type { TargetScale } from '../input/targets.ts';

/**
 * The schema in an artefact.
 * @throws RangeError if it is not one
 */
export function parseSchema(value: unknown): ModelSchema {
  if (!isRecord(value)) throw damaged('its schema is not an object');
  const { target, task, features, classes } = value as Partial<Record<keyof ModelSchema, unknown>>;
  if (typeof target !== 'string') throw damaged('its schema names no target');
  if (task !== 'classification' && task !== 'regression') throw damaged('its schema has no task');
  if (!Array.isArray(features)) throw damaged('its schema has no features');
  if (!isTextList(classes)) throw damaged('its schema has no classes');
  if ((task === 'classification') !== classes.length > 0) {
    throw damaged(`${classes.length} classes for ${task}`);
  }
  return { target, task, features: features.map(parseFeature), classes };
}

/**
 * The scale of a regression's target in an artefact.
 * @throws RangeError if it is not one
 */
export function parseTargetScale(value: unknown): TargetScale {
  if (isRecord(value)) {
    const { center, scale } = value as { center?: unknown; scale?: unknown };
    if (isFiniteNumber(center) && isFiniteNumber(scale) && scale > 0) return { center, scale };
  }
  throw damaged('the scale of its target is lacking');
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function parseFeature(value: unknown): FeatureSchema {
  if (isRecord(value) && typeof value['name'] === 'string') {
    const name = value['name'];
    const dictionary = value['dictionary'];
    if (value['kind'] === 'numeric') return { kind: 'numeric', name };
    if (value['kind'] === 'categorical' && isTextList(dictionary)) {
      return { kind: 'categorical', name, dictionary };
    }
  }
  throw damaged('its schema has a feature without name, kind or dictionary');
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
