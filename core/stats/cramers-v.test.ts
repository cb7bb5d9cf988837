import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { cramersV } from './cramers-v.ts';

test('for samples of equal size it is Bergsma’s V', () => {
  // φ² = χ²/N of scipy 1.17.1's chi2_contingency, corrected by Bergsma's equations by hand
  assert.ok(Math.abs(cramersV([50, 30, 20], [30, 30, 40]) - 0.22028830206557956) < 1e-12);
});

test('a reference a hundred times longer does not make the same change look smaller', () => {
  const short = cramersV([5000, 5000], [8000, 2000]);
  const long = cramersV([500_000, 500_000], [8000, 2000]);
  assert.ok(Math.abs(short - long) < 0.001, `${short} against ${long}`);
});

test('samples without a level in common are near 1, equal ones at 0', () => {
  assert.equal(cramersV([50, 0], [0, 40]), 1);
  const v = cramersV([30, 20, 0, 0], [0, 0, 40, 10]);
  assert.ok(v > 0.98 && v <= 1, `${v}`);
  assert.equal(cramersV([30, 20], [60, 40]), 0);
  assert.equal(cramersV([30], [60]), 0);
});

test('many levels in small samples do not pass for a change', () => {
  const random = createRandom(3);
  const draw = (): Float64Array => {
    const counts = new Float64Array(50);
    for (let i = 0; i < 200; i++) {
      const level = Math.floor(random() * 50);
      counts[level] = (counts[level] ?? 0) + 1;
    }
    return counts;
  };
  const values = Array.from({ length: 100 }, () => cramersV(draw(), draw()));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(mean < 0.08, `uncorrected it would be near 0.35, it is ${mean}`);
});

const counts = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 10 });

test('it is from 0 to 1, whichever sample is the reference', () => {
  fc.assert(
    fc.property(
      counts.filter((levels) => levels.some(([a]) => a > 0) && levels.some(([, b]) => b > 0)),
      (levels) => {
        const a = levels.map(([count]) => count);
        const b = levels.map(([, count]) => count);
        const v = cramersV(a, b);
        assert.ok(v >= 0 && v <= 1);
        assert.ok(Math.abs(cramersV(b, a) - v) < 1e-12);
      },
    ),
    { seed: 1 },
  );
});

test('samples that cannot be compared are refused', () => {
  assert.throws(() => cramersV([1, 2], [1]), /same levels, got 2 and 1/);
  assert.throws(() => cramersV([1], [0]), /at least 1 value, got 1 and 0/);
});
