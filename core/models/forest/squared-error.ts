import { MISSING_BIN } from '../binning/bins.ts';
import { CLASS_BITS, cutBetween, LAST_ENTRY, record } from './criterion.ts';
import type { Bag, BestSplit, Criterion } from './criterion.ts';
import { POSITION_BITS, POSITION_MASK, RowOrder } from './row-order.ts';

/** A histogram pays from about this many rows. */
const ORDERED_ROWS = 200;

/**
 * Squared error: the score is S_L²/L + S_R²/R with S the weighted sum of the outcomes, which is largest where
 * the squared error around the means of the children is smallest.
 *
 * A class, as it holds the memory of a grower for as long as that lives.
 * @see Breiman et al. (1984), Classification and Regression Trees, §8.3
 */
export class SquaredErrorCriterion implements Criterion {
  private readonly bag: Bag;
  private readonly codes: Uint8Array;
  private readonly rowCount: number;
  private readonly outcomes: Float64Array;
  private readonly minLeaf: number;
  private readonly order: RowOrder = new RowOrder();
  private readonly weights: Int32Array = new Int32Array(MISSING_BIN + 1);
  private readonly sums: Float64Array = new Float64Array(MISSING_BIN + 1);
  private weight = 0;
  private sum = 0;

  constructor(
    bag: Bag,
    codes: Uint8Array,
    rowCount: number,
    outcomes: Float64Array,
    minLeaf: number,
  ) {
    this.bag = bag;
    this.codes = codes;
    this.rowCount = rowCount;
    this.outcomes = outcomes;
    this.minLeaf = minLeaf;
  }

  enterNode(start: number, end: number): boolean {
    const { outcomes, minLeaf } = this;
    const { rows, payloads } = this.bag;
    let weight = 0;
    let sum = 0;
    let low = Infinity;
    let high = -Infinity;
    for (let i = start; i < end; i++) {
      const w = payloads[i] >> CLASS_BITS;
      const y = outcomes[rows[i]];
      weight += w;
      sum += w * y;
      if (y < low) low = y;
      if (y > high) high = y;
    }
    this.weight = weight;
    this.sum = sum;
    return low === high || weight < 2 * minLeaf;
  }

  searchFeature(feature: number, start: number, end: number, best: BestSplit): void {
    const base = feature * this.rowCount;
    const count = end - start;
    if (count <= ORDERED_ROWS) {
      if (!this.order.sort(this.codes, base, this.bag.rows, start, end)) return;
      const missing = this.order.present < count;
      this.scanOrder(feature, start, count, missing ? 0 : -1, best);
      if (missing) this.scanOrder(feature, start, count, 1, best);
      return;
    }
    this.fillHistogram(base, start, end);
    const missing = this.weights[MISSING_BIN] !== 0;
    this.scanHistogram(feature, missing ? 0 : -1, best);
    if (missing) this.scanHistogram(feature, 1, best);
  }

  writeLeaf(leafClasses: Uint16Array, values: Float32Array, at: number): number {
    leafClasses[at] = LAST_ENTRY;
    values[at] = this.sum / this.weight;
    return at + 1;
  }

  /** Tries the cuts of ordered rows; those without a value are last in the order. */
  private scanOrder(
    feature: number,
    start: number,
    count: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const { outcomes, weight, sum, minLeaf } = this;
    const { keys, present } = this.order;
    const { rows, payloads } = this.bag;
    let leftWeight = 0;
    let leftSum = 0;
    const missingFirst = missingLeft === 1 ? count - present : 0;
    const cuts = Math.min(present, missingFirst > 0 ? present - 1 : count - 1);
    for (let c = -missingFirst; c < cuts; c++) {
      const key = keys[c < 0 ? present - 1 - c : c];
      const i = start + (key & POSITION_MASK);
      const w = payloads[i] >> CLASS_BITS;
      leftWeight += w;
      leftSum += w * outcomes[rows[i]];
      if (c < 0) continue;
      const bin = key >> POSITION_BITS;
      const next = keys[c + 1] >> POSITION_BITS;
      const rightWeight = weight - leftWeight;
      if (bin === next || leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const rightSum = sum - leftSum;
      const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight;
      if (score > best.score) record(best, score, feature, cutBetween(bin, next), missingLeft);
    }
  }

  /** The same from a histogram. */
  private scanHistogram(
    feature: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const { weights, sums, weight, sum, minLeaf } = this;
    let leftWeight = missingLeft === 1 ? weights[MISSING_BIN] : 0;
    let leftSum = missingLeft === 1 ? sums[MISSING_BIN] : 0;
    let bin = -1;
    for (let next = 0; next <= MISSING_BIN; next++) {
      if (weights[next] === 0 || (next === MISSING_BIN && missingLeft !== 0)) continue;
      const before = bin;
      bin = next;
      if (before < 0) continue;
      leftWeight += weights[before];
      leftSum += sums[before];
      const rightWeight = weight - leftWeight;
      if (leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const rightSum = sum - leftSum;
      const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight;
      if (score > best.score) record(best, score, feature, cutBetween(before, next), missingLeft);
    }
  }

  private fillHistogram(base: number, start: number, end: number): void {
    const { weights, sums, codes, outcomes } = this;
    const { rows, payloads } = this.bag;
    weights.fill(0);
    sums.fill(0);
    for (let i = start; i < end; i++) {
      const row = rows[i];
      const bin = codes[base + row];
      const w = payloads[i] >> CLASS_BITS;
      weights[bin] += w;
      sums[bin] += w * outcomes[row];
    }
  }
}
