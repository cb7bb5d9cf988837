import { exponential } from '../../../boosting/kernel/assembly/logistic';
import {
  block,
  coefficients,
  columns,
  gradient,
  outcomes,
  scores,
  smalls,
  weights,
} from './memory';

/** The log-loss of two classes by the scores of a block of rows, whose number is a multiple of four. */

/**
 * Adds the gradient of the log-loss of the block, and leaves e^−|score| of each row in `smalls`.
 * @param weighted do the weights count?
 * @returns Σ w·(max(score, 0) − outcome · score), to which Σ w·ln(1 + e^−|score|) is to be added
 */
export function addLogLoss(rows: i32, weighted: bool): f64 {
  const zero = f64x2.splat(0);
  writeScores(rows);
  let loss = zero;
  for (let at: usize = 0; at < 8 * <usize>rows; at += 16) {
    const score = v128.load(scores + at);
    const outcome = v128.load(outcomes + at);
    const small = exponential(f64x2.neg(f64x2.abs(score)));
    v128.store(smalls + at, small);
    let own = f64x2.sub(f64x2.max(score, zero), f64x2.mul(outcome, score));
    let residual = f64x2.sub(probabilityOf(score, small), outcome);
    if (weighted) {
      const weight = v128.load(weights + at);
      own = f64x2.mul(own, weight);
      residual = f64x2.mul(residual, weight);
    }
    loss = f64x2.add(loss, own);
    v128.store(scores + at, residual);
  }
  for (let row: usize = 0; row < <usize>rows; row += 4) addRows(row);
  return f64x2.extract_lane(loss, 0) + f64x2.extract_lane(loss, 1);
}

/** Makes the weights w·p(1 − p), those of the second derivatives, of w, or of 1 if they do not count. */
export function weighByCurvature(rows: i32, weighted: bool): void {
  const one = f64x2.splat(1);
  writeScores(rows);
  for (let at: usize = 0; at < 8 * <usize>rows; at += 16) {
    const score = v128.load(scores + at);
    const p = probabilityOf(score, exponential(f64x2.neg(f64x2.abs(score))));
    const curvature = f64x2.mul(p, f64x2.sub(one, p));
    const weight = weighted ? v128.load(weights + at) : one;
    v128.store(weights + at, f64x2.mul(weight, curvature));
  }
}

/** 1 ÷ (1 + e^−score), given e^−|score|. */
function probabilityOf(score: v128, small: v128): v128 {
  const one = f64x2.splat(1);
  const isPositive = f64x2.ge(score, f64x2.splat(0));
  return f64x2.div(v128.bitselect(one, small, isPositive), f64x2.add(one, small));
}

/** xβ of each row, four side by side so that their sums do not wait for each other. */
function writeScores(rows: i32): void {
  const rowBytes: usize = 8 * columns;
  const pairBytes: usize = 8 * (columns & ~1);
  let first = block;
  for (let row: usize = 0; row < <usize>rows; row += 4) {
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    let c = f64x2.splat(0);
    let d = f64x2.splat(0);
    for (let at: usize = 0; at < pairBytes; at += 16) {
      const factor = v128.load(coefficients + at);
      const x = first + at;
      a = f64x2.add(a, f64x2.mul(v128.load(x), factor));
      b = f64x2.add(b, f64x2.mul(v128.load(x + rowBytes), factor));
      c = f64x2.add(c, f64x2.mul(v128.load(x + 2 * rowBytes), factor));
      d = f64x2.add(d, f64x2.mul(v128.load(x + 3 * rowBytes), factor));
    }
    const to = scores + 8 * row;
    store<f64>(to, sumOf(a) + lastOf(first));
    store<f64>(to, sumOf(b) + lastOf(first + rowBytes), 8);
    store<f64>(to, sumOf(c) + lastOf(first + 2 * rowBytes), 16);
    store<f64>(to, sumOf(d) + lastOf(first + 3 * rowBytes), 24);
    first += 4 * rowBytes;
  }
}

function sumOf(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** What the last of an odd number of columns adds. */
function lastOf(row: usize): f64 {
  if ((columns & 1) == 0) return 0;
  const at: usize = 8 * (columns - 1);
  return load<f64>(row + at) * load<f64>(coefficients + at);
}

/** Adds four rows, each times its residual, to the gradient. */
function addRows(row: usize): void {
  const rowBytes: usize = 8 * columns;
  const first = block + row * rowBytes;
  const own = scores + 8 * row;
  const r0 = v128.load64_splat(own);
  const r1 = v128.load64_splat(own, 8);
  const r2 = v128.load64_splat(own, 16);
  const r3 = v128.load64_splat(own, 24);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const x = first + at;
    const early = f64x2.add(f64x2.mul(r0, v128.load(x)), f64x2.mul(r1, v128.load(x + rowBytes)));
    const late = f64x2.add(
      f64x2.mul(r2, v128.load(x + 2 * rowBytes)),
      f64x2.mul(r3, v128.load(x + 3 * rowBytes)),
    );
    v128.store(gradient + at, f64x2.add(v128.load(gradient + at), f64x2.add(early, late)));
  }
}
