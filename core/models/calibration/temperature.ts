import { softmaxRows } from '../softmax.ts';
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

/** 2⁻⁵² of the search range is left after as many halvings. */
const HALVINGS = 52;

/**
 * Temperature scaling: one number that softens or sharpens all probabilities, and leaves every label as it is.
 *
 * Minimises the log-loss in β = 1/T, which is convex in it; its derivative,
 * Σ_i (Σ_k q_ik ln p_ik − ln p_iy), is brought to 0 by bisection.
 *
 * @param probabilities row-major, n × classes, each row sums to 1
 * @param labels n indices of the true class
 * @throws RangeError if n is 0, classes is below 2, the lengths differ, or a value is out of range
 * @see Guo, Pleiss, Sun & Weinberger (2017), ICML 1321–1330, section 4.2
 */
export function fitTemperature(
  probabilities: Float64Array,
  labels: Int32Array,
  classes: number,
): TemperatureParams {
  requireLabelled('temperature', probabilities, labels, classes);
  const logs = probabilities.map(logOf);
  let low = 1 / HIGHEST_TEMPERATURE;
  let high = 1 / LOWEST_TEMPERATURE;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (derivative(logs, labels, classes, middle) > 0) high = middle;
    else low = middle;
  }
  const temperature = 2 / (low + high);
  return {
    kind: 'temperature',
    temperature: Math.min(Math.max(temperature, LOWEST_TEMPERATURE), HIGHEST_TEMPERATURE),
  };
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

function derivative(logs: Float64Array, labels: Int32Array, classes: number, beta: number): number {
  const calibrated = logs.map((log) => beta * log);
  softmaxRows(calibrated, classes);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let k = 0; k < classes; k++) sum += calibrated[i * classes + k] * logs[i * classes + k];
    sum -= logs[i * classes + labels[i]];
  }
  return sum;
}

function logOf(probability: number): number {
  return Math.max(Math.log(probability), LOWEST_LOG);
}
