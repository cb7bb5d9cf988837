import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '../artefact/artefact.ts';
import { calibratedModel } from './calibrated.ts';
import type { Correction } from '../calibration/correction.ts';
import { decodeContainer, encodeContainer } from '../artefact/container.ts';
import { fitAll, houseSchema } from '../fixtures/retraining.ts';
import { houses } from '../fixtures/tables.ts';
import { chooseLine } from '../retrain/choose-line.ts';
import { createRandom } from '../../random.ts';

const BINARY = fitAll(houses(100, 1), houseSchema('dear', 'classification'), { kind: 'baseline' });
const BANDS = fitAll(houses(100, 1), houseSchema('band', 'classification'), { kind: 'baseline' });
const PRICE = fitAll(houses(100, 1), houseSchema('price', 'regression'), { kind: 'linear', l2: 1 });

test('every correction survives being stored', () => {
  const isotonic = { kind: 'isotonic', thresholds: [0.1, 0.6], values: [0.2, 0.9] } as const;
  const platt = { kind: 'platt', slope: 0.5, intercept: -1 } as const;
  const cases: readonly (readonly [typeof BINARY, Correction])[] = [
    [BINARY, { kind: 'temperature', temperature: 2 }],
    [BINARY, { kind: 'platt', curves: [platt] }],
    [BINARY, { kind: 'isotonic', curves: [isotonic], floor: 0.01 }],
    [BANDS, { kind: 'platt', curves: BANDS.schema.classes.map(() => platt) }],
    [PRICE, { kind: 'line', slope: 1.1, intercept: -3 }],
  ];
  for (const [base, correction] of cases) {
    const model = calibratedModel(base, correction);
    const stored = loadModel(model.toBytes());
    assert.deepEqual(stored.toBytes(), model.toBytes());
    assert.deepEqual(stored.predict(houses(20, 2)), model.predict(houses(20, 2)));
    assert.notDeepEqual(stored.predict(houses(20, 2)), base.predict(houses(20, 2)));
  }
});

test('a correction of another task or of other classes is refused', () => {
  const line: Correction = { kind: 'line', slope: 1, intercept: 0 };
  const platt: Correction = { kind: 'platt', curves: [{ kind: 'platt', slope: 1, intercept: 0 }] };
  assert.throws(() => calibratedModel(BINARY, line), /does not fit a model of classification/);
  assert.throws(() => calibratedModel(PRICE, platt), /does not fit a model of regression/);
  assert.throws(
    () => calibratedModel(BANDS, platt),
    /a calibration of 1 curves; \d classes need \d/,
  );
});

test('a calibrated model is not wrapped again', () => {
  const once = calibratedModel(BINARY, { kind: 'temperature', temperature: 2 });
  assert.throws(
    () => calibratedModel(once, { kind: 'temperature', temperature: 2 }),
    /calibrated anew by calibrating what is within it/,
  );
});

test('damaged corrections are refused', () => {
  const bytes = calibratedModel(BINARY, { kind: 'temperature', temperature: 2 }).toBytes();
  const container = decodeContainer(bytes);
  const isotonic = { kind: 'isotonic', thresholds: [0.5, 0.1], values: [0.2, 0.9] };
  for (const correction of [
    null,
    { kind: 'none' },
    { kind: 'temperature', temperature: 0 },
    { kind: 'platt', curves: [{ kind: 'platt', slope: null, intercept: 0 }] },
    { kind: 'isotonic', curves: [isotonic], floor: 0.01 },
    {
      kind: 'isotonic',
      curves: [{ ...isotonic, thresholds: [0.1, 0.5], values: [0.9, 0.2] }],
      floor: 0.01,
    },
    { kind: 'line', slope: 1 },
  ]) {
    const damaged = encodeContainer({ ...container, meta: { correction } });
    assert.throws(() => loadModel(damaged), /damaged model file/, JSON.stringify(correction));
  }
});

/** Predictions, and outcomes around a line of them. */
function sample(
  n: number,
  line: (x: number) => number,
): readonly [predictions: Float64Array, outcomes: Float64Array] {
  const random = createRandom(2);
  const predictions = Float64Array.from({ length: n }, () => 10 * random());
  return [predictions, predictions.map((x) => line(x) + (random() - 0.5) / 10)];
}

test('numbers are moved along a line, by a shift, or left alone, whichever held-out rows say', () => {
  const slanted = chooseLine(...sample(200, (x) => 2 * x + 1), 1);
  assert.ok(slanted.kind === 'chosen' && slanted.line !== null);
  assert.ok(Math.abs(slanted.line.slope - 2) < 0.01 && Math.abs(slanted.line.intercept - 1) < 0.03);

  const shifted = chooseLine(new Float64Array(200).fill(3), sample(200, () => 5)[1], 1);
  assert.ok(shifted.kind === 'chosen' && shifted.line !== null);
  assert.equal(shifted.line.slope, 1);
  assert.ok(Math.abs(shifted.line.intercept - 2) < 0.02);

  const exact = sample(200, (x) => x)[0];
  assert.deepEqual(chooseLine(exact, exact, 1), { kind: 'chosen', line: null });
  assert.deepEqual(chooseLine(exact.slice(0, 49), exact.slice(0, 49), 1), {
    kind: 'insufficient',
    n: 49,
    required: 50,
  });
});
