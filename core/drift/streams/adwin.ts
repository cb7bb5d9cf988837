import { checkCounts, checkNumber, checkShares } from './checks.ts';
import type { Signal, StreamDetector } from './stream-detector.ts';

/** Defaults are those of MOA, scikit-multiflow, river and frouros. */
export interface AdwinOptions {
  /** bound of the chance that one cut of a stationary window is taken for a change, in (0, 1); 0.002 */
  readonly delta: number;
  /** a test every so many values; 32 */
  readonly clock: number;
  /** buckets of one size before the two oldest are merged; 5 */
  readonly maxBuckets: number;
  /** fewest values on either side of a cut; 5 */
  readonly minSide: number;
  /** no test while the window holds this many values or fewer; 10 */
  readonly gracePeriod: number;
  /**
   * `every` cut between buckets (river, MOA), or, as scikit-multiflow, frouros and early versions of river do, the
   * newest bucket of each size passed over, so that the cuts lie askew; `every`
   */
  readonly cuts: 'every' | 'newest of each size passed over';
  /** `restart` with an empty window (river), or `shrink` it to the values after the cut (the paper); `restart` */
  readonly afterChange: 'restart' | 'shrink';
}

/** Buckets of one size, oldest first: the sum of each, and of the squared deviations from its mean. */
interface BucketRow {
  readonly totals: number[];
  readonly squares: number[];
}

export interface AdwinState {
  readonly options: AdwinOptions;
  ticks: number;
  /** values in the window, their sum, and the sum of their squared deviations from their mean */
  width: number;
  total: number;
  squares: number;
  /** the k-th row holds buckets of 2ᵏ values */
  readonly rows: BucketRow[];
}

/**
 * ADWIN2: a window that grows while its mean is stable and is cut where two parts of it differ.
 *
 * A cut into n₀ and n₁ values is a change if |mean₀ − mean₁| > √(2σ²δ′/m) + 2δ′/(3m), where
 * 1/m = 1/(n₀ − s + 1) + 1/(n₁ − s + 1), s the smallest side and δ′ = ln(2 ln(n)/δ). Values outside of [0, 1]
 * are taken, but the second term is a bound for a range of 1. The window is held as O(log n) sums.
 *
 * @see Bifet & Gavaldà (2007), SIAM SDM, 443–448; variances by Babcock et al. (2003), PODS 22:234–243.
 */
export const adwin: StreamDetector<AdwinOptions, AdwinState> = {
  name: 'ADWIN',
  input: 'number',
  defaults: {
    delta: 0.002,
    clock: 32,
    maxBuckets: 5,
    minSide: 5,
    gracePeriod: 10,
    cuts: 'every',
    afterChange: 'restart',
  },
  open(options = {}) {
    const all = { ...adwin.defaults, ...options };
    checkShares('ADWIN', { delta: all.delta });
    const { clock, maxBuckets, minSide, gracePeriod } = all;
    checkCounts('ADWIN', 1, { clock, maxBuckets, minSide, gracePeriod });
    return { options: all, ticks: 0, width: 0, total: 0, squares: 0, rows: [emptyRow()] };
  },
  advance(state, x) {
    checkNumber('ADWIN', x);
    insert(state, x);
    state.ticks++;
    const { clock, gracePeriod, afterChange } = state.options;
    if (state.ticks % clock !== 0 || state.width <= gracePeriod) return 'none';
    return shrink(state, afterChange);
  },
};

/** Removes the oldest buckets for as long as a cut says so. */
function shrink(state: AdwinState, afterChange: AdwinOptions['afterChange']): Signal {
  let signal: Signal = 'none';
  while (hasCut(state)) {
    signal = 'change';
    if (afterChange === 'restart') {
      restart(state);
      return signal;
    }
    removeOldest(state);
  }
  return signal;
}

function restart(state: AdwinState): void {
  state.ticks = 0;
  state.width = 0;
  state.total = 0;
  state.squares = 0;
  state.rows.length = 0;
  state.rows.push(emptyRow());
}

function emptyRow(): BucketRow {
  return { totals: [], squares: [] };
}

function insert(state: AdwinState, x: number): void {
  if (state.width > 0) {
    const deviation = x - state.total / state.width;
    state.squares += (state.width * deviation * deviation) / (state.width + 1);
  }
  state.width++;
  state.total += x;
  state.rows[0].totals.push(x);
  state.rows[0].squares.push(0);
  mergeFullRows(state);
}

function mergeFullRows(state: AdwinState): void {
  const { rows, options } = state;
  for (let k = 0; rows[k].totals.length > options.maxBuckets; k++) {
    const { totals, squares } = rows[k];
    const size = 2 ** k;
    const gap = (totals[0] - totals[1]) / size;
    if (k + 1 === rows.length) rows.push(emptyRow());
    rows[k + 1].totals.push(totals[0] + totals[1]);
    rows[k + 1].squares.push(squares[0] + squares[1] + (size / 2) * gap * gap);
    removeFirst(totals, 2);
    removeFirst(squares, 2);
  }
}

/** A loop over at most `maxBuckets` numbers is several times faster than `splice`. */
function removeFirst(values: number[], n: number): void {
  for (let i = n; i < values.length; i++) values[i - n] = values[i];
  values.length -= n;
}

function removeOldest(state: AdwinState): void {
  const { rows } = state;
  const { totals, squares } = rows[rows.length - 1];
  const size = 2 ** (rows.length - 1);
  state.width -= size;
  state.total -= totals[0];
  const gap = totals[0] / size - state.total / state.width;
  // Rounding can leave a sum of squares below zero when all that varied has left the window.
  const rest = state.squares - squares[0] - (size * state.width * gap * gap) / (size + state.width);
  state.squares = Math.max(0, rest);
  removeFirst(totals, 1);
  removeFirst(squares, 1);
  if (totals.length === 0) rows.pop();
}

/** Whether the means on the two sides of some cut differ too much, from the oldest cut to the newest. */
function hasCut(state: AdwinState): boolean {
  const { rows, width, options } = state;
  const { minSide } = options;
  const passedOver = options.cuts === 'every' ? 0 : 1;
  const confidence = Math.log((2 * Math.log(width)) / options.delta);
  const spread = (2 * state.squares * confidence) / width;
  let n0 = 0;
  let total0 = 0;
  for (let k = rows.length - 1; k >= 0; k--) {
    const { totals } = rows[k];
    const size = 2 ** k;
    for (let j = 0; j < totals.length - passedOver; j++) {
      n0 += size;
      total0 += totals[j];
      const n1 = width - n0;
      if (n1 < minSide) return false;
      if (n0 < minSide) continue;
      const difference = Math.abs(total0 / n0 - (state.total - total0) / n1);
      const perSide = 1 / (n0 - minSide + 1) + 1 / (n1 - minSide + 1);
      if (difference > Math.sqrt(spread * perSide) + (2 / 3) * confidence * perSide) return true;
    }
  }
  return false;
}
