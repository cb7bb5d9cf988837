import { codedRows } from '../trees/chunks.ts';
import type { BinnedRows } from '../trees/chunks.ts';
import { addTreesInto } from './add-trees.ts';
import type { BoostingSet, HeldRows } from './boosting-set.ts';
import { createLeafGrower, curvatureShare } from './grow-leaves.ts';
import type { BoostedTree } from './grow-leaves.ts';
import { createBoostingKernel } from './kernel/kernel.ts';
import { lossOf, outputsOf } from './losses.ts';

/** A loss must fall by more than this for an iteration to count as a gain (scikit-learn's). */
const GAIN_TOLERANCE = 1e-7;

/** Rows × features × trees that are summed up in about half a second. */
const STEP_WORK = 1e8;

/** How far boosting has come: plain data. What it goes on from is all in here and in its set. */
export interface BoostingState {
  /** trees grown, those of an iteration beside each other, the set's first ones not among them */
  readonly trees: readonly BoostedTree[];
  /** scores of the training rows, and of the rows that tell when to stop; row-major, rows × outputs */
  readonly scores: Float64Array;
  readonly heldScores: Float64Array;
  /** mean loss after the last iteration, of the rows that tell when to stop where there are such */
  readonly loss: number;
  /** least loss of those rows, and in how many iterations it was reached; without such rows, of no meaning */
  readonly least: number;
  readonly best: number;
  /** will no further iteration be made? */
  readonly isFinished: boolean;
}

/** Before the first iteration. */
export function startBoosting(set: BoostingSet): BoostingState {
  const { rows, held } = set;
  const scores = firstScores(set, codedRows(set.codes, rows, 1));
  const heldScores = held
    ? firstScores(set, codedRows(held.codes, held.rows, 1))
    : new Float64Array(0);
  const loss = meanLoss(set, scores, heldScores);
  return { trees: [], scores, heldScores, loss, least: loss, best: 0, isFinished: false };
}

/**
 * Makes up to so many further iterations, each of which grows a tree, or one for each of more than two classes, on
 * the derivatives of the loss. However many are made at a time, and on whichever thread, the trees are the same.
 */
export function boostInSteps(
  set: BoostingSet,
  state: BoostingState,
  iterations: number,
): BoostingState {
  const outputs = outputsOf(set.targets);
  const { params, rows } = set;
  const made = state.trees.length / outputs;
  const end = Math.min(params.iterations, made + iterations);
  if (state.isFinished || end <= made) return { ...state, isFinished: made >= params.iterations };
  const loss = lossOf(set.targets, set.weights);
  const size = { rows, outputs, features: set.features.length, slots: params.maxLeaves };
  const memory = createBoostingKernel(size, set.codes);
  memory.scores.set(state.scores);
  const share = curvatureShare(loss.mostCurvature);
  const grower = createLeafGrower(memory, { rows, outputs, share, params });
  const derivatives = loss.derivativesIn(memory);
  const trees = [...state.trees];
  const stop = createStopRule(set, state);
  let isFinished = false;
  for (let iteration = made; iteration < end && !isFinished; iteration++) {
    derivatives.prepare();
    const grown: BoostedTree[] = [];
    for (let k = 0; k < outputs; k++) {
      derivatives.write(k);
      grown.push(grower.grow(k));
    }
    // Once no tree finds a split, none will.
    isFinished = grown.every((tree) => tree.left[0] === 0);
    if (isFinished) break;
    trees.push(...grown);
    isFinished = stop.after(grown) || iteration + 1 === params.iterations;
  }
  const scores = memory.scores.slice();
  const { heldScores, least, best } = stop.now();
  const mean = meanLoss(set, scores, heldScores);
  return { trees, scores, heldScores, loss: mean, least, best, isFinished };
}

/**
 * The state after iterations whose trees were kept: the same as if they had just been grown.
 * @param trees of the first iterations, those of an iteration beside each other
 */
export function resumeBoosting(set: BoostingSet, trees: readonly BoostedTree[]): BoostingState {
  const outputs = outputsOf(set.targets);
  const start = startBoosting(set);
  const scores = start.scores.slice();
  addTreesInto(trees, codedRows(set.codes, set.rows, 1), set.features.length, outputs, scores);
  const stop = createStopRule(set, start);
  let isFinished = trees.length / outputs >= set.params.iterations;
  for (let first = 0; first < trees.length; first += outputs) {
    if (stop.after(trees.slice(first, first + outputs))) isFinished = true;
  }
  const { heldScores, least, best } = stop.now();
  const loss = meanLoss(set, scores, heldScores);
  return { trees, scores, heldScores, loss, least, best, isFinished };
}

/** The trees of the model: those up to the least loss where rows told when to stop. */
export function boostedTrees(
  set: BoostingSet,
  { trees, best }: BoostingState,
): readonly BoostedTree[] {
  const kept = set.held === undefined ? trees : trees.slice(0, best * outputsOf(set.targets));
  return [...set.first, ...kept];
}

/** Iterations that take about half a second together, so that progress shows and a thread is not kept for long. */
export function iterationsPerStep({ rows, features, targets }: BoostingSet): number {
  const work = rows * features.length * outputsOf(targets);
  return Math.max(1, Math.floor(STEP_WORK / Math.max(1, work)));
}

/** Follows the loss of the rows that tell when to stop. */
interface StopRule {
  /** Adds an iteration; have the last `patience` ones gained nothing? */
  after(grown: readonly BoostedTree[]): boolean;
  now(): Pick<BoostingState, 'heldScores' | 'least' | 'best'>;
}

function createStopRule({ held, features, params }: BoostingSet, state: BoostingState): StopRule {
  let { least, best } = state;
  const heldScores = state.heldScores.slice();
  if (held === undefined) {
    return { after: () => false, now: () => ({ heldScores, least, best }) };
  }
  const loss = lossOf(held.targets, held.weights);
  const rows = codedRows(held.codes, held.rows, 1);
  let iterations = state.trees.length / loss.outputs;
  return {
    after(grown) {
      addTreesInto(grown, rows, features.length, loss.outputs, heldScores);
      iterations++;
      const mean = loss.mean(heldScores);
      if (mean < least - GAIN_TOLERANCE) {
        least = mean;
        best = iterations;
      }
      return iterations - best >= params.patience;
    },
    now: () => ({ heldScores, least, best }),
  };
}

function firstScores({ initial, first, features }: BoostingSet, table: BinnedRows): Float64Array {
  const outputs = initial.length;
  const scores = new Float64Array(table.rows * outputs);
  for (let at = 0; at < scores.length; at++) scores[at] = initial[at % outputs];
  addTreesInto(first, table, features.length, outputs, scores);
  return scores;
}

function meanLoss(
  { targets, weights, held }: BoostingSet,
  scores: Float64Array,
  heldScores: Float64Array,
): number {
  const own: Pick<HeldRows, 'targets' | 'weights'> = held ?? { targets, weights };
  return lossOf(own.targets, own.weights).mean(held === undefined ? scores : heldScores);
}
