/**
 * Bins of values between borders. Nearly every value is in a cell with no border or one, so that its bin is found
 * without a branch; the rest of a cell's borders are searched.
 */

/** bins of as many values as there is room for */
const VALUES: usize = 2048;
const BORDERS: usize = 256;
const CELLS: usize = 4096;
const MISSING_BIN: i32 = 255;

/** ascending, the last one infinity (f64) */
export const borders: usize = 16;
/** borders in the cells before each, and before the end (u8): cells + 1 */
export const firstBorder: usize = borders + 8 * BORDERS;
/** what bins are to be found for (f64) */
export const values: usize = firstBorder + CELLS + 16;
/** bin of each value (u8) */
export const bins: usize = values + 8 * VALUES;
export const memoryEnd: usize = bins + VALUES;

/** Finds the bins of the first values, and of one more if their number is odd. */
export function findBins(count: i32, low: f64, scale: f64, cells: i32): void {
  const lows = f64x2.splat(low);
  const scales = f64x2.splat(scale);
  const none = f64x2.splat(0);
  const last = f64x2.splat(<f64>(cells - 1));
  for (let i: usize = 0; i < <usize>count; i += 2) {
    const pair = v128.load(values + 8 * i);
    const place = f64x2.mul(f64x2.sub(pair, lows), scales);
    // NaN is in cell 0, as nothing is above it.
    const cell = i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(last, f64x2.pmax(none, place)));
    const first = binOf(f64x2.extract_lane(pair, 0), <usize>i32x4.extract_lane(cell, 0));
    const second = binOf(f64x2.extract_lane(pair, 1), <usize>i32x4.extract_lane(cell, 1));
    store<u8>(bins + i, <u8>first);
    store<u8>(bins + i, <u8>second, 1);
  }
}

function binOf(value: f64, cell: usize): i32 {
  let bin = <i32>load<u8>(firstBorder + cell);
  bin += <i32>isBelow(bin, value);
  if (isBelow(bin, value)) bin = lowerBound(value, bin + 1, <i32>load<u8>(firstBorder + cell, 1));
  return value == value ? bin : MISSING_BIN;
}

function isBelow(border: i32, value: f64): bool {
  return load<f64>(borders + 8 * <usize>border) < value;
}

/** The first of the borders from `low` to `high` that is not below the value. */
function lowerBound(value: f64, low: i32, high: i32): i32 {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(middle, value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
