import { values } from './sort';

/** Rows of a chunk. */
const ROWS: i32 = 4;
const CELLS: i32 = 8;

/**
 * Where rows lie among seven limits, by chunks of four; the last one takes the rows that are left over as well. Behind
 * the n numbers in `values` stand, one number for each chunk (f64): how many of its rows are finite; of these the sum of
 * their cells, 0 to 7; how many are above the fourth limit; and the sum of their distances |2 · cell − 7|. Then how
 * many finite rows are in each cell.
 */
export function countCells(
  n: i32,
  c1: f64,
  c2: f64,
  c3: f64,
  c4: f64,
  c5: f64,
  c6: f64,
  c7: f64,
): void {
  const chunks = n / ROWS;
  const size = (<usize>chunks) << 3;
  const present = values + ((<usize>n) << 3);
  const heights = present + size;
  const sides = heights + size;
  const distances = sides + size;
  const inCell = distances + size;
  memory.fill(inCell, 0, (<usize>CELLS) << 3);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const end = chunk == chunks - 1 ? n : (chunk + 1) * ROWS;
    let finite = 0;
    let height = 0;
    let above = 0;
    let distance = 0;
    for (let i = chunk * ROWS; i < end; i++) {
      const x = load<f64>(values + ((<usize>i) << 3));
      const side = <i32>(x > c4);
      const cell =
        <i32>(x > c1) +
        <i32>(x > c2) +
        <i32>(x > c3) +
        side +
        <i32>(x > c5) +
        <i32>(x > c6) +
        <i32>(x > c7);
      // False of NaN and the infinities alone.
      const isFinite = <i32>(x - x == 0);
      finite += isFinite;
      height += cell * isFinite;
      above += side * isFinite;
      distance += abs(2 * cell - (CELLS - 1)) * isFinite;
      const at = inCell + ((<usize>cell) << 3);
      store<f64>(at, load<f64>(at) + <f64>isFinite);
    }
    const at = (<usize>chunk) << 3;
    store<f64>(present + at, <f64>finite);
    store<f64>(heights + at, <f64>height);
    store<f64>(sides + at, <f64>above);
    store<f64>(distances + at, <f64>distance);
  }
}
