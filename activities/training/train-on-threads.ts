import type { BoostingState } from '../../core/models/boosting/boost.ts';
import type { TreeChunk } from '../../core/models/forest/chunk.ts';
import type { Damage, ModelRef } from '../../workflows/contract.ts';
import { backtestOnThreads } from './backtest-on-threads.ts';
import { beside } from '../damage.ts';
import type { Compute } from '../compute.ts';
import type { Work } from '../work.ts';
import { createFinishedParts } from './finished-parts.ts';
import { addBoosted, addChunk, type Fitted, type PreparedFit } from './fit.ts';
import type { Choice, TrainingPlan } from './plan-training.ts';
import { searchOnThreads } from './search-on-threads.ts';
import type { TrainInput } from './training-data.ts';
import type { TrainingWork } from './training-work.ts';

/**
 * Trains on all compute threads. One plans and prepares the data in shared memory, all of them fit, one makes
 * the model, scores and stores it. Which thread did what does not show in the result.
 */
export async function trainOnThreads(
  input: TrainInput,
  compute: Compute,
  work: Work,
): Promise<ModelRef & Damage> {
  const finished = createFinishedParts(compute.checkpoints);
  try {
    const model = await trainInParts(input, compute, { ...work, finished });
    await finished.settled();
    await finished.remove();
    await compute.checkpoints.sweep();
    return model;
  } finally {
    // The next attempt may begin in this process, and reads what this one has left.
    await finished.settled();
  }
}

async function trainInParts(
  input: TrainInput,
  compute: Compute,
  work: TrainingWork,
): Promise<ModelRef & Damage> {
  const { signal } = work;
  let choice = await chooseHow(input, compute, work);
  const told = new Set<string>(choice.damage);
  const rest = within(work, choice.backtest === null ? 0 : CHOSEN, 1);
  for (;;) {
    const worked = WORK_OF_PLANNING.get(choice.mode);
    if (worked !== undefined) rest.report({ done: 0, note: worked });
    let plan = await compute.run('planTraining', { input, choice }, { signal });
    for (const sentence of plan.damage ?? []) told.add(sentence);
    if (isSearched(input, plan, choice)) {
      const found = await searchOnThreads({ input, plan }, compute, within(rest, 0, SEARCHED));
      // The plan's own mode: where another was asked for, the notes have said why it gave way.
      choice = { ...choice, ...found, mode: plan.mode, notes: [...plan.notes, found.note] };
      plan = await compute.run('planTraining', { input, choice }, { signal });
    }
    const fitted = await fitAll(
      { input, plan },
      compute,
      within(rest, choice.search === null ? 0 : SEARCHED, FITTED),
    );
    rest.report({ done: FITTED, note: 'scoring the challenger' });
    const task = { input, choice, plan, fitted };
    const finished = await compute.run('finishTraining', task, { signal });
    if (finished.kind === 'stored') return beside(finished.model, [...told]);
    choice = { ...choice, mode: finished.mode, notes: [...plan.notes, finished.reason] };
  }
}

/** What takes the time of a mode that fits nothing: its model is made while it is planned. */
const WORK_OF_PLANNING: ReadonlyMap<Choice['mode'], string> = new Map([
  ['incremental', 'the champion goes on learning'],
  ['recalibration', 'correcting the champion'],
]);

/** Share of the work that is done when the mode is chosen, where it has to be. */
const CHOSEN = 0.5;

/** Share of the rest that is done when parameters are found, where they are searched for. */
const SEARCHED = 0.7;

/** Share of the rest that is done when everything is fitted. */
const FITTED = 0.9;

/** Parameters are searched for once, and only where something is fitted with them: a champion goes on with its own. */
function isSearched({ config }: TrainInput, plan: TrainingPlan, { search }: Choice): boolean {
  const isFitted = plan.fits > 0 && plan.mode !== 'incremental';
  return config.search !== undefined && isFitted && search === null;
}

/** The mode: the one asked for, or for `auto` the one that would have done best. */
async function chooseHow(
  input: TrainInput,
  compute: Compute,
  work: TrainingWork,
): Promise<Choice & Damage> {
  const { mode, parent } = input;
  if (mode !== 'auto') return { mode, ...UNSEARCHED, notes: [], backtest: null };
  if (parent === null) return { mode: 'full', ...UNSEARCHED, notes: [], backtest: null };
  const trying = within(work, 0, CHOSEN);
  const { choice, damage = [] } = await backtestOnThreads({ ...input, parent }, compute, trying);
  const { mode: chosen, reason } = choice;
  return beside({ mode: chosen, ...UNSEARCHED, notes: [reason], backtest: choice }, damage);
}

/** Work that is a part of other work, from one share done to another. */
function within(work: TrainingWork, from: number, to: number): TrainingWork {
  const { report } = work;
  return {
    ...work,
    report: ({ done, note }) => {
      report({ done: from + (to - from) * done, note });
    },
  };
}

const UNSEARCHED = { params: null, search: null } as const;

interface Task {
  readonly input: TrainInput;
  readonly plan: TrainingPlan;
}

/** Forests one after the other, each on all threads; other models each on a thread, as many as there are. */
async function fitAll(
  task: Task,
  compute: Compute,
  work: TrainingWork,
): Promise<readonly Fitted[]> {
  const { fits, params } = task.plan;
  const progressOf = progressOfFits(fits, work);
  const fit = async (number: number): Promise<Fitted> =>
    fitOne({ ...task, fit: number }, compute, work, progressOf(number));
  const numbers = Array.from({ length: fits }, (_, number) => number);
  if (params?.kind !== 'forest') return Promise.all(numbers.map(fit));
  const fitted: Fitted[] = [];
  for (const number of numbers) fitted.push(await fit(number));
  return fitted;
}

/** How far a fit is. */
interface Progress {
  /** This share was done before, and took none of this attempt's time. */
  wentOnFrom(share: number): void;
  show(share: number, note: string): void;
}

/** Tells of all fits together, how much is done and how long the rest takes. */
function progressOfFits(fits: number, work: Work): (fit: number) => Progress {
  const startedAt = performance.now();
  const found = new Float64Array(fits);
  const shares = new Float64Array(fits);
  const show = (fit: number, note: string): void => {
    const done = meanOf(shares);
    const made = done - meanOf(found);
    const left = made > 0 ? ((performance.now() - startedAt) * (1 - done)) / made : null;
    const which = fits === 1 ? '' : `model ${fit + 1} of ${fits}: `;
    work.report({ done, note: `${which}${note}${timeLeft(left)}` });
  };
  return (fit) => ({
    wentOnFrom(share) {
      found[fit] = share;
      shares[fit] = share;
      if (share > 0) show(fit, 'going on from what an earlier attempt left');
    },
    show(share, note) {
      shares[fit] = share;
      show(fit, note);
    },
  });
}

const meanOf = (shares: Float64Array): number =>
  shares.reduce((sum, share) => sum + share, 0) / shares.length;

async function fitOne(
  request: Task & { readonly fit: number },
  compute: Compute,
  work: TrainingWork,
  progress: Progress,
): Promise<Fitted> {
  const prepared = await compute.run('prepareFit', request, { signal: work.signal });
  switch (prepared.kind) {
    case 'forest':
      return growForest(prepared, compute, work, progress);
    case 'boosting':
      return boostOn(prepared, compute, work, progress);
    case 'fitted':
      progress.show(1, 'fitted');
      return prepared;
  }
}

async function growForest(
  { set, trees, checkpoint, grown: before }: Extract<PreparedFit, { kind: 'forest' }>,
  compute: Compute,
  { signal, finished }: TrainingWork,
  progress: Progress,
): Promise<Fitted> {
  const planned = plannedChunks(trees, compute.threads);
  const isPlanned = ({ firstTree, count }: TreeChunk): boolean =>
    planned.some((chunk) => chunk.first === firstTree && chunk.count === count);
  const chunks = before.filter(isPlanned);
  const isGrown = ({ first }: PlannedChunk): boolean =>
    chunks.some(({ firstTree }) => firstTree === first);
  const parts = finished.of(checkpoint);
  let grown = chunks.reduce((sum, { count }) => sum + count, 0);
  progress.wentOnFrom(grown / trees);
  const grow = async ({ first, count }: PlannedChunk): Promise<void> => {
    const chunk = await compute.run('growTrees', { set, first, count }, { signal });
    chunks.push(chunk);
    grown += count;
    progress.show(grown / trees, `${grown} of ${trees} trees grown`);
    await addChunk(parts, chunk);
  };
  await Promise.all(planned.filter((chunk) => !isGrown(chunk)).map(grow));
  return { kind: 'forest', set, chunks };
}

/** Each iteration needs the one before it, so it is one step after another, on whichever thread is free. */
async function boostOn(
  { set, checkpoint, state: before }: Extract<PreparedFit, { kind: 'boosting' }>,
  compute: Compute,
  { signal, finished }: TrainingWork,
  progress: Progress,
): Promise<Fitted> {
  const { iterations } = set.params;
  const madeBy = ({ trees }: BoostingState): number => trees.length / set.initial.length;
  const parts = finished.of(checkpoint);
  let state = before;
  progress.wentOnFrom(madeBy(before) / iterations);
  while (!state.isFinished) {
    const from = state.trees.length;
    state = await compute.run('boost', { set, state }, { signal });
    await addBoosted(parts, from, state);
    const made = madeBy(state);
    const loss = state.loss.toPrecision(4);
    progress.show(made / iterations, `${made} of at most ${iterations} iterations, loss ${loss}`);
  }
  return { kind: 'boosting', set, state };
}

interface PlannedChunk {
  readonly first: number;
  readonly count: number;
}

/**
 * Chunks are small enough that other pipelines' tasks get a thread in between, and that progress shows;
 * and there is at least one for each thread.
 */
const TREES_PER_CHUNK = 10;

function plannedChunks(trees: number, threads: number): readonly PlannedChunk[] {
  const size = Math.max(1, Math.min(TREES_PER_CHUNK, Math.ceil(trees / threads)));
  const starts = [];
  for (let first = 0; first < trees; first += size) {
    starts.push({ first, count: Math.min(size, trees - first) });
  }
  return starts;
}

/** Less than this is not worth saying. */
const WORTH_SAYING_MS = 5_000;

function timeLeft(ms: number | null): string {
  if (ms === null || ms < WORTH_SAYING_MS) return '';
  const seconds = Math.round(ms / 1000);
  return seconds < 120
    ? `, about ${seconds} s left`
    : `, about ${Math.round(seconds / 60)} min left`;
}
