import { MISSING_BIN } from './bins.ts';
import { CLASS_BITS, cutBetween, LAST_ENTRY, record } from './criterion.ts';
import type { Bag, BestSplit, Criterion } from './criterion.ts';
import { createRowOrder, POSITION_BITS, POSITION_MASK } from './row-order.ts';

/** A histogram pays from about this many rows. */
const ORDERED_ROWS = 200;

/**
 * Squared error: the score is S_L²/L + S_R²/R with S the weighted sum of the outcomes, which is largest where
 * the squared error around the means of the children is smallest.
 * @see Breiman et al. (1984), Classification and Regression Trees, §8.3
 */
export function squaredErrorCriterion(
  bag: Bag,
  codes: Uint8Array,
  rowCount: number,
  outcomes: Float64Array,
  minLeaf: number,
): Criterion {
  const order = createRowOrder();
  const weights = new Int32Array(MISSING_BIN + 1);
  const sums = new Float64Array(MISSING_BIN + 1);
  let weight = 0;
  let sum = 0;

  /** Tries the cuts of ordered rows; those without a value are last in the order. */
  function scanOrder(
    feature: number,
    start: number,
    count: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const { keys, present } = order;
    const { rows, payloads } = bag;
    const total = weight;
    const totalSum = sum;
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
      const rightWeight = total - leftWeight;
      if (bin === next || leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const rightSum = totalSum - leftSum;
      const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight;
      if (score > best.score) record(best, score, feature, cutBetween(bin, next), missingLeft);
    }
  }

  /** The same from a histogram. */
  function scanHistogram(
    feature: number,
    missingLeft: BestSplit['missingLeft'],
    best: BestSplit,
  ): void {
    const total = weight;
    const totalSum = sum;
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
      const rightWeight = total - leftWeight;
      if (leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const rightSum = totalSum - leftSum;
      const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight;
      if (score > best.score) record(best, score, feature, cutBetween(before, next), missingLeft);
    }
  }

  function fillHistogram(base: number, start: number, end: number): void {
    const { rows, payloads } = bag;
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

  return {
    enterNode(start, end) {
      const { rows, payloads } = bag;
      weight = 0;
      sum = 0;
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
      return low === high || weight < 2 * minLeaf;
    },

    searchFeature(feature, start, end, best) {
      const base = feature * rowCount;
      const count = end - start;
      if (count <= ORDERED_ROWS) {
        if (!order.sort(codes, base, bag.rows, start, end)) return;
        const missing = order.present < count;
        scanOrder(feature, start, count, missing ? 0 : -1, best);
        if (missing) scanOrder(feature, start, count, 1, best);
        return;
      }
      fillHistogram(base, start, end);
      const missing = weights[MISSING_BIN] !== 0;
      scanHistogram(feature, missing ? 0 : -1, best);
      if (missing) scanHistogram(feature, 1, best);
    },

    writeLeaf(leafClasses, values, at) {
      leafClasses[at] = LAST_ENTRY;
      values[at] = sum / weight;
      return at + 1;
    },
  };
}
