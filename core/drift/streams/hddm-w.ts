import { checkLoss, checkOrder, checkShares } from './checks.ts';
import type { Sides, Signal, StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper, MOA and river. */
export interface HddmWOptions {
  /** significance of a change; 0.001 */
  readonly changeAlpha: number;
  /** significance of a warning; 0.005 */
  readonly warningAlpha: number;
  /** weight of the newest value in the moving average; 0.05 */
  readonly lambda: number;
  readonly sides: Sides;
}

/** An exponentially weighted mean with Σ of its squared weights, of which McDiarmid's bound is made. */
interface WeightedMean {
  /** null before the first value */
  mean: number | null;
  weights: number;
}

/** A mean up to a cut, and the mean of what came after it. */
interface Cut {
  /** mean ± bound at the cut; null before the first value */
  bound: number | null;
  readonly before: WeightedMean;
  readonly after: WeightedMean;
}

export interface HddmWState {
  readonly options: HddmWOptions;
  readonly all: WeightedMean;
  readonly lowest: Cut;
  readonly highest: Cut;
}

/**
 * Hoeffding drift detection, weighted averages: is the recent, exponentially weighted mean above the one up
 * to the best cut? Faster than HDDM-A on gradual changes, slower on abrupt ones.
 *
 * The cut is where mean + √(v ln(1/α)/2) was smallest, v being the sum of squared weights; a change where the
 * mean after the cut exceeds the one before it by √((v₁ + v₂) ln(1/α)/2).
 *
 * @see Frías-Blanco et al. (2015), IEEE TKDE 27(3):810–823; McDiarmid (1989).
 */
export const hddmW: StreamDetector<HddmWOptions, HddmWState> = {
  name: 'HDDM-W',
  input: 'loss',
  defaults: { changeAlpha: 0.001, warningAlpha: 0.005, lambda: 0.05, sides: 'increase' },
  open(options = {}) {
    const all = { ...hddmW.defaults, ...options };
    const { changeAlpha, warningAlpha, lambda } = all;
    checkShares('HDDM-W', { changeAlpha, warningAlpha, lambda });
    checkOrder('HDDM-W', { changeAlpha, warningAlpha });
    return { options: all, all: emptyMean(), lowest: emptyCut(), highest: emptyCut() };
  },
  advance(state, x) {
    checkLoss('HDDM-W', x);
    const { options, all, lowest, highest } = state;
    add(all, x, options.lambda);
    const mean = all.mean ?? x;
    const bound = meanBound(all.weights, options.changeAlpha);
    moveCut(state, lowest, { x, bound: mean + bound, better: -1 });
    moveCut(state, highest, { x, bound: mean - bound, better: 1 });
    const signal = test(state);
    if (signal === 'change') {
      copy(all, emptyMean());
      for (const cut of [lowest, highest]) {
        cut.bound = null;
        copy(cut.before, emptyMean());
        copy(cut.after, emptyMean());
      }
    }
    return signal;
  },
};

const emptyMean = (): WeightedMean => ({ mean: null, weights: 1 });

const emptyCut = (): Cut => ({ bound: null, before: emptyMean(), after: emptyMean() });

const meanBound = (weights: number, alpha: number): number =>
  Math.sqrt((-weights * Math.log(alpha)) / 2);

function add(of: WeightedMean, x: number, lambda: number): void {
  of.mean = of.mean === null ? x : lambda * x + (1 - lambda) * of.mean;
  of.weights = lambda * lambda + (1 - lambda) ** 2 * of.weights;
}

function copy(to: WeightedMean, from: WeightedMean): void {
  to.mean = from.mean;
  to.weights = from.weights;
}

/** Moves the cut to the newest value where its bound beats the old one, or takes the value in after the cut. */
function moveCut(
  { options, all }: HddmWState,
  cut: Cut,
  { x, bound, better }: { readonly x: number; readonly bound: number; readonly better: 1 | -1 },
): void {
  if (cut.bound === null || (bound - cut.bound) * better > 0) {
    cut.bound = bound;
    copy(cut.before, all);
    copy(cut.after, emptyMean());
  } else {
    add(cut.after, x, options.lambda);
  }
}

function test({ options, lowest, highest }: HddmWState): Signal {
  const exceeds = ({ before, after }: Cut, sign: 1 | -1, alpha: number): boolean =>
    before.mean !== null &&
    after.mean !== null &&
    (after.mean - before.mean) * sign > meanBound(before.weights + after.weights, alpha);
  const differs = (alpha: number): boolean =>
    exceeds(lowest, 1, alpha) || (options.sides === 'both' && exceeds(highest, -1, alpha));
  if (differs(options.changeAlpha)) return 'change';
  return differs(options.warningAlpha) ? 'warning' : 'none';
}
