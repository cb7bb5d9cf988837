import { countBelow } from '../../stats/search-sorted.ts';
import { sortNumbers } from '../../stats/sort-numbers.ts';

/** Most bins of values in a feature; the missing bin comes on top. */
export const MAX_BINS = 255;

/** The bin of missing values. */
export const MISSING_BIN = 255;

/**
 * Borders that cut a numeric feature into at most 255 bins of about equally many values.
 *
 * Equal values share a bin; up to 255 distinct values have one bin each. A border is the midpoint of the
 * neighbouring values, so that a value between two bins goes with the nearer one.
 *
 * @param values any order, NaN = missing; changed: sorted in place, missing ones last
 * @returns ascending; bin b holds the values in (borders[b − 1], borders[b]]
 * @see Ke et al. (2017), LightGBM, NeurIPS 30, §2.1 (histogram algorithm); greedy fill as in its BinMapper
 */
export function numericBorders(values: Float64Array): Float64Array {
  const n = sortPresent(values);
  const distinct = countDistinct(values, n);
  const borders: number[] = [];
  let target = distinct <= MAX_BINS ? 1 : n / MAX_BINS;
  let filled = 0;
  for (let i = 0; i + 1 < n; i++) {
    filled++;
    if (values[i] === values[i + 1] || filled < target) continue;
    borders.push(between(values[i], values[i + 1]));
    if (borders.length === MAX_BINS - 1) break;
    filled = 0;
    // What heavy values took beyond their share is shared out anew among the bins that are left.
    if (distinct > MAX_BINS) target = (n - i - 1) / (MAX_BINS - borders.length);
  }
  return Float64Array.from(borders);
}

/** The bin of a value: the number of borders below it; `MISSING_BIN` for NaN. */
export function binOf(value: number, borders: Float64Array): number {
  return Number.isNaN(value) ? MISSING_BIN : countBelow(borders, value);
}

/** Sorts the values that are there to the front; returns how many there are. */
function sortPresent(values: Float64Array): number {
  let n = 0;
  for (const value of values) if (!Number.isNaN(value)) values[n++] = value;
  values.fill(NaN, n);
  sortNumbers(values.subarray(0, n));
  return n;
}

function countDistinct(sorted: Float64Array, n: number): number {
  let distinct = n > 0 ? 1 : 0;
  for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  return distinct;
}

/** A number in [a, b) for a < b, the midpoint where floating point has one. */
function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle >= a && middle < b ? middle : a;
}
