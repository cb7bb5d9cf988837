import { MISSING_BIN } from '../binning/bins.ts';
import { CLASS_BITS, CLASS_MASK, cutBetween, record } from './criterion.ts';
import type { Bag, BestSplit } from './criterion.ts';

/** A pass over all bins pays from about this many rows; below, only bins that have a row are visited. */
const DENSE_ROWS = 160;

/** The two sums of a node that a search needs. */
export interface TwoClassTotals {
  readonly weight: number;
  /** weight of class 1 */
  readonly ones: number;
}

/**
 * The Gini search for two classes and a feature without missing values in the node: by far the most frequent
 * case, and the same splits as `GiniCriterion` finds in general.
 *
 * A class, as it holds the memory of a grower for as long as that lives.
 */
export class TwoClassSearch {
  private readonly codes: Uint8Array;
  private readonly bag: Bag;
  private readonly minLeaf: number;
  /** weights by bin and class; 0 between searches of few rows */
  private readonly sparse: Int32Array = new Int32Array(2 * (MISSING_BIN + 1));
  private readonly dense: Int32Array = new Int32Array(2 * (MISSING_BIN + 1));
  /** a bit for each bin that has a row; 0 between searches */
  private readonly occupied: Int32Array = new Int32Array(8);

  constructor(bag: Bag, codes: Uint8Array, minLeaf: number) {
    this.bag = bag;
    this.codes = codes;
    this.minLeaf = minLeaf;
  }

  /** Improves `best`; false, and nothing is done, if the node has a missing value of the feature. */
  search(
    feature: number,
    base: number,
    start: number,
    end: number,
    totals: TwoClassTotals,
    best: BestSplit,
  ): boolean {
    return end - start > DENSE_ROWS
      ? this.searchDense(feature, base, start, end, totals, best)
      : this.searchSparse(feature, base, start, end, totals, best);
  }

  private searchDense(
    feature: number,
    base: number,
    start: number,
    end: number,
    { weight, ones }: TwoClassTotals,
    best: BestSplit,
  ): boolean {
    const { dense, codes, minLeaf } = this;
    const { rows, payloads } = this.bag;
    dense.fill(0);
    for (let i = start; i < end; i++) {
      const payload = payloads[i];
      dense[2 * codes[base + rows[i]] + (payload & CLASS_MASK)] += payload >> CLASS_BITS;
    }
    if (dense[2 * MISSING_BIN] + dense[2 * MISSING_BIN + 1] !== 0) return false;
    let score = best.score;
    let cut = -1;
    let left = 0;
    let leftOnes = 0;
    let before = -1;
    for (let bin = 0; bin < MISSING_BIN; bin++) {
      const zero = dense[2 * bin];
      const one = dense[2 * bin + 1];
      if (zero + one === 0) continue;
      const right = weight - left;
      if (before >= 0 && left >= minLeaf && right >= minLeaf) {
        const own = splitScore(weight, left, leftOnes, right, ones - leftOnes);
        if (own > score) {
          score = own;
          cut = cutBetween(before, bin);
        }
      }
      left += zero + one;
      leftOnes += one;
      before = bin;
    }
    if (cut >= 0) record(best, score, feature, cut, -1);
    return true;
  }

  private searchSparse(
    feature: number,
    base: number,
    start: number,
    end: number,
    { weight, ones }: TwoClassTotals,
    best: BestSplit,
  ): boolean {
    const { sparse, occupied, codes, minLeaf } = this;
    const { rows, payloads } = this.bag;
    for (let i = start; i < end; i++) {
      const payload = payloads[i];
      const bin = codes[base + rows[i]];
      sparse[2 * bin + (payload & CLASS_MASK)] += payload >> CLASS_BITS;
      occupied[bin >> 5] |= 1 << (bin & 31);
    }
    // The sign is the bit of the missing bin.
    const missing = occupied[7] < 0;
    let score = missing ? Infinity : best.score;
    let cut = -1;
    let left = 0;
    let leftOnes = 0;
    let before = -1;
    for (let word = 0; word < 8; word++) {
      let bits = occupied[word];
      occupied[word] = 0;
      while (bits !== 0) {
        const bin = (word << 5) + 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        const zero = sparse[2 * bin];
        const one = sparse[2 * bin + 1];
        sparse[2 * bin] = 0;
        sparse[2 * bin + 1] = 0;
        const right = weight - left;
        if (before >= 0 && left >= minLeaf && right >= minLeaf) {
          const own = splitScore(weight, left, leftOnes, right, ones - leftOnes);
          if (own > score) {
            score = own;
            cut = cutBetween(before, bin);
          }
        }
        left += zero + one;
        leftOnes += one;
        before = bin;
      }
    }
    if (cut >= 0) record(best, score, feature, cut, -1);
    return !missing;
  }
}

/** Σ_k L_k²/L + Σ_k R_k²/R, as L_0²/L + L_1²/L = L − 2·L_0·L_1/L, with one division for both sides. */
function splitScore(
  weight: number,
  left: number,
  leftOnes: number,
  right: number,
  rightOnes: number,
): number {
  const mixed = (left - leftOnes) * leftOnes * right + (right - rightOnes) * rightOnes * left;
  return weight - (2 * mixed) / (left * right);
}
