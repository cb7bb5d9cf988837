/** Metrics that depend on sums over the rows only. */
import { CALIBRATION_BINS, calibrationBin } from '../calibration/calibration-error.ts';
import type { Scored } from './scored.ts';

/** Probabilities are clipped to [ε, 1 − ε] before their logarithm, ε = 2⁻⁵² as scikit-learn has it for 64-bit numbers. */
const PROBABILITY_EPSILON: number = 2 ** -52;

/** An outcome nearer to 0 counts as this in a percentage error, as in scikit-learn. */
const OUTCOME_EPSILON: number = 2 ** -52;

export type SumMetric = 'logLoss' | 'brier' | 'ece' | 'r2' | 'rmse' | 'mae' | 'mape' | 'mse';

/** What each row scored adds to the sums, which there are `cols` of. */
export interface RowTerms {
  /** row-major: a term for each sum; with `columnOf` one term a row */
  readonly data: Float64Array;
  readonly cols: number;
  /** where a row adds to one of the sums only: which */
  readonly columnOf?: Uint8Array;
}

/**
 * What a sum metric adds up.
 *
 * logLoss: −ln p. brier: Σ_k (p_k − y_k)², half of that for two classes. ece: a sum for each bin of the
 * probability of the predicted class, to which a hit adds 1 − p and a miss −p. mae: |e|. mape: |e| ÷ |y|.
 * rmse, mse: e². r2: e², y − c, (y − c)² with c the mean outcome, for the sake of precision.
 * @returns undefined if the metric is not of the task, or not defined on these rows
 */
export function rowTerms(metric: SumMetric, scores: Scored): RowTerms | undefined {
  return scores.kind === 'classification'
    ? classificationTerms(metric, scores)
    : regressionTerms(metric, scores);
}

/**
 * The terms of all rows, summed in each group of rows: row-major, groups × cols. Compensated (Kahan).
 * @param groupOf of each row; all are one group when absent
 */
export function sumTerms(
  { data, cols, columnOf }: RowTerms,
  groups: number = 1,
  groupOf?: Int32Array,
): Float64Array {
  const sums = new Float64Array(groups * cols);
  const lost = new Float64Array(groups * cols);
  const width = columnOf === undefined ? cols : 1;
  const rows = data.length / width;
  for (let i = 0; i < rows; i++) {
    const group = (groupOf === undefined ? 0 : groupOf[i]) * cols;
    for (let j = 0; j < width; j++) {
      const at = group + (columnOf === undefined ? j : columnOf[i]);
      const term = data[i * width + j] - lost[at];
      const sum = sums[at] + term;
      lost[at] = sum - sums[at] - term;
      sums[at] = sum;
    }
  }
  return sums;
}

/** A sum metric of the summed terms of n rows; undefined where it is not defined. */
export function sumMetric(metric: SumMetric, sums: Float64Array, n: number): number | undefined {
  if (n === 0) return undefined;
  if (metric === 'rmse') return Math.sqrt(sums[0] / n);
  if (metric === 'ece') return sums.reduce((total, sum) => total + Math.abs(sum), 0) / n;
  if (metric !== 'r2') return sums[0] / n;
  const spread = sums[2] - (sums[1] * sums[1]) / n;
  return spread > 0 ? 1 - sums[0] / spread : undefined;
}

function classificationTerms(
  metric: SumMetric,
  scores: Extract<Scored, { kind: 'classification' }>,
): RowTerms | undefined {
  const { truth, probabilities, classes } = scores;
  if (metric === 'logLoss') {
    const data = Float64Array.from(truth, (k, i) =>
      surprise(k < 0 ? 0 : probabilities[i * classes + k]),
    );
    return { data, cols: 1 };
  }
  if (metric === 'brier') {
    const scale = classes === 2 ? 0.5 : 1;
    return { data: squaredDistances(scores).map((distance) => scale * distance), cols: 1 };
  }
  return metric === 'ece' ? calibrationTerms(scores) : undefined;
}

function regressionTerms(
  metric: SumMetric,
  { rows, truth, values }: Extract<Scored, { kind: 'regression' }>,
): RowTerms | undefined {
  if (metric === 'mae') return { data: truth.map((y, i) => Math.abs(y - values[i])), cols: 1 };
  if (metric === 'rmse' || metric === 'mse') {
    return { data: truth.map((y, i) => (y - values[i]) ** 2), cols: 1 };
  }
  if (metric === 'mape') {
    if (truth.includes(0)) return undefined;
    const share = (y: number, i: number): number =>
      Math.abs(y - values[i]) / Math.max(Math.abs(y), OUTCOME_EPSILON);
    return { data: truth.map(share), cols: 1 };
  }
  if (metric !== 'r2') return undefined;
  const center = mean(truth);
  const data = new Float64Array(3 * rows);
  for (let i = 0; i < rows; i++) {
    data[3 * i] = (truth[i] - values[i]) ** 2;
    data[3 * i + 1] = truth[i] - center;
    data[3 * i + 2] = (truth[i] - center) ** 2;
  }
  return { data, cols: 3 };
}

/** Σ_k (p_k − y_k)² of each row; a class that no model knows is one more, with probability 0. */
function squaredDistances({
  rows,
  classes,
  truth,
  probabilities,
}: Extract<Scored, { kind: 'classification' }>): Float64Array {
  const distances = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let distance = truth[i] < 0 ? 1 : 0;
    for (let k = 0; k < classes; k++) {
      const expected = k === truth[i] ? 1 : 0;
      distance += (probabilities[i * classes + k] - expected) ** 2;
    }
    distances[i] = distance;
  }
  return distances;
}

function calibrationTerms({
  rows,
  classes,
  truth,
  labels,
  probabilities,
}: Extract<Scored, { kind: 'classification' }>): RowTerms {
  const data = new Float64Array(rows);
  const columnOf = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const confidence = probabilities[i * classes + labels[i]];
    const hit = labels[i] === truth[i] ? 1 : 0;
    data[i] = hit - confidence;
    columnOf[i] = calibrationBin(confidence);
  }
  return { data, cols: CALIBRATION_BINS, columnOf };
}

function surprise(probability: number): number {
  const clipped = Math.min(Math.max(probability, PROBABILITY_EPSILON), 1 - PROBABILITY_EPSILON);
  return -Math.log(clipped);
}

function mean(values: Float64Array): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) result += (values[i] - result) / (i + 1);
  return result;
}
