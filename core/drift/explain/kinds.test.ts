import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { categorical, normal, numeric, table, times } from '../fixtures/tables.ts';
import { splitChange } from './kinds.ts';
import type { JudgedRows, KindsOfChange } from './kinds.ts';
import { rowErrors } from './row-errors.ts';

interface World {
  readonly rows?: number;
  /** of the inputs, in deviations */
  readonly shift?: number;
  /** of the outcome at given inputs, in deviations of its noise */
  readonly lift?: number;
  /** how much of its square the outcome follows from an input by; the champion knows none of it */
  readonly bend?: number;
}

/** A champion that takes a bent world for a straight one, and is surer of some inputs than of others. */
function judged(
  random: Random,
  { rows = 1200, shift = 0, lift = 0, bend = 0.2 }: World,
): JudgedRows {
  const x = times(rows, () => normal(random) + shift);
  const u = times(rows, () => normal(random) + shift / 2);
  const town = times(rows, () => (random() < 0.3 ? 'a' : 'b'));
  const y = x.map(
    (v, i) => v + bend * v * v + (1 + 0.3 * Math.max(0, u[i]!)) * normal(random) + lift,
  );
  const scores = {
    kind: 'regression',
    rows,
    truth: Float64Array.from(y),
    values: Float64Array.from(x),
  } as const;
  return {
    table: table(numeric('x', x), numeric('u', u), categorical('town', town), numeric('y', y)),
    errors: rowErrors(scores),
  };
}

const OPTIONS = { features: ['x', 'u', 'town'], target: 'y', task: 'regression', seed: 1 } as const;

function split(seed: number, now: World): KindsOfChange {
  const random = createRandom(seed);
  const before = { ...now, shift: 0, lift: 0 };
  const kinds = splitChange(judged(random, before), judged(random, now), { ...OPTIONS, seed });
  assert.ok(kinds !== null);
  return kinds;
}

test('without change nothing is said to have changed, but once in twenty times', () => {
  const found = times(40, (seed) => split(seed + 1, {}));
  const alarms = found.filter(
    ({ covariate, label, concept }) => covariate.changed || label.changed || concept?.changed,
  );
  assert.ok(alarms.length <= 5, `${alarms.length} of 40`);
  assert.match(
    found[0]!.words,
    /^The inputs are as before, and the outcomes are spread as before;/,
  );
});

test('shifted inputs are a covariate change, and not one of the concept', () => {
  const found = times(20, (seed) => split(seed + 100, { shift: 0.5 }));
  assert.ok(found.every(({ covariate }) => covariate.changed && covariate.statistic > 0.55));
  const blamed = found.filter(({ concept }) => concept?.changed);
  assert.ok(blamed.length <= 1, `${blamed.length} of 20`);
});

test('far shifted inputs of a champion that bends otherwise than the world are not a change of the concept', () => {
  const found = times(20, (seed) => split(seed + 500, { shift: 1, bend: 0.5 }));
  assert.ok(found.every(({ covariate }) => covariate.changed));
  const blamed = found.filter(({ concept }) => concept?.changed);
  assert.ok(blamed.length <= 1, `${blamed.length} of 20`);
});

test('under shifted inputs an outcome a third of its noise higher is still found', () => {
  const found = times(10, (seed) => split(seed + 600, { shift: 0.5, lift: 0.35 }));
  const blamed = found.filter(({ concept }) => concept?.changed);
  assert.ok(blamed.length >= 8, `${blamed.length} of 10`);
});

test('an outcome that is higher at like inputs is a change of the concept', () => {
  for (const seed of [201, 202, 203]) {
    const { covariate, label, concept, words } = split(seed, { lift: 0.7 });
    assert.equal(covariate.changed, false);
    assert.equal(label.changed, true);
    assert.ok(concept?.changed === true && concept.pValue < 0.001);
    assert.ok(Math.abs(concept.bias - 0.7) < 0.15 && concept.loss > concept.expectedLoss);
    assert.match(
      words,
      /errs otherwise than before: outcomes follow from inputs in another way\.$/,
    );
  }
});

test('both at once are told apart', () => {
  const { covariate, concept } = split(301, { shift: 0.5, lift: 0.7 });
  assert.equal(covariate.changed, true);
  assert.ok(concept?.changed === true && Math.abs(concept.bias - 0.7) < 0.25);
});

test('where no row is like earlier ones, nothing is said of the concept', () => {
  const { covariate, concept, words } = split(401, { shift: 8 });
  assert.equal(covariate.changed, true);
  assert.equal(concept, null);
  assert.match(words, /hardly any rows are like earlier ones/);
});

test('few rows, or no inputs, are not taken apart', () => {
  const random = createRandom(5);
  const [few, many] = [judged(random, { rows: 90 }), judged(random, {})];
  assert.equal(splitChange(few, many, OPTIONS), null);
  assert.equal(splitChange(many, many, { ...OPTIONS, features: [] }), null);
});

test('a classifier errs by its class, and by how much surer it was than right', () => {
  const two = rowErrors({
    kind: 'classification',
    rows: 3,
    classes: 2,
    truth: Int32Array.of(1, 0, -1),
    labels: Int32Array.of(1, 1, 0),
    probabilities: Float64Array.of(0.25, 0.75, 0.5, 0.5, 1, 0),
  });
  assert.deepEqual([...two.losses], [0, 1, 1]);
  assert.deepEqual([...two.residuals], [0.25, -0.5, -1]);
  const three = rowErrors({
    kind: 'classification',
    rows: 1,
    classes: 3,
    truth: Int32Array.of(2),
    labels: Int32Array.of(2),
    probabilities: Float64Array.of(0.25, 0.25, 0.5),
  });
  assert.deepEqual([...three.residuals], [0.5]);
});
