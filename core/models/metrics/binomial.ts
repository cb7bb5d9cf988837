import type { Random } from '../../random.ts';
import { logGamma } from '../../stats/special-functions.ts';

/** Below this mean, adding up probabilities is quicker than rejection, and rejection is not valid. */
const INVERSION_MEAN = 10;

/**
 * A draw from the binomial distribution of n trials, exact, in bounded expected time for any n.
 *
 * Inversion while n·min(p, 1 − p) < 10, transformed rejection (BTRS) beyond.
 * @param n 0 and above
 * @param p in [0, 1]
 * @see Hörmann (1993), J. Stat. Comput. Simul. 46:101–110
 */
export function binomial(n: number, p: number, random: Random): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p, random);
  return n * p < INVERSION_MEAN ? byInversion(n, p, random) : byRejection(n, p, random);
}

/**
 * A draw from the multinomial distribution: as many items as `counts` has, with its shares. `out` gets the draw.
 */
export function resampleCountsInto(counts: Float64Array, random: Random, out: Float64Array): void {
  let left = 0;
  for (let c = 0; c < counts.length; c++) left += counts[c];
  let countsLeft = left;
  for (let c = 0; c < counts.length; c++) {
    const drawn = countsLeft > 0 ? binomial(left, counts[c] / countsLeft, random) : 0;
    out[c] = drawn;
    left -= drawn;
    countsLeft -= counts[c];
  }
}

function byInversion(n: number, p: number, random: Random): number {
  const odds = p / (1 - p);
  let probability = Math.exp(n * Math.log1p(-p));
  let u = random();
  let x = 0;
  while (u > probability && x < n) {
    u -= probability;
    x++;
    probability *= (odds * (n - x + 1)) / x;
  }
  return x;
}

function byRejection(n: number, p: number, random: Random): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const squeeze = 0.92 - 4.2 / b;
  const logOdds = Math.log(p / (1 - p));
  const mode = Math.floor((n + 1) * p);
  const atMode = logGamma(mode + 1) + logGamma(n - mode + 1);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const x = Math.floor(((2 * a) / us + b) * u + c);
    if (x < 0 || x > n) continue;
    if (us >= 0.07 && v <= squeeze) return x;
    const accept = Math.log((v * alpha) / (a / (us * us) + b));
    const density = atMode - logGamma(x + 1) - logGamma(n - x + 1) + (x - mode) * logOdds;
    if (accept <= density) return x;
  }
}
