import { softmaxRows } from '../softmax.ts';
import { weightOf } from '../input/weights.ts';
import { requireLabelled } from './labelled-probabilities.ts';

/** A calibrated probability is p_k^(1/T) / Σ_l p_l^(1/T); T = 1 changes nothing, above 1 softens. */
export interface TemperatureParams {
  readonly kind: 'temperature';
  /** in [0.05, 20] */
  readonly temperature: number;
}

/** Beyond these a model is either never wrong on the rows or says nothing about them: the limit is kept. */
const LOWEST_TEMPERATURE = 0.05;
const HIGHEST_TEMPERATURE = 20;

/** A probability of 0 has this logarithm, that of the smallest normal number. */
const LOWEST_LOG = -708;

/** Newton's method needs a handful; bisection, where that leaves the bracket, as many as there are bits. */
const MAX_ITERATIONS = 60;

/** Relative change of 1/T at which it is found. */
const TOLERANCE = 1e-12;

/** A derivative below this, a row, is 0: probabilities that are as good at any temperature stay as they are. */
const FLAT = 1e-12;

/**
 * Temperature scaling: one number that softens or sharpens all probabilities, and leaves every label as it is.
 *
 * Minimises the log-loss in β = 1/T, which is convex in it: its derivative Σ_i (Σ_k q_ik ln p_ik − ln p_iy) is
 * brought to 0 by Newton's method within a bracket.
 *
 * @param probabilities row-major, n × classes, each row sums to 1
 * @param labels n indices of the true class
 * @param weights of the rows, above 0; a row of weight 2 counts as two equal rows; absent: all 1
 * @throws RangeError if n is 0, classes is below 2, the lengths differ, or a value is out of range
 * @see Guo, Pleiss, Sun & Weinberger (2017), ICML 1321–1330, section 4.2
 */
export function fitTemperature(
  probabilities: Float64Array,
  labels: Int32Array,
  classes: number,
  weights?: Float64Array,
): TemperatureParams {
  requireLabelled('temperature', probabilities, labels, classes, weights);
  const logs = probabilities.map(logOf);
  const at = (beta: number): Derivatives => derivatives(logs, labels, classes, beta, weights);
  const flat = FLAT * weightOf(labels, weights);
  let low = 1 / HIGHEST_TEMPERATURE;
  let high = 1 / LOWEST_TEMPERATURE;
  if (Math.abs(at(1).slope) <= flat) return { kind: 'temperature', temperature: 1 };
  if (at(low).slope >= 0) return { kind: 'temperature', temperature: HIGHEST_TEMPERATURE };
  if (at(high).slope <= 0) return { kind: 'temperature', temperature: LOWEST_TEMPERATURE };
  let beta = 1;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { slope, curvature } = at(beta);
    if (slope > 0) high = beta;
    else low = beta;
    const newton = beta - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    const found = Math.abs(next - beta) <= TOLERANCE * beta;
    beta = next;
    if (found) break;
  }
  return { kind: 'temperature', temperature: 1 / beta };
}

/**
 * Calibrated probabilities, rows × classes; each row sums to 1.
 * @param probabilities row-major, rows × classes, in [0, 1]
 */
export function applyTemperature(
  { temperature }: TemperatureParams,
  probabilities: Float64Array,
  classes: number,
): Float64Array {
  const scores = probabilities.map((p) => logOf(p) / temperature);
  softmaxRows(scores, classes);
  return scores;
}

interface Derivatives {
  readonly slope: number;
  readonly curvature: number;
}

/** First and second derivative of the log-loss; the second is Σ_i of the variance of ln p_i under q_i. */
function derivatives(
  logs: Float64Array,
  labels: Int32Array,
  classes: number,
  beta: number,
  weights: Float64Array | undefined,
): Derivatives {
  let slope = 0;
  let curvature = 0;
  for (let i = 0; i < labels.length; i++) {
    const from = i * classes;
    const to = from + classes;
    let largest = -Infinity;
    for (let at = from; at < to; at++) largest = Math.max(largest, logs[at]);
    let sum = 0;
    let first = 0;
    let second = 0;
    // Differences from the largest, so that neither the exponentials overflow nor the variance cancels.
    for (let at = from; at < to; at++) {
      const below = logs[at] - largest;
      const odds = Math.exp(beta * below);
      sum += odds;
      first += odds * below;
      second += odds * below * below;
    }
    const mean = first / sum;
    const weight = weights === undefined ? 1 : weights[i];
    slope += weight * (mean - (logs[from + labels[i]] - largest));
    curvature += weight * Math.max(0, second / sum - mean * mean);
  }
  return { slope, curvature };
}

function logOf(probability: number): number {
  return Math.max(Math.log(probability), LOWEST_LOG);
}
