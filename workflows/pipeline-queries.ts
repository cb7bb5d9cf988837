import { setHandler } from '@temporalio/workflow';
import {
  pipelineModels,
  pipelineRuns,
  pipelineStatus,
  excerptOf,
  runWorkflowId,
  type PipelineStatus,
  type Shadow,
} from './contract.ts';
import { coolDownOf } from './cooling.ts';
import type { PipelineState } from './pipeline-state.ts';
import { roomIn } from './queue.ts';

const NEXT_SHOWN = 20;

/** Answers what may be asked of a pipeline. */
export function answerQueries(state: PipelineState): void {
  setHandler(pipelineStatus, () => statusOf(state));
  setHandler(pipelineRuns, ({ offset, limit }) => ({
    runs: state.recent.toReversed().slice(offset, offset + limit),
    total: state.recent.length,
    sealedPages: state.sealedPages,
  }));
  setHandler(pipelineModels, () => ({
    champion: state.champion,
    previous: state.previous,
    candidates: state.candidates,
  }));
}

function statusOf(state: PipelineState): PipelineStatus {
  const { config, paused, champion, previous, breaker, running, queue, audit, shadow } = state;
  return {
    config: { ...excerptOf(config), ...('stored' in config && { stored: config.stored }) },
    state: running !== null ? 'working' : paused !== null ? 'paused' : 'idle',
    paused,
    champion,
    previous,
    breaker,
    running:
      running === null
        ? null
        : {
            workflowId: runWorkflowId(config.name, running.file.sha256, running.revision),
            fileName: running.file.name,
          },
    queued: queue.length,
    room: roomIn(state),
    next: queue
      .slice(0, NEXT_SHOWN)
      .map(({ file }) => ({ fileName: file.name, sha256: file.sha256 })),
    runs: state.sequence,
    last: state.recent.at(-1) ?? null,
    audit,
    shadow: shadow === null ? null : shadowStatus(shadow),
    coolDown: coolDownOf(state.promotion, config.retrain.coolDown, state.sequence + 1),
  };
}

function shadowStatus({ seen, ...shadow }: Shadow): NonNullable<PipelineStatus['shadow']> {
  return { ...shadow, filesSeen: seen.length };
}
