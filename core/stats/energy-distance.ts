import { binaryScale } from './binary-scale.ts';
import { forEachDistinct, requireSamples } from './two-sample.ts';

/**
 * Energy distance of two samples: √(2 ∫ (F_ref(x) − F_cur(x))² dx) = √(2E|X − Y| − E|X − X′| − E|Y − Y′|).
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @returns a distance ≥ 0 in the square root of the unit of the values
 * @throws RangeError if n or m is 0
 * @see Székely & Rizzo (2013), J. Stat. Plan. Inference 143:1249–1272. O(n + m).
 */
export function energyDistance(reference: Float64Array, current: Float64Array): number {
  requireSamples('energy distance', reference, current);
  const n = reference.length;
  const m = current.length;
  const scale = binaryScale(Math.max(...ends(reference), ...ends(current)));
  let before = 0;
  let integral = 0;
  forEachDistinct(reference, current, (value, i, _a, j) => {
    const difference = (i * m - j * n) / n / m;
    integral += difference * difference * (value / scale - before);
    before = value / scale;
  });
  return Math.sqrt(2 * integral) * Math.sqrt(scale);
}

function ends(sorted: Float64Array): readonly [number, number] {
  return [Math.abs(sorted[0]), Math.abs(sorted[sorted.length - 1])];
}
