import { values } from './sort';

/**
 * Quantiles of two ascending samples together: of the numbers in order, each of its sample's weight, those that reach
 * (j + ½) · step, j from 0 on. `values` hold first the one sample, then the other one, each with ∞ after its last
 * number, and behind them what is found.
 * @param n of the first sample
 * @param m of the second one
 * @param length of what is found
 */
export function mergeWeighted(
  n: i32,
  m: i32,
  firstWeight: f64,
  secondWeight: f64,
  step: f64,
  length: i32,
): void {
  const first = values;
  const second = first + ((<usize>n + 1) << 3);
  const merged = second + ((<usize>m + 1) << 3);
  let i: usize = 0;
  let k: usize = 0;
  let value: f64 = 0;
  for (let j: usize = 0; j < <usize>length; j++) {
    const rank = (<f64>j + 0.5) * step;
    while (<f64>i * firstWeight + <f64>k * secondWeight < rank) {
      const x = load<f64>(first + (i << 3));
      const y = load<f64>(second + (k << 3));
      // Chosen without a branch, which chance would decide.
      const isOfFirst = x <= y;
      value = select(x, y, isOfFirst);
      i += <usize>isOfFirst;
      k += <usize>!isOfFirst;
    }
    store<f64>(merged + (j << 3), value);
  }
}
