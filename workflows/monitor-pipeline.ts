import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  patched,
  proxyLocalActivities,
  startChild,
  TerminatedFailure,
  CancelledFailure,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { RECORDING } from './activity-options.ts';
import {
  runWorkflowId,
  summaryHead,
  type LightActivities,
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
  oldestPage,
  openState,
  pageSealed,
  rateOfNextFile,
  recordResult,
  refreshBreaker,
  untilProbe,
  type PipelineState,
} from './pipeline-state.ts';
import { searchAttribute } from './search-attributes.ts';
import { showState } from './shown-state.ts';

const { findChampion, publish, sealRuns } = proxyLocalActivities<LightActivities>(RECORDING);

/**
 * The life of one pipeline. It takes files in the order in which they arrive and runs one child workflow
 * for each, so that every file meets the champion that its predecessors left. It owns what runs share: the
 * champion pointer, the breaker, the queue. It never ends; it continues as new when its history has grown.
 */
export async function monitorPipeline(input: MonitorPipelineInput): Promise<never> {
  const state = openState(input.config, input.carried);
  handleCommands(state);
  answerQueries(state);
  if (input.carried === undefined && patched('champion of the store')) await takeUpChampion(state);
  let runs = 0;
  for (;;) {
    await workOrProbe(state);
    refreshBreaker(state, Date.now());
    showState(state);
    if (workflowInfo().continueAsNewSuggested || runs === input.continueAfterRuns) break;
    if (!hasWork(state)) continue;
    await runNext(state);
    await sealOldRuns(state);
    runs += 1;
  }
  // Long paths and reasons: what may have to go is in the store then.
  while (!isCarriable(state) && state.recent.length > 0) await sealPage(state);
  // A handler that is still answering would be cut off: the caller would wait for ever.
  await condition(allHandlersFinished);
  return continueAsNew<typeof monitorPipeline>({
    ...input,
    config: state.config,
    carried: carriedState(state),
  });
}

/** A pipeline that begins anew beside a store that knows it goes on with the champion that it had. */
async function takeUpChampion(state: PipelineState): Promise<void> {
  const { name, target } = state.config;
  const found = await findChampion({ name, target });
  // Whoever put a model in force meanwhile knew better.
  if (found !== null && state.champion === null) state.champion = found;
}

function hasWork(state: PipelineState): boolean {
  return state.queue.length > 0 && state.paused === null;
}

/** Waits for a file that may be run, or for the moment at which an open breaker becomes half-open. */
async function workOrProbe(state: PipelineState): Promise<void> {
  const breaker = state.breaker;
  const ready = (): boolean => hasWork(state) || state.breaker !== breaker;
  const timeout = untilProbe(state, Date.now());
  if (timeout === null) await condition(ready);
  else if (timeout > 0) {
    await condition(ready, timeout, { summary: 'the open breaker lets a probe through' });
  }
}

async function runNext(state: PipelineState): Promise<void> {
  const item = state.queue.shift();
  if (item === undefined) return;
  state.running = item;
  const sequence = state.sequence + 1;
  try {
    const result = await runFile(state, item, sequence);
    if (result === 'already recorded') return;
    state.sequence = sequence;
    recordResult(state, result, Date.now());
  } finally {
    state.running = null;
    showState(state);
  }
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
    return await child.result();
  } catch (error) {
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
  const report = await publish({
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

async function sealOldRuns(state: PipelineState): Promise<void> {
  if (holdsTooManyRuns(state)) await sealPage(state);
}

async function sealPage(state: PipelineState): Promise<void> {
  const runs = oldestPage(state);
  await sealRuns({ pipeline: state.config.name, page: state.sealedPages, runs });
  pageSealed(state);
}
