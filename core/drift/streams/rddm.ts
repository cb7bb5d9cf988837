import { checkCounts, checkError, checkOrder, checkPositive } from './checks.ts';
import { addToMean } from './running-mean.ts';
import type { Signal, StreamDetector } from './stream-detector.ts';

/** Defaults are those of the paper, in deviations of the error rate at its best. */
export interface RddmOptions {
  /** a warning from so many deviations on; 1.773 */
  readonly warningLevel: number;
  /** a change from so many deviations on; 2.258 */
  readonly changeLevel: number;
  /** no test before so many outcomes; 129 */
  readonly minValues: number;
  /** a concept longer than this is recounted from its latest outcomes; 40,000 */
  readonly maxConcept: number;
  /** outcomes that are kept for that; 7,000 */
  readonly minConcept: number;
  /** a warning that lasts so many outcomes is a change; 1,400 */
  readonly warningLimit: number;
}

export interface RddmState {
  readonly options: RddmOptions;
  /** outcomes counted, and the share of errors among them */
  n: number;
  mean: number;
  /** the error rate and its deviation where their sum was smallest; null before the first test */
  best: { readonly rate: number; readonly deviation: number } | null;
  /** the latest outcomes, a ring: the oldest is at `oldest` once it is full */
  readonly outcomes: number[];
  oldest: number;
  /** outcomes since the warning began; 0 without one */
  warnings: number;
}

/**
 * Reactive Drift Detection Method: DDM that forgets. After a change it goes on with the outcomes since the
 * warning, and a concept that has become too long, on which DDM grows deaf, is recounted from its latest part.
 *
 * A step takes constant time but where it recounts at most `minConcept` outcomes: after a change, and once
 * in `maxConcept − minConcept` outcomes.
 *
 * @see Barros, Cabral, Gonçalves & Santos (2017), Expert Systems with Applications 90:344–355.
 */
export const rddm: StreamDetector<RddmOptions, RddmState> = {
  name: 'RDDM',
  input: 'error',
  defaults: {
    warningLevel: 1.773,
    changeLevel: 2.258,
    minValues: 129,
    maxConcept: 40_000,
    minConcept: 7_000,
    warningLimit: 1_400,
  },
  open(options = {}) {
    const all = { ...rddm.defaults, ...options };
    const { warningLevel, changeLevel, minValues, maxConcept, minConcept, warningLimit } = all;
    checkPositive('RDDM', { warningLevel, changeLevel });
    checkOrder('RDDM', { warningLevel, changeLevel });
    checkCounts('RDDM', 1, { minValues, maxConcept, minConcept, warningLimit });
    checkOrder('RDDM', { minValues, minConcept, maxConcept });
    return {
      options: all,
      n: 0,
      mean: 0,
      best: null,
      outcomes: [],
      oldest: 0,
      warnings: 0,
    };
  },
  advance(state, x) {
    checkError('RDDM', x);
    keep(state, x);
    addToMean(state, x);
    return state.n < state.options.minValues ? 'none' : test(state);
  },
};

function keep(state: RddmState, x: number): void {
  const { outcomes, options } = state;
  if (outcomes.length < options.minConcept) {
    outcomes.push(x);
    return;
  }
  outcomes[state.oldest] = x;
  state.oldest = (state.oldest + 1) % outcomes.length;
}

function test(state: RddmState): Signal {
  const { changeLevel, warningLevel, warningLimit, maxConcept } = state.options;
  updateBest(state);
  if (exceeds(state, changeLevel)) {
    state.best = null;
    recount(state, { latest: state.warnings + 1, best: 'found again' });
    return 'change';
  }
  if (exceeds(state, warningLevel)) {
    state.warnings++;
    if (state.warnings <= warningLimit) return 'warning';
    state.best = null;
    recount(state, { latest: 1, best: 'found again' });
    return 'change';
  }
  state.warnings = 0;
  if (state.n > maxConcept) recount(state, { latest: state.outcomes.length, best: 'kept' });
  return 'none';
}

const deviationOf = ({ mean, n }: RddmState): number => Math.sqrt((mean * (1 - mean)) / n);

function updateBest(state: RddmState): void {
  const rate = state.mean;
  const deviation = deviationOf(state);
  if (state.best === null || rate + deviation < state.best.rate + state.best.deviation) {
    state.best = { rate, deviation };
  }
}

const exceeds = (state: RddmState, level: number): boolean =>
  state.best !== null &&
  state.mean + deviationOf(state) > state.best.rate + level * state.best.deviation;

/** Starts the count again with the latest outcomes, and forgets the older ones. */
function recount(
  state: RddmState,
  { latest, best }: { readonly latest: number; readonly best: 'kept' | 'found again' },
): void {
  const { outcomes, oldest, options } = state;
  const inOrder = [...outcomes.slice(oldest), ...outcomes.slice(0, oldest)];
  const kept = inOrder.slice(Math.max(0, inOrder.length - latest));
  state.n = 0;
  state.mean = 0;
  state.oldest = 0;
  state.warnings = 0;
  outcomes.length = 0;
  for (const x of kept) {
    outcomes.push(x);
    addToMean(state, x);
    if (best === 'found again' && state.n >= options.minValues) updateBest(state);
  }
}
