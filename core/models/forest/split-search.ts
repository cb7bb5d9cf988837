import { MISSING_BIN } from './bins.ts';

/** Below this many rows bins are found through a bit mask; above, all are looked at. */
const DENSE_ROWS = 160;

/** Bits of a payload that hold the class; the ones above hold the bootstrap weight. */
export const CLASS_BITS = 16;
const CLASS_MASK = (1 << CLASS_BITS) - 1;

/** The best split of a node so far. A larger score is a smaller impurity of the two children. */
export interface BestSplit {
  score: number;
  /** −1 = none yet */
  feature: number;
  /** bins up to this one go left */
  bin: number;
  /** side of missing values: 1 = left, 0 = right, −1 = the node has none, so none was learned */
  missingLeft: -1 | 0 | 1;
}

/** Rows of one tree, those of a node beside each other; a node is a range of positions. */
export interface Bag {
  /** row at each position */
  readonly rows: Int32Array;
  /** weight << CLASS_BITS | class, of the row at each position; the class is 0 for regression */
  readonly payloads: Int32Array;
}

/** What the purpose of the trees decides: how good a split is, and what a leaf says. */
export interface Criterion {
  /** Sums up the node at positions [start, end); is it pure, or too light for two leaves? */
  enterNode(start: number, end: number): boolean;
  /** Tries the splits of a feature at that node; improves `best`. */
  searchFeature(feature: number, start: number, end: number, best: BestSplit): void;
  /** Appends what that node says as a leaf to the entries; returns how many there are then. */
  writeLeaf(classes: Uint16Array, values: Float32Array, at: number): number;
}

/** Set in the class of the last entry of a leaf. */
export const LAST_ENTRY = 0x8000;

/**
 * Gini impurity: the score is Σ_k L_k²/L + Σ_k R_k²/R over bootstrap weights, which is largest where the
 * weighted impurity of the children is smallest.
 * @see Breiman et al. (1984), Classification and Regression Trees, §4.3
 */
export function giniCriterion(
  bag: Bag,
  codes: Uint8Array,
  rowCount: number,
  classes: number,
  minLeaf: number,
): Criterion {
  const histogram = new Int32Array((MISSING_BIN + 1) * classes);
  const totals = new Float64Array(classes);
  const left = new Float64Array(classes);
  const occupied = new OccupiedBins();
  let weight = 0;

  /** Tries all cuts of the occupied bins; the missing bin, if any, is on the left when `missingLeft`. */
  function scan(feature: number, hasMissing: boolean, missingLeft: boolean, best: BestSplit): void {
    const { bins, count } = occupied;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = 0;
    for (let k = 0; k < classes; k++) {
      left[k] = 0;
      rightSquares += totals[k] * totals[k];
    }
    // The missing bin is moved first when it goes left; no cut is tried between it and the first bin.
    const cuts = hasMissing && !missingLeft ? count : count - 1;
    for (let c = missingLeft ? -1 : 0; c < cuts; c++) {
      const bin = c < 0 ? MISSING_BIN : bins[c];
      for (let k = 0, at = bin * classes; k < classes; k++, at++) {
        const h = histogram[at];
        if (h === 0) continue;
        leftSquares += h * (2 * left[k] + h);
        rightSquares += h * (h - 2 * (totals[k] - left[k]));
        left[k] += h;
        leftWeight += h;
      }
      const rightWeight = weight - leftWeight;
      if (c < 0 || leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const score = leftSquares / leftWeight + rightSquares / rightWeight;
      if (score > best.score) {
        best.score = score;
        best.feature = feature;
        best.bin = cutAfter(bins, count, c);
        best.missingLeft = hasMissing ? (missingLeft ? 1 : 0) : -1;
      }
    }
  }

  /** The same for two classes and no missing values, by far the most frequent case. */
  function scanTwo(feature: number, best: BestSplit): void {
    const { bins, count } = occupied;
    const total1 = totals[1];
    let left0 = 0;
    let left1 = 0;
    let bestScore = best.score;
    let bestCut = -1;
    for (let c = 0; c < count - 1; c++) {
      const at = bins[c] << 1;
      left0 += histogram[at];
      left1 += histogram[at + 1];
      const leftWeight = left0 + left1;
      const rightWeight = weight - leftWeight;
      if (leftWeight < minLeaf || rightWeight < minLeaf) continue;
      // Σ_k L_k²/L = L − 2·L_0·L_1/L for two classes
      const right1 = total1 - left1;
      const right0 = rightWeight - right1;
      const score = weight - 2 * ((left0 * left1) / leftWeight + (right0 * right1) / rightWeight);
      if (score > bestScore) {
        bestScore = score;
        bestCut = c;
      }
    }
    if (bestCut < 0) return;
    best.score = bestScore;
    best.feature = feature;
    best.bin = cutAfter(bins, count, bestCut);
    best.missingLeft = -1;
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
      let largest = 0;
      for (let k = 0; k < classes; k++) if (totals[k] > largest) largest = totals[k];
      return largest === weight || weight < 2 * minLeaf;
    },

    searchFeature(feature, start, end, best) {
      const { rows, payloads } = bag;
      const base = feature * rowCount;
      const dense = end - start > DENSE_ROWS;
      if (dense) {
        for (let i = start; i < end; i++) {
          const payload = payloads[i];
          const at = codes[base + rows[i]] * classes + (payload & CLASS_MASK);
          histogram[at] += payload >> CLASS_BITS;
        }
        occupied.collectFromHistogram(histogram, classes);
      } else {
        const { mask } = occupied;
        for (let i = start; i < end; i++) {
          const payload = payloads[i];
          const bin = codes[base + rows[i]];
          mask[bin >> 5] |= 1 << (bin & 31);
          histogram[bin * classes + (payload & CLASS_MASK)] += payload >> CLASS_BITS;
        }
        occupied.collectFromMask();
      }
      if (occupied.missing) {
        scan(feature, true, false, best);
        scan(feature, true, true, best);
      } else if (classes === 2) scanTwo(feature, best);
      else scan(feature, false, false, best);
      occupied.clear(histogram, classes, dense);
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
  const weights = new Int32Array(MISSING_BIN + 1);
  const sums = new Float64Array(MISSING_BIN + 1);
  const occupied = new OccupiedBins();
  let weight = 0;
  let sum = 0;

  function scan(feature: number, hasMissing: boolean, missingLeft: boolean, best: BestSplit): void {
    const { bins, count } = occupied;
    let leftWeight = missingLeft ? weights[MISSING_BIN] : 0;
    let leftSum = missingLeft ? sums[MISSING_BIN] : 0;
    let bestScore = best.score;
    let bestCut = -1;
    const cuts = hasMissing && !missingLeft ? count : count - 1;
    for (let c = 0; c < cuts; c++) {
      leftWeight += weights[bins[c]];
      leftSum += sums[bins[c]];
      const rightWeight = weight - leftWeight;
      if (leftWeight < minLeaf || rightWeight < minLeaf) continue;
      const rightSum = sum - leftSum;
      const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight;
      if (score > bestScore) {
        bestScore = score;
        bestCut = c;
      }
    }
    if (bestCut < 0) return;
    best.score = bestScore;
    best.feature = feature;
    best.bin = cutAfter(bins, count, bestCut);
    best.missingLeft = hasMissing ? (missingLeft ? 1 : 0) : -1;
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
      const { rows, payloads } = bag;
      const base = feature * rowCount;
      const dense = end - start > DENSE_ROWS;
      const { mask } = occupied;
      for (let i = start; i < end; i++) {
        const row = rows[i];
        const w = payloads[i] >> CLASS_BITS;
        const bin = codes[base + row];
        if (!dense) mask[bin >> 5] |= 1 << (bin & 31);
        weights[bin] += w;
        sums[bin] += w * outcomes[row];
      }
      if (dense) occupied.collectFromHistogram(weights, 1);
      else occupied.collectFromMask();
      scan(feature, occupied.missing, false, best);
      if (occupied.missing) scan(feature, true, true, best);
      occupied.clear(weights, 1, dense);
      occupied.clear(sums, 1, dense);
    },

    writeLeaf(leafClasses, values, at) {
      leafClasses[at] = LAST_ENTRY;
      values[at] = sum / weight;
      return at + 1;
    },
  };
}

/** Half way to the next occupied bin, so that values between the two go with the nearer one. */
function cutAfter(bins: Uint8Array, count: number, c: number): number {
  return c + 1 < count ? (bins[c] + bins[c + 1]) >> 1 : MISSING_BIN - 1;
}

/** The bins in which a node has rows: `count` of values, ascending, and whether the missing bin is among them. */
class OccupiedBins {
  readonly bins: Uint8Array = new Uint8Array(MISSING_BIN + 1);
  /** a bit for each bin, to be set before `collectFromMask`, which clears it */
  readonly mask: Int32Array = new Int32Array(8);
  count = 0;
  missing = false;

  collectFromHistogram(histogram: Int32Array, width: number): void {
    let count = 0;
    for (let bin = 0; bin < MISSING_BIN; bin++) {
      if (isOccupied(histogram, bin, width)) this.bins[count++] = bin;
    }
    this.count = count;
    this.missing = isOccupied(histogram, MISSING_BIN, width);
  }

  collectFromMask(): void {
    const { bins, mask } = this;
    const missing = mask[7] < 0;
    if (missing) mask[7] &= 0x7fffffff;
    let count = 0;
    for (let word = 0; word < 8; word++) {
      let bits = mask[word];
      mask[word] = 0;
      while (bits !== 0) {
        const lowest = bits & -bits;
        bins[count++] = (word << 5) + 31 - Math.clz32(lowest);
        bits ^= lowest;
      }
    }
    this.count = count;
    this.missing = missing;
  }

  /** Zeroes a histogram: whole if it was filled densely, else only where it was touched. */
  clear(histogram: Int32Array | Float64Array, width: number, dense: boolean): void {
    if (dense) {
      histogram.fill(0);
      return;
    }
    for (let c = 0; c < this.count; c++) {
      for (let k = 0, at = this.bins[c] * width; k < width; k++) histogram[at++] = 0;
    }
    if (this.missing) histogram.fill(0, MISSING_BIN * width);
  }
}

function isOccupied(histogram: Int32Array, bin: number, width: number): boolean {
  for (let k = 0, at = bin * width; k < width; k++) if (histogram[at++] !== 0) return true;
  return false;
}
