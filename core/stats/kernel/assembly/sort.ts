/**
 * Radix sort of doubles by their upper halves: sign, exponent and 20 bits of the mantissa. What that leaves out of place
 * insertion puts right.
 */

/** Digits of 11, 11 and 10 bits, from the lowest bit of the upper half on. */
const DIGIT_BITS: i32 = 11;
const DIGITS: i32 = 3;
const BUCKETS: i32 = 1 << DIGIT_BITS;
const MASK: i32 = BUCKETS - 1;

/** Bits of the exponent: all are set in NaN and the infinities. */
const INFINITE: i32 = 0x7ff00000;

/** Moves per value that insertion may make. */
const MOVES_PER_VALUE: i64 = 16;

/** of each digit: how often each of its values occurs, then where the next number that has it goes (u32) */
const counts: usize = 16;
/** the numbers (f64), and their count twice more for sorting in */
export const values: usize = counts + 4 * DIGITS * BUCKETS;

/** where the last sort left its result */
export let sorted: usize = 0;

/**
 * Sorts the finite ones of the first n numbers, ascending; `values` are left as they are.
 * @returns how many there are; less 1, negated, where insertion gave up: they are in some order then
 */
export function sortFinite(n: i32): i32 {
  const finite = count(n);
  const near = values + 8 * <usize>n;
  const far = near + 8 * <usize>n;
  // The first digit is gone by even where all have the same: it leaves out what is not finite.
  scatterFinite(n, near);
  sorted = near;
  for (let digit = 1; digit < DIGITS; digit++) {
    const starts = startsOf(digit);
    if (!toStarts(starts, finite)) continue;
    const to = sorted == near ? far : near;
    scatter(sorted, to, finite, starts, digit * DIGIT_BITS);
    sorted = to;
  }
  return insert(sorted, finite) ? finite : -finite - 1;
}

/** Bits that ascend, as an unsigned integer, with the numbers: all of a negative one flipped, the sign of others. */
function keyOf(upper: i32): u32 {
  return <u32>(upper ^ ((upper >> 31) | 0x80000000));
}

function startsOf(digit: i32): usize {
  return counts + 4 * <usize>(digit * BUCKETS);
}

function increment(digit: i32, value: u32): void {
  const at = startsOf(digit) + ((<usize>value) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Counts the values of each digit over the finite ones of n numbers. @returns how many these are */
function count(n: i32): i32 {
  memory.fill(counts, 0, 4 * DIGITS * BUCKETS);
  let finite = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const upper = load<i32>(values + (i << 3), 4);
    if ((upper & INFINITE) == INFINITE) continue;
    const key = keyOf(upper);
    increment(0, key & MASK);
    increment(1, (key >> DIGIT_BITS) & MASK);
    increment(2, key >> (2 * DIGIT_BITS));
    finite++;
  }
  return finite;
}

/** Counts into the places where each bucket begins; false if all n numbers are in one bucket. */
function toStarts(starts: usize, n: i32): bool {
  let sum: u32 = 0;
  for (let k: usize = 0; k < <usize>BUCKETS; k++) {
    const at = starts + (k << 2);
    const inBucket = load<u32>(at);
    if (inBucket == <u32>n) return false;
    store<u32>(at, sum);
    sum += inBucket;
  }
  return true;
}

function scatterFinite(n: i32, to: usize): void {
  const starts = startsOf(0);
  const isSpread = toStarts(starts, <i32>n);
  if (!isSpread) memory.fill(starts, 0, 4 * BUCKETS);
  for (let i: usize = 0; i < <usize>n; i++) {
    const from = values + (i << 3);
    const upper = load<i32>(from, 4);
    if ((upper & INFINITE) == INFINITE) continue;
    place(load<u64>(from), to, starts, keyOf(upper) & MASK);
  }
}

function scatter(from: usize, to: usize, n: i32, starts: usize, shift: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const bits = load<u64>(from + (i << 3));
    place(bits, to, starts, (keyOf(<i32>(bits >> 32)) >> shift) & MASK);
  }
}

function place(bits: u64, to: usize, starts: usize, bucket: u32): void {
  const cursor = starts + ((<usize>bucket) << 2);
  const at = load<u32>(cursor);
  store<u32>(cursor, at + 1);
  store<u64>(to + ((<usize>at) << 3), bits);
}

/** Sorts by insertion; false if it gave up. */
function insert(from: usize, n: i32): bool {
  let movesLeft = MOVES_PER_VALUE * <i64>n;
  let last = -Infinity;
  for (let i: usize = 0; i < <usize>n; i++) {
    const at = from + (i << 3);
    const x = load<f64>(at);
    if (last <= x) {
      last = x;
      continue;
    }
    let to = at;
    do {
      store<f64>(to, load<f64>(to - 8));
      to -= 8;
    } while (to > from && load<f64>(to - 8) > x);
    store<f64>(to, x);
    movesLeft -= <i64>((at - to) >> 3);
    if (movesLeft < 0) return false;
  }
  return true;
}
