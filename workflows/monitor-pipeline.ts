import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  isCancellation,
  log,
  patched,
  startChild,
  TerminatedFailure,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { handleArrivals } from './arrivals.ts';
import {
  runWorkflowId,
  summaryHead,
  type MonitorPipelineInput,
  type QueuedFile,
  type RunResult,
  type RunSummary,
} from './contract.ts';
import { monitorDataset } from './monitor-dataset.ts';
import { handleCommands } from './pipeline-commands.ts';
import { answerQueries } from './pipeline-queries.ts';
import {
  carriedState,
  coolingNow,
  holdsTooManyRuns,
  isCarriable,
  openState,
  rateOfNextFile,
  recordAudit,
  recordResult,
  refreshBreaker,
  trimToCarriable,
  untilProbe,
  type PipelineState,
} from './pipeline-state.ts';
import { takeInAgain } from './queue.ts';
import { recording } from './recording.ts';
import { searchAttribute } from './search-attributes.ts';
import { showState } from './shown-state.ts';
import {
  catchUp,
  noticeReset,
  saveState,
  sealPage,
  STATE_IN_STORE,
  takeUpState,
} from './take-up.ts';

/**
 * The life of one pipeline. It takes files in the order in which they arrive and runs one child workflow
 * for each, so that every file meets the champion that its predecessors left. It owns what runs share: the
 * champion pointer, the breaker, the queue. It continues as new when its history has grown, and ends only when it is
 * retired or its workflow is cancelled; what it knows stays in the store and is taken up by the next one.
 */
export async function monitorPipeline(input: MonitorPipelineInput): Promise<void> {
  const state = openState(input.config, input.carried);
  const begins = input.carried === undefined;
  // Asked before any local activity: see `reading.ts`. Where the first holds, so does every other, and none is asked later.
  state.patchesHold = patched('every patch holds from the start');
  state.isStored = state.patchesHold || patched(STATE_IN_STORE);
  state.shown.hasMemo = state.patchesHold || patched('memo for lists');
  state.takingUp = begins && state.isStored;
  handleArrivals(state);
  handleCommands(state);
  answerQueries(state);
  try {
    if (state.takingUp) await takeUpState(state);
    else if (begins && patched('champion of the store')) await takeUpChampion(state);
    const saving = CancellationScope.nonCancellable(() => keepSaved(state));
    await Promise.race([saving, runFiles(state, input)]);
  } catch (error) {
    // What was not taken up must not take the place of what is in the store.
    if (isCancellation(error) && !state.takingUp && state.isStored) {
      await CancellationScope.nonCancellable(() => settle(state));
    }
    throw error;
  }
}

/** Runs files until the pipeline is retired. */
async function runFiles(state: PipelineState, input: MonitorPipelineInput): Promise<void> {
  let runs = 0;
  for (;;) {
    const hasWaited = await workOrProbe(state);
    refreshBreaker(state, Date.now());
    showState(state);
    if (isRetired(state)) {
      state.retiring = null;
      return settle(state);
    }
    if (workflowInfo().continueAsNewSuggested || runs === input.continueAfterRuns) break;
    // Older code asked after local activities too.
    if (hasWaited || !state.patchesHold) noticeReset(state);
    if (state.reset === 'noticed') await catchUp(state);
    if (!hasWork(state)) continue;
    await runNext(state);
    if (holdsTooManyRuns(state)) await sealPage(state);
    runs += 1;
  }
  // Long paths and reasons: what may have to go is in the store then.
  while (!isCarriable(state) && state.recent.length > 0) await sealPage(state);
  if (state.isStored) state.unsaved = true;
  await settled(state);
  trimToCarriable(state);
  return continueAsNew<typeof monitorPipeline>({
    ...input,
    config: state.config,
    carried: carriedState(state),
  });
}

/** Leaves all that is known in the store, before the workflow ends. */
async function settle(state: PipelineState): Promise<void> {
  await condition(allHandlersFinished);
  await saveState(state);
}

/** A handler that is still answering would be cut off: the caller would wait for ever. */
async function settled(state: PipelineState): Promise<void> {
  await condition(() => allHandlersFinished() && !state.unsaved && !state.saving);
}

/** Saves the state whenever something changed that no report of a run tells. */
async function keepSaved(state: PipelineState): Promise<void> {
  for (;;) {
    await condition(() => state.unsaved);
    if (state.isStored) await saveState(state);
    else state.unsaved = false;
  }
}

/** How pipelines began before their whole state was in the store: with the champion alone. */
async function takeUpChampion(state: PipelineState): Promise<void> {
  const { name, target } = state.config;
  const found = await recording.findChampion({ name, target });
  // Whoever put a model in force meanwhile knew better.
  if (found !== null && state.champion === null) state.champion = found;
}

function isRetired(state: PipelineState): boolean {
  return state.retiring !== null && state.queue.length === 0;
}

function hasWork(state: PipelineState): boolean {
  return state.queue.length > 0 && state.paused === null;
}

/**
 * Waits for a file that may be run, for the moment at which an open breaker becomes half-open, for the end of the
 * pipeline, or until the history has grown, by whatever it was.
 * @returns whether it had to wait
 */
async function workOrProbe(state: PipelineState): Promise<boolean> {
  const { breaker } = state;
  const renews = state.isStored;
  const ready = (): boolean =>
    hasWork(state) ||
    state.breaker !== breaker ||
    isRetired(state) ||
    (renews && workflowInfo().continueAsNewSuggested);
  const timeout = untilProbe(state, Date.now());
  const waits = timeout !== 0 && !ready();
  if (timeout === null) await condition(ready);
  else if (timeout > 0) {
    await condition(ready, timeout, { summary: 'the open breaker lets a probe through' });
  }
  return waits;
}

async function runNext(state: PipelineState): Promise<void> {
  const item = state.queue.shift();
  if (item === undefined) return;
  state.running = item;
  const sequence = state.sequence + 1;
  try {
    const result = await runFile(state, item, sequence);
    if (result === 'already recorded') {
      await settleKnown(state, item);
      return;
    }
    state.sequence = sequence;
    recordResult(state, result, Date.now());
  } catch (error) {
    // The pipeline was cancelled. Where the run left a report, the file is found to have its outcome.
    state.queue.unshift(item);
    throw error;
  } finally {
    state.running = null;
    showState(state);
  }
}

/**
 * A file whose run is over, though this state does not know it. Its report tells how it ended; where there is none, for
 * somebody removed it, the file is run again.
 */
async function settleKnown(state: PipelineState, item: QueuedFile): Promise<void> {
  if (!state.isStored) return;
  const { name: pipeline } = state.config;
  const { file, revision } = item;
  const found = await recording.findRun({ pipeline, sha256: file.sha256, revision });
  if (found !== null) {
    log.info(`${file.name} was run before: its outcome is in the store`, { pipeline });
    if (found.sequence > state.sequence) await catchUp(state);
    return;
  }
  const again = takeInAgain(state, file, item.forced);
  const why = 'its run is over, and the report of it is not in the store';
  log.warn(`${file.name} is run again: ${why}`, { pipeline, revision: again.revision });
  const at = new Date().toISOString();
  recordAudit(state, { action: 'reprocess', by: 'CalmOps', why, at, detail: file.name });
}

async function runFile(
  state: PipelineState,
  item: QueuedFile,
  sequence: number,
): Promise<RunResult | 'already recorded'> {
  const { config } = state;
  const workflowId = runWorkflowId(config.name, item.file.sha256, item.revision);
  try {
    const child = await startChild(monitorDataset, {
      workflowId,
      args: [
        {
          config,
          file: item.file,
          revision: item.revision,
          sequence,
          champion: state.champion?.model ?? null,
          previous: state.previous?.model ?? null,
          breaker: state.breaker,
          forced: item.forced,
          shadow: state.shadow,
          cooling: coolingNow(state, Date.now()),
          falseAlarmRate: rateOfNextFile(state),
          version: 3,
          backlog: state.queue.length > 0,
        },
      ],
      // A run that completed has its outcome; one that was terminated may be tried again.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      typedSearchAttributes: [
        searchAttribute('CalmopsPipeline', config.name),
        searchAttribute('CalmopsFile', item.file.name),
        searchAttribute('CalmopsStage', 'ingest'),
      ],
      staticSummary: `${item.file.name} in pipeline ${config.name}`,
      staticDetails: detailsOf(item, sequence),
    });
    const result = await child.result();
    if (state.patchesHold) noticeReset(state);
    return result;
  } catch (error) {
    if (state.patchesHold) noticeReset(state);
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already recorded';
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    return { run: await recordBrokenRun(state, item, sequence, error), candidate: null };
  }
}

/** Markdown for the page of the run in the Temporal UI. */
function detailsOf({ file, revision, forced }: QueuedFile, sequence: number): string {
  return [
    `- File: \`${file.path}\`, ${file.bytes} bytes, arrived ${file.arrivedAt}`,
    `- sha256: \`${file.sha256}\``,
    `- Number ${sequence} of the pipeline${revision === 0 ? '' : `, repetition ${revision}`}`,
    ...(forced === null ? [] : [`- Retraining asked for by ${forced.by}: ${forced.why}`]),
  ].join('\n');
}

/** A run that could not record its own outcome: it was terminated, cancelled, or timed out. */
async function recordBrokenRun(
  state: PipelineState,
  item: QueuedFile,
  sequence: number,
  error: ChildWorkflowFailure,
): Promise<RunSummary> {
  const { outcome, reason } = explain(error);
  const championId = state.champion?.model.id ?? null;
  const summary: RunSummary = {
    ...summaryHead(state.config.name, item.file, item.revision, sequence),
    finishedAt: new Date().toISOString(),
    outcome,
    action: null,
    reason,
    rows: null,
    driftScore: null,
    metric: null,
    championId,
    report: null,
  };
  const report = await recording.publish({
    version: 1,
    pipeline: state.config.name,
    summary,
    file: item.file,
    dataset: null,
    drift: null,
    evaluation: null,
    decision: null,
    challenger: null,
    comparison: null,
    predictions: null,
    failure: { type: error.cause?.name ?? error.name, message: reason },
  });
  return { ...summary, report };
}

function explain(error: ChildWorkflowFailure): { outcome: 'cancelled' | 'failed'; reason: string } {
  const { cause } = error;
  if (cause instanceof CancelledFailure) {
    return { outcome: 'cancelled', reason: 'The run was cancelled.' };
  }
  if (cause instanceof TerminatedFailure) {
    return { outcome: 'failed', reason: 'The run was terminated by hand.' };
  }
  if (cause instanceof TimeoutFailure) return { outcome: 'failed', reason: 'The run timed out.' };
  return { outcome: 'failed', reason: cause?.message ?? error.message };
}
