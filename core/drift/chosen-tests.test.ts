import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../random.ts';
import { distanceAboveChance, DISTANCE_MEASURES } from './chosen-effects.ts';
import { CATEGORICAL_TESTS, NUMERIC_TESTS, testLevels } from './chosen-tests.ts';
import { detectDrift } from './detect.ts';
import type { DetectionOptions } from './detection-options.ts';
import { categorical, normal, numeric, OPTIONS, pick, table, times } from './fixtures/tables.ts';
import type { Change } from './report.ts';

function changeOf(before: number[], now: number[], options: Partial<DetectionOptions>): Change {
  const report = detectDrift(table(numeric('x', before)), table(numeric('x', now)), {
    ...OPTIONS,
    ...options,
  });
  const outcome = report.columns[0]?.outcome;
  assert.ok(outcome?.kind === 'tested');
  const [change] = outcome.changes;
  assert.ok(change !== undefined);
  return change;
}

const normals = (random: Random, count: number, shift = 0): number[] =>
  times(count, () => normal(random) + shift);

test('every numeric test that a pipeline may ask for is made, finds a shift and keeps still without one', () => {
  for (const name of NUMERIC_TESTS) {
    const random = createRandom(1);
    const shifted = changeOf(normals(random, 200), normals(random, 200, 1), { numeric: name });
    assert.equal(shifted.instead, undefined, name);
    assert.ok(shifted.material && shifted.pValue < 1e-4, `${name}: ${shifted.pValue}`);
    let alarms = 0;
    for (let i = 0; i < 100; i++) {
      const change = changeOf(normals(random, 80), normals(random, 60), { numeric: name });
      if (change.significant) alarms++;
    }
    // More than 9 in 100 at a rate of 0.025 has a chance of 0.001.
    assert.ok(alarms <= 9, `${name}: ${alarms}`);
  }
});

test('a test that is not valid under heavy ties gives way to Kolmogorov–Smirnov, and the report says so', () => {
  const random = createRandom(2);
  const tied = (count: number): number[] =>
    times(count, () => (random() < 0.9 ? 0 : Math.round(20 * random())));
  for (const name of ['cramer-von-mises', 'anderson-darling'] as const) {
    const change = changeOf(tied(300), tied(300), { numeric: name });
    assert.equal(change.test, 'Kolmogorov–Smirnov');
    assert.match(change.instead ?? '', /^(Cramér–von Mises|Anderson–Darling) does not fit: /);
  }
});

test('categories are tested as the pipeline asks for, or by χ² with the reason', () => {
  const two = { reference: Float64Array.of(30, 70), current: Float64Array.of(50, 50) };
  const made = (name: (typeof CATEGORICAL_TESTS)[number]): string =>
    testLevels(name, two, createRandom(1)).test;
  assert.deepEqual(CATEGORICAL_TESTS.map(made), [
    'χ² homogeneity',
    'χ² homogeneity',
    'G',
    'Fisher’s exact',
  ]);
  const three = { reference: Float64Array.of(30, 60, 10), current: Float64Array.of(50, 40, 10) };
  const { test: name, instead } = testLevels('fisher', three, createRandom(1));
  assert.equal(name, 'χ² homogeneity');
  assert.equal(instead, 'Fisher’s exact does not fit: 3 categories');
});

test('of a distance, what chance gives it is taken away, whatever n and the number of categories', () => {
  const random = createRandom(3);
  for (const [n, m, levels] of [
    [200, 200, 10],
    [2000, 100, 20],
    [500, 500, 3],
  ] as const) {
    for (const measure of DISTANCE_MEASURES) {
      let total = 0;
      for (let i = 0; i < 200; i++) {
        const counts = (size: number): Float64Array => {
          const own = new Float64Array(levels);
          for (let k = 0; k < size; k++) {
            const at = Math.floor(random() * levels);
            own[at] = (own[at] ?? 0) + 1;
          }
          return own;
        };
        const { value } = distanceAboveChance(measure, counts(n), counts(m), 0.1);
        total += measure === 'psi' ? value : value * value;
      }
      // The mean of what lies above the mean is well below the mean itself.
      const chance = (levels - 1) * (1 / n + 1 / m);
      assert.ok(total / 200 < chance / (measure === 'psi' ? 2 : 8), `${measure} ${total / 200}`);
    }
  }
});

test('a pipeline may measure the size of a change by a distance with a threshold of its own', () => {
  const random = createRandom(4);
  const draw = (a: number): readonly string[] =>
    times(400, () => pick(random, { a, b: 0.5, c: 0.5 - a }));
  const [before, now] = [
    table(categorical('k', [...draw(0.1)])),
    table(categorical('k', [...draw(0.4)])),
  ];
  for (const measure of DISTANCE_MEASURES) {
    const effect = { ...OPTIONS.effect, measure, distance: 0.15 };
    const outcome = detectDrift(before, now, { ...OPTIONS, effect }).columns[0]?.outcome;
    assert.ok(outcome?.kind === 'tested');
    const [change] = outcome.changes;
    assert.ok(change?.material === true);
    assert.match(change.effect.name, /above chance$/);
    assert.equal(change.effect.threshold, 0.15);
  }
});
