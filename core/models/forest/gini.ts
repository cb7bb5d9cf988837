import { MISSING_BIN } from './bins.ts';
import { CLASS_BITS, CLASS_MASK, cutBetween, LAST_ENTRY, record } from './criterion.ts';
import type { Bag, BestSplit, Criterion } from './criterion.ts';
import { createRowOrder, MAX_ORDERED_ROWS, POSITION_BITS, POSITION_MASK } from './row-order.ts';

/** A histogram pays from about this many rows for each class. */
const HISTOGRAM_ROWS_PER_CLASS = 100;

/**
 * Gini impurity: the score is Σ_k L_k²/L + Σ_k R_k²/R over bootstrap weights, which is largest where the
 * weighted impurity of the children is smallest. Both sums of squares are kept up to date while rows move from
 * right to left, so that a move costs the same for any number of classes.
 * @see Breiman et al. (1984), Classification and Regression Trees, §4.3
 */
export function giniCriterion(
  bag: Bag,
  codes: Uint8Array,
  rowCount: number,
  classes: number,
  minLeaf: number,
): Criterion {
  const orderedRows = Math.min(MAX_ORDERED_ROWS, HISTOGRAM_ROWS_PER_CLASS * classes);
  const order = createRowOrder();
  const histogram = new Int32Array((MISSING_BIN + 1) * classes);
  const totals = new Float64Array(classes);
  /** weights on the left, 0 between scans */
  const left = new Float64Array(classes);
  const occupied = new Uint8Array(MISSING_BIN + 1);
  let weight = 0;
  let totalSquares = 0;

  /** Tries the cuts of ordered rows; those without a value are last in the order. */
  function scanOrder(
    feature: number,
    start: number,
    count: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const { keys, present } = order;
    const { payloads } = bag;
    const total = weight;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = totalSquares;
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
      const rightWeight = total - leftWeight;
      if (bin === next || leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const score = leftSquares / leftWeight + rightSquares / rightWeight;
      if (score > best.score) record(best, score, feature, cutBetween(bin, next), missingLeft);
    }
    for (let i = start; i < start + count; i++) left[payloads[i] & CLASS_MASK] = 0;
  }

  /** The same from a histogram. */
  function scanHistogram(
    feature: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const bins = occupiedBins(missingLeft);
    const total = weight;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = totalSquares;
    for (let b = 0; b < bins - 1; b++) {
      const bin = occupied[b];
      for (let k = 0, at = bin * classes; k < classes; k++, at++) {
        const w = histogram[at];
        if (w === 0) continue;
        leftSquares += w * (2 * left[k] + w);
        rightSquares += w * (w - 2 * (totals[k] - left[k]));
        left[k] += w;
        leftWeight += w;
      }
      const rightWeight = total - leftWeight;
      if (bin === MISSING_BIN || leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const score = leftSquares / leftWeight + rightSquares / rightWeight;
      if (score > best.score) {
        record(best, score, feature, cutBetween(bin, occupied[b + 1]), missingLeft);
      }
    }
    left.fill(0);
  }

  /** Lists the occupied bins in the order in which they move left; returns how many there are. */
  function occupiedBins(missingLeft: BestSplit['missingLeft']): number {
    let bins = 0;
    if (missingLeft === 1) occupied[bins++] = MISSING_BIN;
    for (let bin = 0; bin < MISSING_BIN; bin++) if (isOccupied(bin)) occupied[bins++] = bin;
    if (missingLeft === 0) occupied[bins++] = MISSING_BIN;
    return bins;
  }

  function isOccupied(bin: number): boolean {
    for (let k = 0, at = bin * classes; k < classes; k++) if (histogram[at++] !== 0) return true;
    return false;
  }

  function fillHistogram(base: number, start: number, end: number): void {
    const { rows, payloads } = bag;
    histogram.fill(0);
    for (let i = start; i < end; i++) {
      const payload = payloads[i];
      const at = codes[base + rows[i]] * classes + (payload & CLASS_MASK);
      histogram[at] += payload >> CLASS_BITS;
    }
  }

  return {
    enterNode(start, end) {
      const { payloads } = bag;
      totals.fill(0);
      weight = 0;
      for (let i = start; i < end; i++) {
        totals[payloads[i] & CLASS_MASK] += payloads[i] >> CLASS_BITS;
        weight += payloads[i] >> CLASS_BITS;
      }
      totalSquares = 0;
      for (let k = 0; k < classes; k++) totalSquares += totals[k] * totals[k];
      return totalSquares === weight * weight || weight < 2 * minLeaf;
    },

    searchFeature(feature, start, end, best) {
      const base = feature * rowCount;
      const count = end - start;
      if (count <= orderedRows) {
        if (!order.sort(codes, base, bag.rows, start, end)) return;
        const missing = order.present < count;
        scanOrder(feature, start, count, missing ? 0 : -1, best);
        if (missing) scanOrder(feature, start, count, 1, best);
        return;
      }
      fillHistogram(base, start, end);
      const missing = isOccupied(MISSING_BIN);
      scanHistogram(feature, missing ? 0 : -1, best);
      if (missing) scanHistogram(feature, 1, best);
    },

    writeLeaf(leafClasses, values, at) {
      for (let k = 0; k < classes; k++) {
        if (totals[k] === 0) continue;
        leafClasses[at] = k;
        values[at++] = totals[k] / weight;
      }
      leafClasses[at - 1] |= LAST_ENTRY;
      return at;
    },
  };
}
