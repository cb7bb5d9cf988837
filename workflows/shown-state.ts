import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { PIPELINE_MEMO, type PipelineMemo } from './contract.ts';
import type { PipelineState } from './pipeline-state.ts';
import { searchAttribute } from './search-attributes.ts';

/**
 * While files are processed one after the other the memo may be so much behind: it costs an event, which over a
 * backlog would be one for each file. A pipeline that comes to rest, or is told something, shows it at once.
 */
const BEHIND_MS = 5000;

/** Puts the state where the Temporal UI and the lists of workflows show it; each upsert costs an event. */
export function showState(state: PipelineState): void {
  const breaker = state.breaker.kind;
  if (state.shown.breaker !== breaker) {
    state.shown.breaker = breaker;
    upsertSearchAttributes([searchAttribute('CalmopsBreaker', breaker)]);
  }
  const champion = state.champion?.model.id ?? 'none';
  const last = state.recent.at(-1);
  setCurrentDetails(
    [
      `Champion **${champion}**, breaker **${breaker}**, ${state.queue.length} queued`,
      ...(last === undefined
        ? []
        : [`Last: ${last.fileName} was **${last.outcome}**. ${last.reason}`]),
    ].join('\n\n'),
  );
  const isAtRest = state.running === null && (state.queue.length === 0 || state.paused !== null);
  if (isAtRest || Date.now() - state.shown.atMs >= BEHIND_MS) showInLists(state);
}

/** Writes the memo, if it would say anything new. */
export function showInLists(state: PipelineState): void {
  const found = memoOf(state);
  const memo = JSON.stringify(found);
  if (memo === state.shown.memo || !state.shown.hasMemo) return;
  const nowMs = Date.now();
  state.shown.memo = memo;
  state.shown.atMs = nowMs;
  const shown: PipelineMemo = { ...found, at: new Date(nowMs).toISOString() };
  upsertMemo({ [PIPELINE_MEMO]: shown });
}

function memoOf(state: PipelineState): Omit<PipelineMemo, 'at'> {
  const { config, paused, queue, sequence, champion, shadow, breaker, recent } = state;
  const last = recent.at(-1);
  return {
    version: 1,
    description: cut(config.description),
    paused: paused === null ? null : { ...paused, why: cut(paused.why) },
    queued: queue.length,
    runs: sequence,
    champion: champion === null ? null : championOf(champion),
    shadow:
      shadow === null
        ? null
        : { id: shadow.model.id, filesSeen: shadow.seen.length, files: shadow.files },
    breaker: breaker.kind === 'open' ? { ...breaker, reason: cut(breaker.reason) } : breaker,
    last: last === undefined ? null : lastOf(last),
  };
}

function championOf({
  since,
  model: { id, trainedOn, score },
}: NonNullable<PipelineState['champion']>): PipelineMemo['champion'] {
  return { id, trainedOn, since, score };
}

function lastOf({
  fileName,
  sha256,
  revision,
  outcome,
  reason,
  finishedAt,
}: PipelineState['recent'][number]): PipelineMemo['last'] {
  return { fileName, sha256, revision, outcome, reason: cut(reason), finishedAt };
}

/** Characters of a text in a list. */
const TEXT_LIMIT = 300;

function cut(text: string): string {
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT - 1)}…`;
}
