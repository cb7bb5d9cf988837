import { values } from './sort';

/** of the numbers followed so far: finite ones, steps up and down, and numbers that are not whole */
export let finites: i32 = 0;
export let rises: i32 = 0;
export let falls: i32 = 0;
export let fractions: i32 = 0;
let last: f64 = NaN;

/** Begins with other numbers. */
export function begin(): void {
  finites = 0;
  rises = 0;
  falls = 0;
  fractions = 0;
  last = NaN;
}

/** Goes on with the first n numbers, from each finite one to the next. */
export function follow(n: i32): void {
  let before = last;
  let count = 0;
  let up = 0;
  let down = 0;
  let broken = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = load<f64>(values + (i << 3));
    // False of NaN and the infinities alone.
    const isFinite = x - x == 0;
    count += <i32>isFinite;
    // Sums of comparisons: branches that random values take at random cost several times as much.
    up += (<i32>isFinite) & (<i32>(x > before));
    down += (<i32>isFinite) & (<i32>(x < before));
    broken += (<i32>isFinite) & (<i32>(Math.floor(x) != x));
    before = isFinite ? x : before;
  }
  last = before;
  finites += count;
  rises += up;
  falls += down;
  fractions += broken;
}
