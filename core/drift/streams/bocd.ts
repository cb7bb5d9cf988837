import { checkCounts, checkNumber, checkPositive, checkShares } from './checks.ts';
import type { StreamDetector } from './stream-detector.ts';

/** Defaults are those of frouros, with a bound on the run lengths. */
export interface BocdOptions {
  /** chance that a run ends at any one value, in (0, 1); 0.01 */
  readonly hazard: number;
  /** mean and variance of a run's mean before its first value; 0 and 1 */
  readonly priorMean: number;
  readonly priorVariance: number;
  /** variance of values around the mean of their run, taken as known; 1 */
  readonly dataVariance: number;
  /** run lengths followed at a time, the whole stream, the pooled ones and the shortest; 500 */
  readonly maxRuns: number;
  /** no test before so many values; 30 */
  readonly minValues: number;
}

/** The hypothesis that the run under way is so many values long. */
interface Run {
  length: number;
  /** ln of its posterior probability */
  logProbability: number;
  /** posterior mean of the run's mean */
  mean: number;
}

export interface BocdState {
  readonly options: BocdOptions;
  n: number;
  /** longest first; the first is the whole stream, and from `maxRuns` values on the second is pooled */
  runs: Run[];
}

/**
 * Bayesian online change detection for normal values with an unknown mean: how long has the run lasted?
 *
 * P(r_t = r + 1) ∝ P(r_{t−1} = r) · p(x_t | run) · (1 − h), P(r_t = 0) ∝ Σ_r P(r_{t−1} = r) · p(x_t | run) · h. A change
 * where the most probable run is not the whole stream. Runs longer than `maxRuns` are pooled, but for the whole
 * stream, and what is pooled is never the most probable: a change that shows itself later than that is missed.
 *
 * @see Adams & MacKay (2007), arXiv:0710.3742.
 */
export const bocd: StreamDetector<BocdOptions, BocdState> = {
  name: 'BOCD',
  input: 'number',
  defaults: {
    hazard: 0.01,
    priorMean: 0,
    priorVariance: 1,
    dataVariance: 1,
    maxRuns: 500,
    minValues: 30,
  },
  open(options = {}) {
    const all = { ...bocd.defaults, ...options };
    const { hazard, priorMean, priorVariance, dataVariance, maxRuns, minValues } = all;
    checkShares('BOCD', { hazard });
    checkNumber('BOCD', priorMean);
    checkPositive('BOCD', { priorVariance, dataVariance });
    checkCounts('BOCD', 3, { maxRuns });
    checkCounts('BOCD', 1, { minValues });
    return { options: all, n: 0, runs: [emptyRun(all)] };
  },
  advance(state, x) {
    checkNumber('BOCD', x);
    const { options } = state;
    state.n++;
    weigh(state, x);
    if (state.n < options.minValues) return 'none';
    if (likeliestIsWhole(state)) return 'none';
    state.n = 0;
    state.runs = [emptyRun(options)];
    return 'change';
  },
};

const emptyRun = ({ priorMean }: BocdOptions): Run => ({
  length: 0,
  logProbability: 0,
  mean: priorMean,
});

function likeliestIsWhole({ options, n, runs }: BocdState): boolean {
  const firstSingle = n < options.maxRuns ? 1 : 2;
  for (let i = firstSingle; i < runs.length; i++) {
    if (runs[i].logProbability > runs[0].logProbability) return false;
  }
  return true;
}

/** Bayes' rule for every run length, those of a run that ends here gathered in one of length 0. */
function weigh({ options, runs }: BocdState, x: number): void {
  const { hazard, priorVariance, dataVariance, maxRuns } = options;
  for (const run of runs) {
    const precision = 1 / priorVariance + run.length / dataVariance;
    run.logProbability += logNormalDensity(x - run.mean, 1 / precision + dataVariance);
    run.mean += (x - run.mean) / (precision * dataVariance + 1);
    run.length++;
  }
  // The run ends or goes on: the evidence is the same sum for both.
  const evidence = logSum(runs);
  for (const run of runs) run.logProbability += Math.log(1 - hazard) - evidence;
  runs.push({ ...emptyRun(options), logProbability: Math.log(hazard) });
  if (runs.length > maxRuns) {
    runs[2].logProbability = logSum(runs.slice(1, 3));
    runs.splice(1, 1);
  }
}

/** But for the constant −½ ln 2π, which the evidence takes out again. */
function logNormalDensity(deviation: number, variance: number): number {
  return -0.5 * (Math.log(variance) + (deviation / variance) * deviation);
}

/** ln Σ exp, by the largest term, so that nothing underflows. */
function logSum(runs: readonly Run[]): number {
  let largest = -Infinity;
  for (const { logProbability } of runs) largest = Math.max(largest, logProbability);
  let sum = 0;
  for (const { logProbability } of runs) sum += Math.exp(logProbability - largest);
  return largest + Math.log(sum);
}
