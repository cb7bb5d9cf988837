import { requireBinary } from './binary-sample.ts';

/** A rising, piecewise linear curve from the model's probability to the calibrated one. */
export interface IsotonicParams {
  readonly kind: 'isotonic';
  /** strictly ascending, in [0, 1] */
  readonly thresholds: readonly number[];
  /** calibrated probability at each threshold, never falling, in [0, 1] */
  readonly values: readonly number[];
}

/** Rows of equal probability, or a pool of such: how many by their weight, and the mean of their outcomes. */
interface Block {
  readonly weight: number;
  readonly mean: number;
  /** distinct probabilities in it */
  readonly points: number;
}

/**
 * Isotonic regression of the outcome on the probability: the non-decreasing function of least squared error.
 *
 * Rows of equal probability count as one point with their mean outcome; adjacent points that fall are pooled.
 * Over the rows it was fitted on, the mean calibrated probability is the mean outcome. Of each pool only the
 * two ends are kept; between pools the curve is linear.
 *
 * @param probabilities n probabilities of the positive class, in [0, 1]
 * @param outcomes n outcomes, 1 = positive, 0 = negative
 * @param weights of the rows, above 0; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if n is 0, the lengths differ, or a value is out of range
 * @see Zadrozny & Elkan (2002), KDD 694–699; Best & Chakravarti (1990), Mathematical Programming 47:425–439.
 *   O(n log n); O(n) where the probabilities ascend.
 */
export function fitIsotonic(
  probabilities: Float64Array,
  outcomes: Int32Array,
  weights?: Float64Array,
): IsotonicParams {
  requireBinary('isotonic', probabilities, outcomes, weights);
  const { points, blocks } = distinctPoints(probabilities, outcomes, weights);
  const thresholds: number[] = [];
  const values: number[] = [];
  let first = 0;
  for (const { mean, points: length } of poolAdjacentViolators(blocks)) {
    thresholds.push(points[first]);
    values.push(mean);
    if (length > 1) {
      thresholds.push(points[first + length - 1]);
      values.push(mean);
    }
    first += length;
  }
  return { kind: 'isotonic', thresholds, values };
}

/**
 * Calibrated probabilities of the positive class; below the first threshold the first value, above the last
 * one the last.
 * @param probabilities in [0, 1]
 */
export function applyIsotonic(
  { thresholds, values }: IsotonicParams,
  probabilities: Float64Array,
): Float64Array {
  const last = thresholds.length - 1;
  return probabilities.map((p) => {
    if (p <= thresholds[0]) return values[0];
    if (p >= thresholds[last]) return values[last];
    const at = lastAtOrBelow(thresholds, p);
    const share = (p - thresholds[at]) / (thresholds[at + 1] - thresholds[at]);
    return values[at] + share * (values[at + 1] - values[at]);
  });
}

function distinctPoints(
  probabilities: Float64Array,
  outcomes: Int32Array,
  weights: Float64Array | undefined,
): { readonly points: readonly number[]; readonly blocks: readonly Block[] } {
  const order = Int32Array.from(probabilities, (_, i) => i);
  if (!isAscending(probabilities)) order.sort((a, b) => probabilities[a] - probabilities[b]);
  const points: number[] = [];
  const blocks: Block[] = [];
  for (let from = 0; from < order.length;) {
    const point = probabilities[order[from]];
    let to = from;
    let positives = 0;
    let weight = 0;
    for (; to < order.length && probabilities[order[to]] === point; to++) {
      const own = weights === undefined ? 1 : weights[order[to]];
      positives += own * outcomes[order[to]];
      weight += own;
    }
    points.push(point);
    blocks.push({ weight, mean: positives / weight, points: 1 });
    from = to;
  }
  return { points, blocks };
}

function isAscending(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] < values[i - 1]) return false;
  return true;
}

/** Pools with rising means. */
function poolAdjacentViolators(blocks: readonly Block[]): readonly Block[] {
  const pools: Block[] = [];
  for (const block of blocks) {
    let pool = block;
    for (let top = pools.at(-1); top !== undefined && top.mean >= pool.mean; top = pools.at(-1)) {
      pools.pop();
      pool = merged(top, pool);
    }
    pools.push(pool);
  }
  return pools;
}

function merged(a: Block, b: Block): Block {
  const weight = a.weight + b.weight;
  const mean = (a.weight * a.mean + b.weight * b.mean) / weight;
  return { weight, mean, points: a.points + b.points };
}

/** Index of the last threshold that is not above p, by bisection; the first one is not. */
function lastAtOrBelow(thresholds: readonly number[], p: number): number {
  let low = 0;
  let high = thresholds.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (thresholds[middle] <= p) low = middle;
    else high = middle;
  }
  return low;
}
