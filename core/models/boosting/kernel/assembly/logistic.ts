import { curvatures, gradients, outcomes, rows, scores, weights } from './memory';

/** Where the exponential of a double is neither infinite nor 0. */
const LARGEST: f64 = 708;

/** 1 ÷ ln 2; and ln 2 in two parts, so that multiples of it are subtracted without rounding (fdlibm, e_exp.c). */
const LOG2_E: f64 = 1.442695040888963387;
const LN2_HIGH: f64 = 6.9314718036912381649e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

/** Added to a number below 2^51, its lowest bits are the nearest whole number: 1.5 · 2^52. */
const ROUNDER: f64 = 6755399441055744;

/**
 * Derivatives of the log-loss of two classes by the score of each row: p − y and p(1 − p) for p = 1 ÷ (1 + e^−score),
 * times the row's weight if there are weights. Two rows at a time; the memory of a row more is there.
 */
export function logisticDerivatives(weighted: bool): void {
  const one = f64x2.splat(1);
  const bytes = (<usize>rows) << 3;
  for (let at: usize = 0; at < bytes; at += 16) {
    const small = exponential(f64x2.neg(v128.load(scores + at)));
    const p = f64x2.div(one, f64x2.add(one, small));
    let gradient = f64x2.sub(p, v128.load(outcomes + at));
    let curvature = f64x2.mul(p, f64x2.sub(one, p));
    if (weighted) {
      const weight = v128.load(weights + at);
      gradient = f64x2.mul(gradient, weight);
      curvature = f64x2.mul(curvature, weight);
    }
    v128.store(gradients + at, gradient);
    v128.store(curvatures + at, curvature);
  }
}

/**
 * e^x, to 2 units in the last place: 2^k · e^r with |r| ≤ ln 2 ÷ 2, and the series of e^r up to r^13.
 * Only additions, multiplications and shifts, so that it is the same on every machine.
 */
export function exponential(unbounded: v128): v128 {
  const x = f64x2.max(f64x2.min(unbounded, f64x2.splat(LARGEST)), f64x2.splat(-LARGEST));
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(LOG2_E)), f64x2.splat(ROUNDER));
  const k = f64x2.sub(shifted, f64x2.splat(ROUNDER));
  const rest = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const r = f64x2.sub(rest, f64x2.mul(k, f64x2.splat(LN2_LOW)));
  let sum = f64x2.splat(1.0 / 6227020800.0);
  sum = term(sum, r, 1.0 / 479001600.0);
  sum = term(sum, r, 1.0 / 39916800.0);
  sum = term(sum, r, 1.0 / 3628800.0);
  sum = term(sum, r, 1.0 / 362880.0);
  sum = term(sum, r, 1.0 / 40320.0);
  sum = term(sum, r, 1.0 / 5040.0);
  sum = term(sum, r, 1.0 / 720.0);
  sum = term(sum, r, 1.0 / 120.0);
  sum = term(sum, r, 1.0 / 24.0);
  sum = term(sum, r, 1.0 / 6.0);
  sum = term(sum, r, 0.5);
  sum = term(sum, r, 1);
  sum = term(sum, r, 1);
  const power = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
  return f64x2.mul(sum, power);
}

function term(sum: v128, r: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, r), f64x2.splat(coefficient));
}
