import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { energyDistance } from './energy-distance.ts';
import { TIED, UNTIED, assertClose, sorted } from './fixtures/samples.ts';

test('values agree with scipy', () => {
  // scipy 1.17.1, energy_distance(x, y)
  assertClose(energyDistance(...UNTIED), 1.2746988439851756);
  assertClose(energyDistance(...TIED), 1.1083413595682785);
});

const sample = fc
  .array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 20 })
  .map(sorted);

test('its square is twice the distance between the samples less the distances within', () => {
  const meanDistance = (x: Float64Array, y: Float64Array): number => {
    let sum = 0;
    for (const a of x) for (const b of y) sum += Math.abs(a - b);
    return sum / x.length / y.length;
  };
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const square = 2 * meanDistance(x, y) - meanDistance(x, x) - meanDistance(y, y);
      assert.ok(Math.abs(energyDistance(x, y) ** 2 - square) < 1e-10);
      assert.ok(Math.abs(energyDistance(y, x) - energyDistance(x, y)) < 1e-12);
      assert.equal(energyDistance(x, x), 0);
    }),
    { seed: 1 },
  );
});

test('it grows with the root of the unit, from the smallest to the largest numbers', () => {
  const [x, y] = UNTIED;
  for (const scale of [1e-300, 1e300]) {
    const scaled = energyDistance(
      x.map((v) => v * scale),
      y.map((v) => v * scale),
    );
    assertClose(scaled / Math.sqrt(scale), 1.2746988439851756, `at ${scale}`);
  }
  assert.ok(
    Number.isFinite(energyDistance(sorted([-Number.MAX_VALUE]), sorted([Number.MAX_VALUE]))),
  );
});

test('values that lie far from 0 keep their digits', () => {
  const [x, y] = [
    sorted([1, 3, 4, 9].map((v) => v / 2 ** 22)),
    sorted([2, 6, 7].map((v) => v / 2 ** 22)),
  ];
  const far = (values: Float64Array): Float64Array => values.map((value) => value + 2 ** 30);
  assertClose(energyDistance(far(x), far(y)), energyDistance(x, y), 'distance', 1e-12);
});

test('an empty sample is refused', () => {
  assert.throws(
    () => energyDistance(new Float64Array(0), sorted([1])),
    /at least 1 value, got 0 and 1/,
  );
});
