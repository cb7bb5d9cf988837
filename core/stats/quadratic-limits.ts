/**
 * Survival function of the limit of Cramér–von Mises' statistic: of Σ_{j≥1} χ²₁ / (jπ)², with one χ²₁ each.
 *
 * With D(u) = Π (1 − u/(jπ)²) = sin √u / √u, Smirnov's formula below and y = √u:
 * P(W > x) = (1/π) Σ_{k≥1} (−1)^{k+1} ∫_{(2k−1)π}^{2kπ} 2 e^{−xy²/2} / √(y |sin y|) dy.
 * Relative accuracy 1e-12 down to 1e-300, because the tail is summed itself, never as 1 − P.
 *
 * @param x any number
 * @returns a probability
 * @throws RangeError if x is NaN
 * @see Smirnov (1937), Matematicheskii Sbornik 2:973–993; Anderson & Darling (1952), Ann. Math. Stat. 23:193–212.
 */
export function cramerVonMisesSurvival(x: number): number {
  return alternatingTail(x, CERTAIN_CRAMER_VON_MISES, (k, fraction) => {
    const y = (2 * k - 1 + fraction) * Math.PI;
    return (2 * Math.PI * Math.exp((-x * y * y) / 2)) / Math.sqrt(y * sineOfShare(fraction));
  });
}

/**
 * Survival function of the limit of Anderson–Darling's statistic: of Σ_{i≥1} χ²₁ / (i(i+1)), mean 1,
 * variance 2(π² − 9)/3. It is the limit for one sample, for two, and of Baumgartner, Weiss and Schindler's B.
 *
 * With D(u) = Π (1 − u/(i(i+1))) = −cos(½π√(1+4u)) / (πu), Smirnov's formula and s = √(1+4u):
 * P(A² > x) = (1/π) Σ_{k≥1} (−1)^{k+1} ∫_{4k−1}^{4k+1} e^{−x(s²−1)/8} (s/2) √(4π / ((s²−1)|cos ½πs|)) ds.
 * Relative accuracy 1e-12 down to 1e-300.
 *
 * @param x any number
 * @returns a probability
 * @throws RangeError if x is NaN
 * @see Anderson & Darling (1952), Ann. Math. Stat. 23:193–212; Pettitt (1976), Biometrika 63:161–168 for two samples.
 */
export function andersonDarlingSurvival(x: number): number {
  return alternatingTail(x, CERTAIN_ANDERSON_DARLING, (k, fraction) => {
    const s = 4 * k - 1 + 2 * fraction;
    const u = (s * s - 1) / 4;
    return s * Math.exp((-x * u) / 2) * Math.sqrt(Math.PI / (u * sineOfShare(fraction)));
  });
}

/** Below these the survival function is 1 to the last digit, and the series would need many terms. */
const CERTAIN_CRAMER_VON_MISES = 0.003;
const CERTAIN_ANDERSON_DARLING = 0.03;

const NODES = 64;
const NEGLIGIBLE = 1e-17;

/**
 * (1/π) Σ_{k≥1} (−1)^{k+1} ∫₀¹ integrand(k, t) dt for integrands that grow like 1/√t and 1/√(1−t) at the ends.
 * Under t = (1 − cos θ)/2 they become smooth and periodic in θ, where the midpoint rule converges exponentially.
 */
function alternatingTail(
  x: number,
  certainBelow: number,
  integrand: (k: number, fraction: number) => number,
): number {
  if (Number.isNaN(x)) throw new RangeError('quadratic limit: the statistic is not a number');
  if (x < certainBelow) return 1;
  let sum = 0;
  for (let k = 1; ; k++) {
    let integral = 0;
    for (let node = 0; node < NODES; node++) {
      const theta = (Math.PI * (node + 0.5)) / NODES;
      integral += integrand(k, (1 - Math.cos(theta)) / 2) * Math.sin(theta);
    }
    const term = integral / (2 * NODES);
    sum += k % 2 === 1 ? term : -term;
    if (term <= sum * NEGLIGIBLE) return Math.min(1, Math.max(0, sum));
  }
}

/** |sin πt| for t in [0, 1], without loss of digits next to 1. */
function sineOfShare(t: number): number {
  return Math.sin(Math.PI * (t > 0.5 ? 1 - t : t));
}
