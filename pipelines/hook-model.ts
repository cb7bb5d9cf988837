import { damaged, isRecord } from '../core/models/artefact/container.ts';
import type { Model, ModelSchema, Predictions } from '../core/models/model.ts';
import { mostProbable } from '../core/models/predictions.ts';
import { parseSchema } from '../core/models/artefact/schema-json.ts';
import type { Table } from '../core/table.ts';
import { createHookData } from './hook-data.ts';
import { HookFailedError, hookFailed } from './hook-failed.ts';
import type { HookPredictions, Json } from './hooks.ts';
import type { LoadedHooks } from './load-hooks.ts';

/** A model of the user's: a state that a training hook made, and the predict hook that understands it. */
export interface HookModel extends Model {
  readonly estimator: 'hooks';
  readonly state: Json;
}

const MARK = '{"calmops":"hook-model",';
const VERSION = 1;

/** How far from 1 the probabilities of a row may add up, in which case they are scaled. */
const SUM_TOLERANCE = 1e-6;

/**
 * A model out of what a training hook returned.
 * @throws HookFailedError if the state is not JSON, or there is no predict hook
 */
export function createHookModel(schema: ModelSchema, state: Json, hooks: LoadedHooks): HookModel {
  const fault = faultOfJson(state, 'its state');
  if (fault !== null) {
    throw new HookFailedError('train', hooks.file, `${fault}; expected JSON: it is stored`);
  }
  if (hooks.predict === undefined) {
    throw new HookFailedError('predict', hooks.file, 'is not there; models of hooks need it');
  }
  return {
    estimator: 'hooks',
    schema,
    state,
    predict: (table) => predict(schema, state, hooks, table),
    toBytes: () =>
      new TextEncoder().encode(
        JSON.stringify({ calmops: 'hook-model', version: VERSION, schema, state }),
      ),
  };
}

/** Are these the bytes of a model of hooks? */
export function isHookModel(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, MARK.length)) === MARK;
}

/** Is this model one of hooks? Then it has a state. */
export function isModelOfHooks(model: Model): model is HookModel {
  return model.estimator === 'hooks' && 'state' in model;
}

/**
 * The model in some bytes, which predicts by today's predict hook.
 * @throws RangeError saying what is wrong with the bytes; HookFailedError if there is no predict hook
 */
export function loadHookModel(bytes: Uint8Array, hooks: LoadedHooks): HookModel {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RangeError(damaged('it is not JSON in UTF-8').message, { cause: error });
  }
  if (!isRecord(value) || value['calmops'] !== 'hook-model') {
    throw damaged('it is not a model of hooks');
  }
  if (value['version'] !== VERSION) {
    const found = JSON.stringify(value['version']);
    throw new RangeError(
      `model file of hooks of version ${found}; this CalmOps reads version ${VERSION}`,
    );
  }
  if (!('state' in value)) throw damaged('it has no state');
  // What JSON.parse gives is JSON.
  return createHookModel(parseSchema(value['schema']), value['state'] as Json, hooks);
}

function predict(schema: ModelSchema, state: Json, hooks: LoadedHooks, table: Table): Predictions {
  const data = createHookData(table, schema);
  let answer: HookPredictions | undefined;
  try {
    answer = hooks.predict?.(state, data);
  } catch (error) {
    throw hookFailed('predict', hooks.file, error);
  }
  const reject = (message: string): never => {
    throw new HookFailedError('predict', hooks.file, message);
  };
  return schema.task === 'regression'
    ? { kind: 'regression', values: checkedValues(answer, table.rows, reject) }
    : checkedProbabilities(answer, table.rows, schema.classes, reject);
}

type Reject = (message: string) => never;

function checkedValues(answer: unknown, rows: number, reject: Reject): Float64Array {
  const values = checkedList(answer, rows, `one number for each of ${rows} rows`, reject);
  return Float64Array.from({ length: rows }, (_, i) => {
    const value = values[i];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return reject(`row ${i + 1}: found ${shown(value)}, expected a finite number`);
  });
}

function checkedProbabilities(
  answer: unknown,
  rows: number,
  classes: readonly string[],
  reject: Reject,
): Predictions {
  const width = classes.length;
  const all = checkedList(answer, rows, `probabilities for each of ${rows} rows`, reject);
  const probabilities = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    const expected = `${width} probabilities, those of ${classes.join(', ')}`;
    const row = checkedList(all[i], width, `in row ${i + 1} ${expected}`, reject);
    let sum = 0;
    for (let k = 0; k < width; k++) {
      const p = row[k];
      if (typeof p !== 'number' || !(p >= 0 && p <= 1)) {
        return reject(`row ${i + 1}: found ${shown(p)}, expected a probability in [0, 1]`);
      }
      probabilities[i * width + k] = p;
      sum += p;
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      return reject(`row ${i + 1}: its probabilities add up to ${sum}, expected 1`);
    }
    for (let k = 0; k < width; k++)
      probabilities[i * width + k] = (probabilities[i * width + k] ?? 0) / sum;
  }
  return {
    kind: 'classification',
    classes,
    probabilities,
    labels: mostProbable(probabilities, width),
  };
}

function checkedList(
  value: unknown,
  length: number,
  expected: string,
  reject: Reject,
): ArrayLike<unknown> {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    return reject(`found ${shown(value)}, expected ${expected}`);
  }
  const list = value as unknown as ArrayLike<unknown>;
  return list.length === length
    ? list
    : reject(`found ${list.length} values, expected ${expected}`);
}

/** Why a value is not JSON; null when it is. */
function faultOfJson(value: unknown, path: string): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : `${path} is ${value}`;
    case 'object':
      return value === null ? null : faultOfObject(value, path);
    default:
      return `${path} is ${typeof value}`;
  }
}

function faultOfObject(value: object, path: string): string | null {
  if (Array.isArray(value)) {
    for (const [i, entry] of value.entries()) {
      const fault = faultOfJson(entry, `${path}[${i}]`);
      if (fault !== null) return fault;
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return `${path} is a ${value.constructor.name}`;
  }
  for (const [key, entry] of Object.entries(value)) {
    const fault = faultOfJson(entry, `${path}.${key}`);
    if (fault !== null) return fault;
  }
  return null;
}

function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value}'`;
  return value === null ? 'null' : typeof value;
}
