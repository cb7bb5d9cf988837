import { MISSING_BIN } from '../binning/bins.ts';

/** Numbers a bin: sum of gradients, sum of curvatures, rows. */
export const FIELDS = 3;

/** Numbers a feature. */
export const FEATURE_SIZE: number = (MISSING_BIN + 1) * FIELDS;

/** A node's children need this much curvature; less is rounding, or rows that are all but certain (scikit-learn's). */
const MIN_CURVATURE = 1e-3;

/** The best split of a node. */
export interface BoostedSplit {
  /** by how much the loss falls, twice; 0 = there is no split */
  readonly gain: number;
  readonly feature: number;
  /** bins up to this one go left */
  readonly bin: number;
  /** side of missing values: 1 = left, 0 = right, −1 = the node has none, so none was learned */
  readonly missingLeft: -1 | 0 | 1;
}

/** Sums over the rows of a node. */
export interface NodeSums {
  readonly gradient: number;
  readonly curvature: number;
  readonly rows: number;
}

export interface SplitRules {
  /** fewest rows in a leaf */
  readonly minLeaf: number;
  readonly l2: number;
}

/** Rows of one tree with their derivatives, those of a node beside each other. */
export interface BoostedRows {
  /** row at each position */
  readonly rows: Int32Array;
  /** of each row */
  readonly gradients: Float64Array;
  readonly curvatures: Float64Array;
  readonly constantCurvature: boolean;
}

/**
 * Sums the derivatives of the rows at positions [start, end) by bin of each feature.
 *
 * @param codes bins of all rows, column-major, features × rowCount
 * @param out features × 256 × 3, overwritten
 * @param ordered memory for the derivatives of the node's rows, 2 × their number at least
 */
export function fillHistograms(
  own: BoostedRows,
  codes: Uint8Array,
  rowCount: number,
  start: number,
  end: number,
  ordered: Float64Array,
  out: Float64Array,
): void {
  const { gradients, curvatures, constantCurvature } = own;
  const rows = own.rows.subarray(start, end);
  for (let i = 0; i < rows.length; i++) {
    ordered[2 * i] = gradients[rows[i]];
    ordered[2 * i + 1] = constantCurvature ? 1 : curvatures[rows[i]];
  }
  out.fill(0);
  for (let base = 0, first = 0; base < codes.length; base += rowCount, first += FEATURE_SIZE) {
    const histogram = out.subarray(first, first + FEATURE_SIZE);
    if (constantCurvature) addConstant(rows, codes, base, ordered, histogram);
    else addVarying(rows, codes, base, ordered, histogram);
  }
}

function addVarying(
  rows: Int32Array,
  codes: Uint8Array,
  base: number,
  ordered: Float64Array,
  histogram: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const at = codes[base + rows[i]] * FIELDS;
    histogram[at] += ordered[2 * i];
    histogram[at + 1] += ordered[2 * i + 1];
    histogram[at + 2]++;
  }
}

function addConstant(
  rows: Int32Array,
  codes: Uint8Array,
  base: number,
  ordered: Float64Array,
  histogram: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const at = codes[base + rows[i]] * FIELDS;
    histogram[at] += ordered[2 * i];
    histogram[at + 2]++;
  }
  for (let at = 0; at < histogram.length; at += FIELDS) histogram[at + 1] = histogram[at + 2];
}

/** Turns the histograms of a node into those of the one child, given those of the other. */
export function subtractHistograms(node: Float64Array, child: Float64Array): void {
  for (let at = 0; at < node.length; at++) node[at] -= child[at];
}

/**
 * The split of a node that lowers the loss most; of equals the one of the first feature and bin.
 * @see Chen & Guestrin (2016), XGBoost, KDD, eq. 7, algorithm 3 (missing values to either side)
 */
export function bestSplit(
  histograms: Float64Array,
  node: NodeSums,
  { minLeaf, l2 }: SplitRules,
): BoostedSplit {
  const { gradient, curvature, rows } = node;
  let best = (gradient * gradient) / (curvature + l2);
  const before = best;
  let feature = -1;
  let cut = 0;
  let missingLeft: BoostedSplit['missingLeft'] = -1;
  for (let first = 0, j = 0; first < histograms.length; first += FEATURE_SIZE, j++) {
    const missing = first + MISSING_BIN * FIELDS;
    const sides = histograms[missing + 2] > 0 ? 2 : 1;
    for (let side = 0; side < sides; side++) {
      let leftGradient = side === 1 ? histograms[missing] : 0;
      let leftCurvature = side === 1 ? histograms[missing + 1] : 0;
      let leftRows = side === 1 ? histograms[missing + 2] : 0;
      let bin = -1;
      // With missing values on the right, all present ones may go left.
      const end = sides === 2 && side === 0 ? MISSING_BIN + 1 : MISSING_BIN;
      for (let next = 0, at = first; next < end; next++, at += FIELDS) {
        const count = histograms[at + 2];
        if (count === 0) continue;
        if (bin >= 0 && leftRows >= minLeaf) {
          if (rows - leftRows < minLeaf) break;
          const rightCurvature = curvature - leftCurvature;
          if (leftCurvature >= MIN_CURVATURE && rightCurvature >= MIN_CURVATURE) {
            const rightGradient = gradient - leftGradient;
            const left = leftCurvature + l2;
            const right = rightCurvature + l2;
            const score =
              (leftGradient * leftGradient * right + rightGradient * rightGradient * left) /
              (left * right);
            if (score > best) {
              best = score;
              feature = j;
              cut = next === MISSING_BIN ? MISSING_BIN - 1 : (bin + next) >> 1;
              missingLeft = sides === 1 ? -1 : side === 1 ? 1 : 0;
            }
          }
        }
        leftGradient += histograms[at];
        leftCurvature += histograms[at + 1];
        leftRows += count;
        bin = next;
      }
    }
  }
  return { gain: feature < 0 ? 0 : best - before, feature, bin: cut, missingLeft };
}
