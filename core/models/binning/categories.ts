import type { Targets } from '../input/targets.ts';
import { MAX_BINS, MISSING_BIN } from './bins.ts';

/** Rows of the overall outcome that each category is mixed with, so that rare ones say little. */
const PRIOR_ROWS = 10;

/** Steps of the power iteration that finds the first principal component of the class shares. */
const POWER_STEPS = 100;

/**
 * Bins of a categorical feature: its categories ordered by their outcome, so that a split of the order is a
 * split of the categories, without one column a category.
 *
 * The order is that of the mean outcome (regression), of the class share (two classes) or of the first
 * principal component of the class shares (more), each mixed with the overall one by 10 rows. Against that
 * prior a category not in the dictionary scores 0 and is put among the categories of average outcome. More
 * than 255 categories share bins with their neighbours in the order.
 *
 * @param codes one a row; −1 = missing
 * @param categories size of the dictionary; codes are below it
 * @param weights of the rows, above 0: a row of weight 2 counts as two equal rows; absent: all 1
 * @returns bin of each code, and at index `categories` the bin of a category that is not in the dictionary
 * @see Fisher (1958), JASA 53:789–798; Coppersmith, Hong & Hosking (1999), Data Min. Knowl. Disc. 3:197–217;
 *   Wright & König (2019), PeerJ 7:e6339 (ordering once before growing)
 */
export function categoryBins(
  codes: Int32Array,
  categories: number,
  targets: Targets,
  weights?: Float64Array,
): Uint8Array {
  const own = weights ?? new Float64Array(codes.length).fill(1);
  const scores = categoryScores(codes, categories, targets, own);
  const order = Array.from(scores, (_, code) => code).sort(
    (a, b) => scores[a] - scores[b] || a - b,
  );
  const bins = new Uint8Array(categories + 1);
  const positions = Math.max(1, order.length);
  const binAt = (position: number): number =>
    positions <= MAX_BINS ? position : Math.floor((position * MAX_BINS) / positions);
  order.forEach((code, position) => {
    bins[code] = binAt(position);
  });
  bins[categories] = categories === 0 ? MISSING_BIN : bins[nearestToZero(scores)];
  return bins;
}

function nearestToZero(scores: Float64Array): number {
  let nearest = 0;
  for (let code = 1; code < scores.length; code++) {
    if (Math.abs(scores[code]) < Math.abs(scores[nearest])) nearest = code;
  }
  return nearest;
}

function categoryScores(
  codes: Int32Array,
  categories: number,
  targets: Targets,
  weights: Float64Array,
): Float64Array {
  if (targets.kind === 'regression') return meanScores(codes, categories, targets.values, weights);
  const { classes } = targets;
  const deviations = shareDeviations(codes, categories, targets, weights);
  const axis = principalAxis(deviations, classes);
  return Float64Array.from({ length: categories }, (_, code) => {
    let score = 0;
    for (let k = 0; k < classes; k++) score += deviations.data[code * classes + k] * axis[k];
    return score;
  });
}

/** Shrunken mean outcome of each category minus the overall mean. */
function meanScores(
  codes: Int32Array,
  categories: number,
  values: Float64Array,
  weights: Float64Array,
): Float64Array {
  let mean = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total += weights[i];
    mean += (weights[i] * (values[i] - mean)) / total;
  }
  const sums = new Float64Array(categories);
  const counts = new Float64Array(categories);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] < 0) continue;
    sums[codes[i]] += weights[i] * (values[i] - mean);
    counts[codes[i]] += weights[i];
  }
  return sums.map((sum, code) => sum / (counts[code] + PRIOR_ROWS));
}

/** Shrunken class shares of each category minus the overall ones (row-major), with the weight of each category. */
function shareDeviations(
  codes: Int32Array,
  categories: number,
  { labels, classes }: Extract<Targets, { kind: 'classification' }>,
  weights: Float64Array,
): { readonly data: Float64Array; readonly counts: Float64Array } {
  const data = new Float64Array(categories * classes);
  const counts = new Float64Array(categories);
  const overall = new Float64Array(classes);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < codes.length; i++) {
    overall[labels[i]] += weights[i] / total;
    if (codes[i] < 0) continue;
    data[codes[i] * classes + labels[i]] += weights[i];
    counts[codes[i]] += weights[i];
  }
  for (let code = 0; code < categories; code++) {
    for (let k = 0; k < classes; k++) {
      const at = code * classes + k;
      data[at] = (data[at] - counts[code] * overall[k]) / (counts[code] + PRIOR_ROWS);
    }
  }
  return { data, counts };
}

/** Direction in which the class shares of the categories differ most, found by power iteration. */
function principalAxis(
  deviations: { readonly data: Float64Array; readonly counts: Float64Array },
  classes: number,
): Float64Array {
  const { data, counts } = deviations;
  let axis = Float64Array.from({ length: classes }, (_, k) => k + 1);
  for (let step = 0; step < POWER_STEPS; step++) {
    const next = new Float64Array(classes);
    for (let code = 0; code < counts.length; code++) {
      let along = 0;
      for (let k = 0; k < classes; k++) along += data[code * classes + k] * axis[k];
      for (let k = 0; k < classes; k++) next[k] += counts[code] * along * data[code * classes + k];
    }
    const length = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0));
    if (length === 0) return axis;
    axis = next.map((x) => x / length);
  }
  return axis;
}
