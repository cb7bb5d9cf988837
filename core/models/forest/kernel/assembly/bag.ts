import { random, randomBelow } from './random';
import {
  bag,
  codes,
  cumulative,
  draws,
  guide,
  moved,
  outcomes,
  purpose,
  rows,
  SQUARES,
  weighted,
} from './workspace';

/**
 * The bag holds the rows of a tree, those of a node beside each other. A row takes 64 bits: its number (32), its
 * class (10, 0 for means) and how often it was drawn (22).
 */
const CLASS_SHIFT: u64 = 32;
const WEIGHT_SHIFT: u64 = 42;
const CLASS_MASK: u64 = 0x3ff;
const MAX_WEIGHT: u32 = 0x3fffff;

export function rowOf(entry: u64): usize {
  return <usize>(<u32>entry);
}

export function classOf(entry: u64): u64 {
  return (entry >>> CLASS_SHIFT) & CLASS_MASK;
}

export function weightOf(entry: u64): u64 {
  return entry >>> WEIGHT_SHIFT;
}

/** Fills the bag with as many draws as there are rows; returns how many rows were drawn at all. */
export function drawBag(): i32 {
  const n = rows;
  memory.fill(draws, 0, 4 * <usize>n);
  for (let i = 0; i < n; i++) {
    const row = weighted ? drawByWeight() : randomBelow(<f64>n);
    const at = draws + 4 * <usize>row;
    store<u32>(at, load<u32>(at) + 1);
  }
  let count: usize = 0;
  // Reads at most as far as it writes, as `draws` and `bag` do not overlap.
  for (let row = 0; row < n; row++) {
    const drawn = load<u32>(draws + 4 * <usize>row);
    if (drawn == 0) continue;
    const k: u64 = purpose == SQUARES ? 0 : <u64>load<u16>(outcomes + 2 * <usize>row);
    const weight = <u64>min(drawn, MAX_WEIGHT);
    store<u64>(bag + 8 * count, (weight << WEIGHT_SHIFT) | (k << CLASS_SHIFT) | (<u64>row));
    count++;
  }
  return <i32>count;
}

/**
 * A row, with the chance of its weight: the first one up to which the weights add up to more than a random share of
 * their sum. For weights of 1 that is the row that is drawn without weights.
 * @see Chen & Asau (1974), AIIE Transactions 6:163–166 (guide table)
 */
function drawByWeight(): i32 {
  const share = random();
  const wanted = share * load<f64>(cumulative + 8 * <usize>(rows - 1));
  let row = load<i32>(guide + 4 * <usize>(share * <f64>rows));
  while (row > 0 && load<f64>(cumulative + 8 * <usize>(row - 1)) > wanted) row--;
  while (load<f64>(cumulative + 8 * <usize>row) <= wanted) row++;
  return row;
}

/**
 * Parts the rows at positions [start, end) by a split, each side in its old order; returns where the right side
 * begins.
 */
export function partition(start: i32, end: i32, feature: i32, bin: i32, missingLeft: bool): i32 {
  const column = codes + <usize>feature * <usize>rows;
  // Missing values that go left are counted round to bin 0, so that one comparison decides.
  const shift: i32 = missingLeft ? 1 : 0;
  const last = bin + shift;
  let left = bag + 8 * <usize>start;
  let right = moved;
  const stop = bag + 8 * <usize>end;
  for (let at = left; at < stop; at += 8) {
    const entry = load<u64>(at);
    const code = (<i32>load<u8>(column + rowOf(entry)) + shift) & 255;
    const goesRight = <usize>(code > last);
    // Written to both sides and kept on one: a branch that chance decides would cost more.
    store<u64>(left, entry);
    store<u64>(right, entry);
    left += (1 - goesRight) << 3;
    right += goesRight << 3;
  }
  memory.copy(left, moved, right - moved);
  return <i32>((left - bag) >>> 3);
}
