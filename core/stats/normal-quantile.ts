import { normalSurvival } from './special-functions.ts';

const MAX_STEPS = 60;

/**
 * The z with P(Z ≤ z) = probability for a standard normal Z, to about 1e-13, by Newton's method on the
 * logarithm of the survival function, which is concave, so that no start leads astray.
 *
 * @param probability in (0, 1); give the lower tail, 1 − probability loses digits
 * @throws RangeError outside of that
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`normal quantile: a probability in (0, 1) is needed, got ${probability}`);
  }
  if (probability === 0.5) return 0;
  const tail = Math.min(probability, 1 - probability);
  let z = Math.sqrt(-2 * Math.log(2 * tail));
  for (let step = 0, moved = 1; step < MAX_STEPS && Math.abs(moved) > 1e-14 * (1 + z); step++) {
    const survival = normalSurvival(z);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    moved = (Math.log(survival / tail) * survival) / density;
    z += moved;
  }
  return probability < 0.5 ? -z : z;
}
