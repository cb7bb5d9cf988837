import { createRandom } from '../../random.ts';
import { ksTwoSample } from '../../stats/ks.ts';
import { randomRows } from '../../stats/permutation.ts';
import { symmetricEigen } from '../../stats/symmetric-eigen.ts';
import type { NotApplicable } from '../../stats/two-sample.ts';
import { effectiveOfDrawn, halvesInBlocks } from './dependent-rows.ts';
import type { DependentRows, EffectiveRows } from './dependent-rows.ts';
import type { PointPair, Points } from './encode-rows.ts';
import { dimensionsOfColumn } from './pairwise.ts';
import { sharesOfDrops } from './result.ts';
import type { MultivariateTest } from './result.ts';

export interface PcaOptions {
  /** of the halves of the reference */
  readonly seed: number;
  /** share of the variance that the components kept have to explain, in (0, 1); absent: 0.65, as NannyML has it */
  readonly explained?: number | undefined;
  /** where rows resemble their neighbours, which they then have to be beside; absent: rows are independent */
  readonly dependent?: DependentRows | undefined;
}

export interface PcaResult extends MultivariateTest {
  /** independent rows that n and m count as */
  readonly effective: { readonly n: number; readonly m: number };
  /** number of principal components kept */
  readonly components: number;
  /** mean squared distance of a held-out reference row from its reconstruction */
  readonly referenceError: number;
  /** the same of a current row */
  readonly currentError: number;
}

const EXPLAINED = 0.65;
const LEAST_ROWS = 20;

/**
 * Reconstruction by principal components: does what the reference's columns have in common still describe
 * the current rows? Finds changed dependence between columns whose own distributions are as before.
 *
 * Components of a random half of the reference, as many as explain 65 % of its variance; each row's error is its
 * squared distance from their span. Kolmogorov–Smirnov's D of the errors of the other half and of the
 * current rows, so that no row is judged by components made from it; n counts that half. Attribution is the
 * growth of a column's part of the mean error; a column that the kept components hold entirely has none.
 *
 * @param pair n and m points, at least 20 each, in at least 2 dimensions
 * @throws RangeError if `explained` is not in (0, 1)
 * @see Jolliffe (2002), Principal Component Analysis, 2nd ed., section 10.1 (residual statistics). O((n + m) p² + p³).
 */
export function pcaReconstructionTest(
  pair: PointPair,
  options: PcaOptions,
): PcaResult | NotApplicable {
  const explained = options.explained ?? EXPLAINED;
  if (!(explained > 0 && explained < 1)) {
    throw new RangeError(`pca: explained must be in (0, 1), got ${explained}`);
  }
  const { reference, current } = pair;
  const p = reference.cols;
  if (p < 2 || Math.min(reference.rows, current.rows) < LEAST_ROWS) {
    const reason = `principal components need 2 dimensions and ${LEAST_ROWS} rows of each sample, got ${p} and ${Math.min(reference.rows, current.rows)}`;
    return { kind: 'not applicable', reason, n: reference.rows, m: current.rows };
  }
  const worth =
    options.dependent && effectiveOfDrawn(options.dependent, reference.rows, current.rows);
  const [half, rest] = halvesOf(reference.rows, options.seed, worth);
  const axes = principalAxes(reference, half, explained);
  const before = residuals(reference, rest, axes);
  const all = Int32Array.from({ length: current.rows }, (_, i) => i);
  const now = residuals(current, all, axes);
  const effective = {
    n: Math.max(1, Math.floor(before.errors.length / (worth?.phi.reference ?? 1))),
    m: Math.max(1, Math.floor(now.errors.length / (worth?.phi.current ?? 1))),
  };
  const { statistic, pValue } = ksTwoSample(
    before.errors.slice().sort(),
    now.errors.slice().sort(),
    { ...effective, error: 0 },
  );
  const growth = pair.columns.map((_, column) => {
    const [first, end] = dimensionsOfColumn(pair, column);
    let sum = 0;
    for (let j = first; j < end; j++) sum += now.byDimension[j] - before.byDimension[j];
    return sum;
  });
  return {
    kind: 'tested',
    statistic,
    pValue,
    n: before.errors.length,
    m: now.errors.length,
    effective,
    components: axes.kept,
    referenceError: sum(before.byDimension),
    currentError: sum(now.byDimension),
    attribution: sharesOfDrops(pair.columns, growth),
  };
}

/** Rows of the reference that components are made from, and those that are judged by them. */
function halvesOf(
  rows: number,
  seed: number,
  worth: EffectiveRows | undefined,
): readonly [half: Int32Array, rest: Int32Array] {
  if (worth === undefined) {
    const order = randomRows(rows, rows, createRandom(seed));
    const half = Math.floor(rows / 2);
    return [order.subarray(0, half), order.subarray(half)];
  }
  const halves = halvesInBlocks(rows, worth.phi.reference);
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  return [all.filter((row) => halves[row] === 0), all.filter((row) => halves[row] === 1)];
}

interface PrincipalAxes {
  readonly mean: Float64Array;
  /** how many components are kept, at least one and not all */
  readonly kept: number;
  /** row-major: the others, of unit length and at right angles */
  readonly leftOut: Float64Array;
}

function principalAxes(
  { data, cols: p }: Points,
  rows: Int32Array,
  explained: number,
): PrincipalAxes {
  const mean = new Float64Array(p);
  for (const row of rows) for (let j = 0; j < p; j++) mean[j] += data[row * p + j] / rows.length;
  const covariance = new Float64Array(p * p);
  const centred = new Float64Array(p);
  for (const row of rows) {
    for (let j = 0; j < p; j++) centred[j] = data[row * p + j] - mean[j];
    for (let j = 0; j < p; j++) {
      const scaled = centred[j] / rows.length;
      for (let k = 0; k <= j; k++) covariance[j * p + k] += scaled * centred[k];
    }
  }
  for (let j = 0; j < p; j++)
    for (let k = 0; k < j; k++) covariance[k * p + j] = covariance[j * p + k];
  const { values, vectors } = symmetricEigen(covariance, p);
  const wanted = explained * sum(values);
  let kept = 0;
  for (let held = 0; kept < p - 1 && held < wanted; kept++) held += values[kept];
  kept = Math.max(1, kept);
  return { mean, kept, leftOut: vectors.slice(kept * p) };
}

/** What the kept components leave of rows: their parts along those left out, which are few where much is explained. */
function residuals(
  { data, cols: p }: Points,
  rows: Int32Array,
  { mean, leftOut }: PrincipalAxes,
): { readonly errors: Float64Array; readonly byDimension: Float64Array } {
  const errors = new Float64Array(rows.length);
  const byDimension = new Float64Array(p);
  const centred = new Float64Array(p);
  const residual = new Float64Array(p);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * p;
    for (let j = 0; j < p; j++) centred[j] = data[start + j] - mean[j];
    residual.fill(0);
    for (let at = 0; at < leftOut.length; at += p) {
      const score = dotProduct(leftOut, at, centred);
      for (let j = 0; j < p; j++) residual[j] += score * leftOut[at + j];
    }
    for (let j = 0; j < p; j++) {
      const square = residual[j] * residual[j];
      errors[i] += square;
      byDimension[j] += square / rows.length;
    }
  }
  return { errors, byDimension };
}

/** Of a vector and as many numbers from a place on, in two sums: an addition waits for the one before it. */
function dotProduct(numbers: Float64Array, from: number, vector: Float64Array): number {
  const length = vector.length;
  let even = 0;
  let odd = 0;
  for (let j = 0; j + 1 < length; j += 2) {
    even += numbers[from + j] * vector[j];
    odd += numbers[from + j + 1] * vector[j + 1];
  }
  if (length % 2 === 1) even += numbers[from + length - 1] * vector[length - 1];
  return even + odd;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
