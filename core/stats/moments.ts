import { binaryScale } from './binary-scale.ts';

/** Mean and standard deviation (ddof 0) of some values; both 0 where there are none. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Mean and standard deviation by the corrected two-pass formula, on values scaled by a power of two, so that
 * neither a large mean nor large values cost digits.
 *
 * @param sorted finite values in ascending order
 * @see Chan, Golub & LeVeque (1983), Am. Stat. 37:242–247.
 */
export function momentsOf(sorted: Float64Array): Moments {
  const count = sorted.length;
  if (count === 0) return { count, mean: 0, deviation: 0 };
  const scale = binaryScale(Math.max(Math.abs(sorted[0]), Math.abs(sorted[count - 1])));
  let sum = 0;
  for (let i = 0; i < count; i++) sum += sorted[i] / scale;
  const mean = sum / count;
  let squares = 0;
  let rest = 0;
  for (let i = 0; i < count; i++) {
    const delta = sorted[i] / scale - mean;
    squares += delta * delta;
    rest += delta;
  }
  const variance = Math.max(0, squares - (rest * rest) / count) / count;
  return { count, mean: (mean + rest / count) * scale, deviation: Math.sqrt(variance) * scale };
}

/**
 * Moments of two samples together.
 * @see Chan, Golub & LeVeque (1983), Am. Stat. 37:242–247, formula 1.5b.
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const p = a.count / count;
  const q = b.count / count;
  const apart = Math.sqrt(p * q);
  return {
    count,
    mean: p * a.mean + q * b.mean,
    // The root of a sum of squares that may be beyond the range of doubles where their root is not.
    deviation: Math.hypot(
      Math.sqrt(p) * a.deviation,
      Math.sqrt(q) * b.deviation,
      apart * b.mean - apart * a.mean,
    ),
  };
}
