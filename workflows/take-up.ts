/** A pipeline's state in the store: it outlives the workflow, whatever ends that. */
import { log, patched, workflowInfo } from '@temporalio/workflow';
import type { Damage, FoundRun, FoundRuns, RunSummary } from './contract.ts';
import {
  adopt,
  carriedState,
  holdsTooManyRuns,
  oldestPage,
  pageSealed,
  putInForce,
  recordAudit,
  recordResult,
  type PipelineState,
} from './pipeline-state.ts';
import { takeInAgain } from './queue.ts';
import { recording } from './recording.ts';

/** The patch under which a pipeline keeps its state in the store and takes it up from there. */
export const STATE_IN_STORE = 'state in the store';

/** Keeps the state as it is now. What runs change is in their reports as well, and needs no saving. */
export async function saveState(state: PipelineState): Promise<void> {
  const { name: pipeline, target } = state.config;
  state.unsaved = false;
  state.saving = true;
  try {
    await recording.saveState({ pipeline, target, state: carriedState(state) });
  } finally {
    state.saving = false;
  }
}

/**
 * A pipeline that begins beside a store that knows it goes on where it ended: from the newest state that was saved, and
 * the runs that were recorded after that.
 */
export async function takeUpState(state: PipelineState): Promise<void> {
  const { name, target } = state.config;
  const found = await recording.findState({ name, target });
  if (found.state !== null) adopt(state, found.state);
  state.sealedPages = Math.max(state.sealedPages, found.sealedPages);
  state.sequence = Math.max(state.sequence, found.after);
  tellDamage(state, found);
  await recordAgain(state, { sealedUpTo: found.sealedUpTo, appoints: true });
  state.takingUp = false;
}

/**
 * Records the runs that the store has and this state has not: it was reset to a moment before them. What they asked for
 * of the champion is in its history, or was meant to be undone.
 */
export async function catchUp(state: PipelineState): Promise<void> {
  state.reset = 'caught up';
  await recordAgain(state, { sealedUpTo: 0, appoints: false });
}

/**
 * Notices that this execution was reset and has not looked yet for the runs that ended after the moment it was reset to. A
 * replay of what came before that moment must not notice it, so that a patch has to be asked there and then: to be called
 * where the server has just woken the workflow, and not after a local activity (see `reading.ts`).
 */
export function noticeReset(state: PipelineState): void {
  const { runId, originalExecutionRunId } = workflowInfo();
  if (runId === originalExecutionRunId || state.reset !== 'unnoticed') return;
  if (patched('runs after a reset')) state.reset = 'noticed';
}

async function recordAgain(
  state: PipelineState,
  { sealedUpTo, appoints }: { readonly sealedUpTo: number; readonly appoints: boolean },
): Promise<void> {
  const { name: pipeline } = state.config;
  let after: number | null = state.sequence;
  while (after !== null) {
    const found: FoundRuns = await recording.findRuns({ pipeline, after });
    const { runs, next, newest } = found;
    tellDamage(state, found);
    for (const run of runs) recordFound(state, run, appoints);
    state.recent = state.recent.filter(({ sequence }) => sequence > sealedUpTo);
    while (holdsTooManyRuns(state)) await sealPage(state);
    if (next === null) state.sequence = Math.max(state.sequence, newest);
    after = next;
  }
  if (state.sequence > 0) log.info('Went on from what the store knows', { runs: state.sequence });
}

/** Keeps with the pipeline what was damaged of what it goes on from. */
function tellDamage(state: PipelineState, { damage = [] }: Damage): void {
  for (const why of damage) {
    log.error(`What the store has of the pipeline is damaged: ${why}`, {
      pipeline: state.config.name,
    });
    const at = new Date().toISOString();
    const detail = 'what the store has of the pipeline is damaged';
    recordAudit(state, { action: 'takeUp', by: 'CalmOps', why, at, detail });
  }
}

function recordFound(state: PipelineState, found: FoundRun, appoints: boolean): void {
  const { run } = found.result;
  const isThere = state.recent.some((each) => each.workflowId === run.workflowId);
  const waited = leaveQueue(state, run);
  if (appoints && !isThere) appointAsBefore(state, found, 'before');
  state.sequence = Math.max(state.sequence, run.sequence);
  state.revisions = Math.max(state.revisions, run.revision);
  if (isThere) return;
  if (appoints) appointAsBefore(state, found, 'after');
  recordResult(state, found.result, Date.parse(run.finishedAt));
  // It was cancelled with its pipeline, not for itself.
  if (waited !== undefined && run.outcome === 'cancelled') {
    takeInAgain(state, waited.file, waited.forced);
  }
}

/** Takes the file of a run out of the queue, if it waits there. */
function leaveQueue(
  state: PipelineState,
  { sha256, revision }: RunSummary,
): PipelineState['queue'][number] | undefined {
  const index = state.queue.findIndex(
    ({ file, revision: of }) => file.sha256 === sha256 && of === revision,
  );
  return index < 0 ? undefined : state.queue.splice(index, 1)[0];
}

/** Puts in force what was in force before a run, or after it: in the run itself, or by hand since the run before. */
function appointAsBefore(
  state: PipelineState,
  { result: { run }, championBefore, championAfter }: FoundRun,
  when: 'before' | 'after',
): void {
  const model = when === 'before' ? championBefore : championAfter;
  if (model === null || model === undefined || model.id === state.champion?.model.id) return;
  const why =
    when === 'before'
      ? `it was in force when ${run.fileName} was run, as the store has it`
      : run.reason;
  putInForce(state, { model, since: run.finishedAt, by: 'CalmOps', why });
}

/** Seals the oldest page of recent runs. */
export async function sealPage(state: PipelineState): Promise<void> {
  const { name: pipeline } = state.config;
  const runs = oldestPage(state);
  const { uri } = await recording.sealRuns({ pipeline, page: state.sealedPages, runs });
  pageSealed(state, pageOf(uri));
}

/** The number in the name of a page. */
function pageOf(uri: string): number {
  const page = /(\d+)\.json$/.exec(uri)?.[1];
  if (page === undefined) throw new Error(`${uri} is not the name of a page of runs`);
  return Number(page);
}
