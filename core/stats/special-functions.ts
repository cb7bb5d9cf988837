/**
 * Regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a): the survival function of a gamma
 * variable of shape a. Relative accuracy better than 1e-11 down to 1e-300, because the upper tail is
 * computed itself, never as 1 − P.
 *
 * @param a above 0
 * @param x at least 0
 * @returns a probability
 * @throws RangeError outside of that
 * @see DLMF 8.11.4 (series of P for x < a + 1) and 8.9.2 (continued fraction of Q otherwise).
 */
export function gammaUpperRegularised(a: number, x: number): number {
  if (!(a > 0 && a < Infinity)) throw new RangeError(`gamma: a must be above 0, got ${a}`);
  if (!(x >= 0)) throw new RangeError(`gamma: x must be at least 0, got ${x}`);
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - gammaLowerSeries(a, x) : gammaUpperFraction(a, x);
}

/**
 * Regularised incomplete beta function I_x(a, b) with y = 1 − x given apart, so that an x next to 1 keeps
 * its digits. Relative accuracy better than 1e-10 down to 1e-300 for x below a/(a + b).
 *
 * @param a above 0
 * @param b above 0
 * @param x in [0, 1]
 * @param y 1 − x
 * @returns a probability
 * @throws RangeError outside of that
 * @see Didonato & Morris (1992), ACM TOMS 18:360–373, equation 9: the even part of DLMF 8.17.22.
 */
export function betaRegularised(a: number, b: number, x: number, y: number): number {
  if (!(a > 0 && a < Infinity && b > 0 && b < Infinity)) {
    throw new RangeError(`beta: a and b must be above 0, got ${a} and ${b}`);
  }
  if (!(x >= 0 && y >= 0 && Math.abs(x + y - 1) < 1e-9)) {
    throw new RangeError(`beta: x and y must be shares that add to 1, got ${x} and ${y}`);
  }
  if (x === 0) return 0;
  if (y === 0) return 1;
  // The fraction converges fast below the mean; above it the mirrored one does.
  return x <= (a + 1) / (a + b + 2)
    ? betaFraction(a, b, x, y)
    : Math.max(0, 1 - betaFraction(b, a, y, x));
}

/** P(X > x) for X χ²-distributed with `df` degrees of freedom. @throws RangeError if x < 0 or df ≤ 0 */
export function chiSquareSurvival(x: number, df: number): number {
  return gammaUpperRegularised(df / 2, x / 2);
}

/** P(Z > z) for a standard normal Z; accurate in the upper tail down to 1e-300. @throws RangeError if z is NaN */
export function normalSurvival(z: number): number {
  const tail = gammaUpperRegularised(0.5, (z * z) / 2) / 2;
  return z >= 0 ? tail : 1 - tail;
}

/**
 * P(T > t) for T with Student's t distribution: the one-sided p-value of a t test; accurate in the upper
 * tail down to 1e-300.
 *
 * @param t any number, ±Infinity too
 * @param df degrees of freedom, above 0, not necessarily whole; Infinity means the normal distribution
 * @throws RangeError if t is NaN or df is not above 0
 */
export function studentTSurvival(t: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`t: degrees of freedom must be above 0, got ${df}`);
  if (Number.isNaN(t)) throw new RangeError('t: the statistic is not a number');
  if (df === Infinity || !Number.isFinite(t)) return normalSurvival(t);
  const x = 1 / (1 + (t / df) * t);
  const y = 1 / (1 + df / t / t);
  const tail = betaRegularised(df / 2, 0.5, x, t === 0 ? 0 : y) / 2;
  return t >= 0 ? tail : 1 - tail;
}

/** ln Γ(x) for x > 0, to an absolute error of about 1e-14 near 1 and 2. @throws RangeError if x ≤ 0 */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`logGamma: x must be above 0, got ${x}`);
  let shifted = x;
  let product = 1;
  while (shifted < 16) product *= shifted++;
  const stirling = (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI;
  return stirling + stirlingSeries(shifted) - Math.log(product);
}

const HALF_LOG_TWO_PI = 0.9189385332046728;
const SMALLEST = 1e-300;
const PRECISION = 1e-16;
/** A step of a continued fraction this near to 1 changes nothing; smaller could be missed for ever by rounding. */
const CONVERGED = 5e-16;

function gammaLowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * PRECISION; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return poissonDensity(a, x) * sum;
}

/** Lentz's evaluation of the continued fraction; all its partial denominators are positive for x > a + 1. */
function gammaUpperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / SMALLEST;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1, step = 0; Math.abs(step - 1) > CONVERGED; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b);
    c = nonZero(b + numerator / c);
    step = d * c;
    fraction *= step;
  }
  return a * poissonDensity(a, x) * fraction;
}

function betaFraction(a: number, b: number, x: number, y: number): number {
  const excess = a * y - b * x;
  const first = (a * (excess + 1)) / (a + 1);
  const partialDenominator = (k: number): number =>
    k +
    (k * (b - k) * x) / (a + 2 * k - 1) +
    ((a + k) * (excess + 1 + k * (1 + y))) / (a + 2 * k + 1);
  let fraction = nonZero(first);
  let c = fraction;
  let d = 0;
  for (let k = 1, step = 0; Math.abs(step - 1) > CONVERGED; k++) {
    const numerator =
      ((((a + k - 1) / (a + 2 * k - 1)) * (a + b + k - 1)) / (a + 2 * k - 1)) * k * (b - k) * x * x;
    const denominator = partialDenominator(k);
    d = 1 / nonZero(denominator + numerator * d);
    c = nonZero(denominator + numerator / c);
    step = c * d;
    fraction *= step;
  }
  return (binomialDensity(a, b, x, y) * ((a * b) / (a + b))) / fraction;
}

const nonZero = (value: number): number => (Math.abs(value) < SMALLEST ? SMALLEST : value);

/**
 * x^a e^(−x) / Γ(a + 1) by the saddle-point form, which does not lose digits where the three factors are
 * huge and cancel.
 * @see Loader (2000), "Fast and accurate computation of binomial probabilities".
 */
function poissonDensity(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/** Γ(a + b + 1) / (Γ(a + 1) Γ(b + 1)) · x^a y^b, in the same form. */
function binomialDensity(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const exponent =
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, n * x) -
    deviance(b, n * y);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * a * b));
}

/** ln Γ(n + 1) − [(n + ½) ln n − n + ½ ln 2π]: what Stirling's formula leaves out. */
function stirlingError(n: number): number {
  if (n >= 16) return stirlingSeries(n);
  return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - HALF_LOG_TWO_PI;
}

/** 1/(12n) − 1/(360n³) + …, Stirling's series (DLMF 5.11.1), to 1e-17 from 16 on. */
function stirlingSeries(n: number): number {
  const s = 1 / (n * n);
  return (
    (1 / 12 -
      s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360360))))) /
    n
  );
}

/** x ln(x / mean) + mean − x for x and mean above 0, without cancellation where x is near the mean. */
export function deviance(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = difference / (x + mean);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let k = 1; ; k++) {
    term *= v * v;
    const next = sum + term / (2 * k + 1);
    if (next === sum) return sum;
    sum = next;
  }
}
