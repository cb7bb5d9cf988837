import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { populationStabilityIndex, quantileEdges } from './psi.ts';

test('two bins agree with the formula by hand', () => {
  const p = 80.5 / 101;
  const q = 60.5 / 101;
  const expected = (q - p) * Math.log(q / p) + (p - q) * Math.log((1 - q) / (1 - p));
  assert.ok(Math.abs(populationStabilityIndex([80, 20], [60, 40]) - expected) < 1e-15);
});

test('a bin that is empty on one side costs little, not everything', () => {
  const psi = populationStabilityIndex([95, 5, 0], [95, 0, 5]);
  assert.ok(psi > 0.1 && psi < 0.5, `${psi}`);
});

const bins = fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 12 });

test('it is never negative, and the same whichever sample is the reference', () => {
  fc.assert(
    fc.property(bins, (counts) => {
      const a = counts.map(([count]) => count);
      const b = counts.map(([, count]) => count);
      const psi = populationStabilityIndex(a, b);
      assert.ok(psi >= 0 && Number.isFinite(psi));
      assert.ok(Math.abs(populationStabilityIndex(b, a) - psi) < 1e-12);
    }),
    { seed: 1 },
  );
});

test('quantile edges cut the reference into equal parts', () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => i + 1);
  assert.deepEqual(quantileEdges(values, 4), [25, 50, 75]);
});

test('a value that fills several bins makes one edge', () => {
  const values = Float64Array.from([
    ...Array.from({ length: 80 }, () => 0),
    ...Array.from({ length: 20 }, (_, i) => i + 1),
  ]);
  assert.deepEqual(quantileEdges(values, 10), [0, 10]);
});

test('what cannot be binned is refused', () => {
  assert.throws(() => quantileEdges(Float64Array.of(1), 1), /bins must be >= 2, got 1/);
  assert.throws(() => quantileEdges(new Float64Array(0), 10), /at least 1 reference value, got 0/);
  assert.throws(() => populationStabilityIndex([1, 2], [1]), /same bins, got 2 and 1/);
});
