import { MISSING_BIN } from '../binning/bins.ts';
import { CLASS_BITS, CLASS_MASK, cutBetween, LAST_ENTRY, record } from './criterion.ts';
import type { Bag, BestSplit, Criterion } from './criterion.ts';
import { MAX_ORDERED_ROWS, POSITION_BITS, POSITION_MASK, RowOrder } from './row-order.ts';
import { TwoClassSearch } from './two-classes.ts';
import type { TwoClassTotals } from './two-classes.ts';

/** A histogram pays from about this many rows for each class. */
const HISTOGRAM_ROWS_PER_CLASS = 100;

/**
 * Gini impurity: the score is Σ_k L_k²/L + Σ_k R_k²/R over bootstrap weights, which is largest where the
 * weighted impurity of the children is smallest. Both sums of squares are kept up to date while rows move from
 * right to left, so that a move costs the same for any number of classes.
 *
 * A class, as it holds the memory of a grower for as long as that lives.
 * @see Breiman et al. (1984), Classification and Regression Trees, §4.3
 */
export class GiniCriterion implements Criterion {
  private readonly bag: Bag;
  private readonly codes: Uint8Array;
  private readonly rowCount: number;
  private readonly classes: number;
  private readonly minLeaf: number;
  private readonly orderedRows: number;
  private readonly order: RowOrder = new RowOrder();
  private readonly histogram: Int32Array;
  private readonly occupied: Uint8Array = new Uint8Array(MISSING_BIN + 1);
  private readonly totals: Float64Array;
  /** weights on the left, 0 between scans */
  private readonly left: Float64Array;
  private weight = 0;
  private totalSquares = 0;
  private readonly twoClasses: TwoClassSearch | undefined;
  private pair: TwoClassTotals = { weight: 0, ones: 0 };

  constructor(bag: Bag, codes: Uint8Array, rowCount: number, classes: number, minLeaf: number) {
    this.bag = bag;
    this.codes = codes;
    this.rowCount = rowCount;
    this.classes = classes;
    this.minLeaf = minLeaf;
    this.orderedRows = Math.min(MAX_ORDERED_ROWS, HISTOGRAM_ROWS_PER_CLASS * classes);
    this.histogram = new Int32Array((MISSING_BIN + 1) * classes);
    this.totals = new Float64Array(classes);
    this.left = new Float64Array(classes);
    this.twoClasses = classes === 2 ? new TwoClassSearch(bag, codes, minLeaf) : undefined;
  }

  enterNode(start: number, end: number): boolean {
    const { totals, classes, minLeaf } = this;
    const { payloads } = this.bag;
    totals.fill(0);
    let weight = 0;
    for (let i = start; i < end; i++) {
      totals[payloads[i] & CLASS_MASK] += payloads[i] >> CLASS_BITS;
      weight += payloads[i] >> CLASS_BITS;
    }
    let squares = 0;
    for (let k = 0; k < classes; k++) squares += totals[k] * totals[k];
    this.weight = weight;
    this.totalSquares = squares;
    if (classes === 2) this.pair = { weight, ones: totals[1] };
    return squares === weight * weight || weight < 2 * minLeaf;
  }

  searchFeature(feature: number, start: number, end: number, best: BestSplit): void {
    const base = feature * this.rowCount;
    const count = end - start;
    if (this.twoClasses?.search(feature, base, start, end, this.pair, best) === true) return;
    if (count <= this.orderedRows) {
      if (!this.order.sort(this.codes, base, this.bag.rows, start, end)) return;
      const missing = this.order.present < count;
      this.scanOrder(feature, start, count, missing ? 0 : -1, best);
      if (missing) this.scanOrder(feature, start, count, 1, best);
      return;
    }
    this.fillHistogram(base, start, end);
    const missing = this.isOccupied(MISSING_BIN);
    this.scanHistogram(feature, missing ? 0 : -1, best);
    if (missing) this.scanHistogram(feature, 1, best);
  }

  writeLeaf(leafClasses: Uint16Array, values: Float32Array, at: number): number {
    const { totals, classes, weight } = this;
    for (let k = 0; k < classes; k++) {
      if (totals[k] === 0) continue;
      leafClasses[at] = k;
      values[at++] = totals[k] / weight;
    }
    leafClasses[at - 1] |= LAST_ENTRY;
    return at;
  }

  /** Tries the cuts of ordered rows; those without a value are last in the order. */
  private scanOrder(
    feature: number,
    start: number,
    count: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const { totals, left, weight, minLeaf } = this;
    const { keys, present } = this.order;
    const { payloads } = this.bag;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = this.totalSquares;
    const missingFirst = missingLeft === 1 ? count - present : 0;
    const cuts = Math.min(present, missingFirst > 0 ? present - 1 : count - 1);
    for (let c = -missingFirst; c < cuts; c++) {
      const key = keys[c < 0 ? present - 1 - c : c];
      const payload = payloads[start + (key & POSITION_MASK)];
      const k = payload & CLASS_MASK;
      const w = payload >> CLASS_BITS;
      leftSquares += w * (2 * left[k] + w);
      rightSquares += w * (w - 2 * (totals[k] - left[k]));
      left[k] += w;
      leftWeight += w;
      if (c < 0) continue;
      const bin = key >> POSITION_BITS;
      const next = keys[c + 1] >> POSITION_BITS;
      const rightWeight = weight - leftWeight;
      if (bin === next || leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const score = leftSquares / leftWeight + rightSquares / rightWeight;
      if (score > best.score) record(best, score, feature, cutBetween(bin, next), missingLeft);
    }
    for (let i = start; i < start + count; i++) left[payloads[i] & CLASS_MASK] = 0;
  }

  /** The same from a histogram. */
  private scanHistogram(
    feature: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const { histogram, occupied, classes, totals, left, weight, minLeaf } = this;
    const bins = this.listOccupied(missingLeft);
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = this.totalSquares;
    for (let b = 0; b < bins - 1; b++) {
      const bin = occupied[b];
      for (let k = 0, at = bin * classes; k < classes; k++, at++) {
        const w = histogram[at];
        leftSquares += w * (2 * left[k] + w);
        rightSquares += w * (w - 2 * (totals[k] - left[k]));
        left[k] += w;
        leftWeight += w;
      }
      const rightWeight = weight - leftWeight;
      if (bin === MISSING_BIN || leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const score = leftSquares / leftWeight + rightSquares / rightWeight;
      if (score > best.score) {
        record(best, score, feature, cutBetween(bin, occupied[b + 1]), missingLeft);
      }
    }
    left.fill(0);
  }

  /** Lists the occupied bins in the order in which they move left; returns how many there are. */
  private listOccupied(missingLeft: BestSplit['missingLeft']): number {
    const { occupied } = this;
    let bins = 0;
    if (missingLeft === 1) occupied[bins++] = MISSING_BIN;
    for (let bin = 0; bin < MISSING_BIN; bin++) if (this.isOccupied(bin)) occupied[bins++] = bin;
    if (missingLeft === 0) occupied[bins++] = MISSING_BIN;
    return bins;
  }

  private isOccupied(bin: number): boolean {
    const { histogram, classes } = this;
    for (let k = 0, at = bin * classes; k < classes; k++) if (histogram[at++] !== 0) return true;
    return false;
  }

  private fillHistogram(base: number, start: number, end: number): void {
    const { histogram, codes, classes } = this;
    const { rows, payloads } = this.bag;
    histogram.fill(0);
    for (let i = start; i < end; i++) {
      const payload = payloads[i];
      const at = codes[base + rows[i]] * classes + (payload & CLASS_MASK);
      histogram[at] += payload >> CLASS_BITS;
    }
  }
}
