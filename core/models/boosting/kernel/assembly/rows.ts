import { codes, curvatures, gradients, moved, pairs, positions, rows, scores } from './memory';

/** A tree begins: every row in its place, its derivatives side by side. `share` packs a curvature, see pack.ts. */
export function beginTree(share: f64): void {
  for (let row: i32 = 0; row < rows; row++) {
    const at = <usize>row;
    store<i32>(positions + (at << 2), row);
    const packed = share == 0 ? 1 : 1 + load<f64>(curvatures + (at << 3)) * share;
    store<f64>(pairs + (at << 4), load<f64>(gradients + (at << 3)));
    store<f64>(pairs + (at << 4), packed, 8);
  }
}

/** A stable partition of the rows at positions [start, end) by a split; returns where the right part begins. */
export function partition(start: i32, end: i32, feature: i32, bin: i32, missingLeft: bool): i32 {
  const base = codes + ((<usize>(feature >> 2) * <usize>rows) << 2) + <usize>(feature & 3);
  // Missing values that go left are counted round to bin 0, so that one comparison decides.
  const shift: i32 = missingLeft ? 1 : 0;
  const firstRight = bin + shift + 1;
  let leftAt = positions + ((<usize>start) << 2);
  let rightAt = moved;
  const last = positions + ((<usize>end) << 2);
  for (let at = leftAt; at < last; at += 4) {
    const row = load<i32>(at);
    const code = <i32>load<u8>(base + ((<usize>row) << 2));
    const goesLeft = <usize>((((code + shift) & 255) - firstRight) >>> 31);
    store<i32>(leftAt, row);
    store<i32>(rightAt, row);
    leftAt += goesLeft << 2;
    rightAt += (1 - goesLeft) << 2;
  }
  memory.copy(leftAt, moved, rightAt - moved);
  return <i32>((leftAt - positions) >> 2);
}

/** Sum of the gradients of the rows at positions [start, end). */
export function gradientOf(start: i32, end: i32): f64 {
  return sumAt(gradients, start, end);
}

/** Sum of their curvatures. */
export function curvatureOf(start: i32, end: i32): f64 {
  return sumAt(curvatures, start, end);
}

function sumAt(values: usize, start: i32, end: i32): f64 {
  let sum: f64 = 0;
  for (let i = start; i < end; i++) {
    sum += load<f64>(values + ((<usize>load<i32>(positions + ((<usize>i) << 2))) << 3));
  }
  return sum;
}

/** Adds a leaf's value to a score of each of its rows. */
export function addToScores(start: i32, end: i32, value: f64, outputs: i32, output: i32): void {
  for (let i = start; i < end; i++) {
    const row = load<i32>(positions + ((<usize>i) << 2));
    const at = scores + ((<usize>(row * outputs + output)) << 3);
    store<f64>(at, load<f64>(at) + value);
  }
}
