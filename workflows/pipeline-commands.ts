import type { UpdateDefinition } from '@temporalio/common';
import {
  ApplicationFailure,
  getExternalWorkflowHandle,
  log,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { CLOSED_BREAKER } from '../core/breaker.ts';
import { MAX_QUEUE_BYTES } from './carried-size.ts';
import {
  appointmentAnswered,
  appointmentProposed,
  configure,
  datasetsArrived,
  dropShadow,
  importModel,
  MAX_SHADOW_FILES,
  pause,
  promote,
  reprocess,
  resetBreaker,
  resume,
  retrain,
  rollback,
  type AuditEntry,
  type Candidate,
  type ModelRef,
  type Request,
  type RunSummary,
} from './contract.ts';
import {
  appoint,
  keepCandidate,
  putInForce,
  recordAudit,
  roomIn,
  setShadow,
  takeIn,
  takeInAgain,
  type PipelineState,
} from './pipeline-state.ts';
import { showInLists } from './shown-state.ts';

/** Registers what may be said to a pipeline. Every update names who asked and why, and is kept. */
export function handleCommands(state: PipelineState): void {
  setHandler(datasetsArrived, (files) => {
    takeIn(state, files, patched('queue in bytes') ? MAX_QUEUE_BYTES : Infinity);
  });
  setHandler(appointmentProposed, async (proposal) => {
    const answer = appoint(state, proposal, now());
    try {
      await getExternalWorkflowHandle(proposal.runWorkflowId).signal(appointmentAnswered, answer);
    } catch (error) {
      log.warn('The run that proposed a champion ended before it was answered', {
        run: proposal.runWorkflowId,
        error: String(error),
      });
    }
  });
  handlePausing(state);
  handleModelCommands(state);
  handleImports(state);
  handleRunCommands(state);
}

function handlePausing(state: PipelineState): void {
  command(state, 'pause', pause, {
    check: () => (state.paused === null ? null : 'the pipeline is paused already'),
    apply: ({ by, why }) => {
      state.paused = { by, why, at: now() };
      return 'new files wait in the queue';
    },
  });
  command(state, 'resume', resume, {
    check: () => (state.paused === null ? 'the pipeline is not paused' : null),
    apply: () => {
      state.paused = null;
      return `${state.queue.length} files were waiting`;
    },
  });
  command(state, 'resetBreaker', resetBreaker, {
    check: () =>
      state.breaker.kind === 'closed' && state.breaker.failures === 0
        ? 'the breaker is closed and has counted no failure'
        : null,
    apply: () => {
      const before = state.breaker.kind;
      state.breaker = CLOSED_BREAKER;
      return `it was ${before}`;
    },
  });
}

function handleModelCommands(state: PipelineState): void {
  command(state, 'promote', promote, {
    check: ({ modelId }) =>
      candidate(state, modelId) === undefined ? `no candidate has the id '${modelId}'` : null,
    apply: ({ modelId, by, why }) => {
      const found = candidate(state, modelId);
      if (found === undefined) return `model ${modelId}`;
      const { refusedBecause, report, ...model } = found;
      putInForce(state, { model, since: now(), by, why });
      const detail = `model ${modelId}${refusedBecause === undefined ? '' : `, which was refused: ${refusedBecause}`}`;
      return report === undefined ? detail : { detail, report };
    },
  });
  command(state, 'dropShadow', dropShadow, {
    check: ({ modelId }) =>
      state.shadow?.model.id === modelId ? null : `model '${modelId}' does not run in shadow`,
    apply: ({ modelId, by, why }) => {
      const seen = state.shadow?.seen.length ?? 0;
      setShadow(state, null, `${by} ended its time beside the champion: ${why}`);
      return `model ${modelId}, after ${seen} files`;
    },
  });
  command(state, 'rollback', rollback, {
    check: () => (state.previous === null ? 'there is no previous model to roll back to' : null),
    apply: ({ by, why }) => {
      const previous = state.previous;
      if (previous === null) return 'nothing to roll back to';
      putInForce(state, { model: previous.model, since: now(), by, why });
      return `back to model ${previous.model.id}`;
    },
  });
}

function handleImports(state: PipelineState): void {
  command(state, 'importModel', importModel, {
    check: ({ model, files }) => {
      const { champion, shadow } = state;
      if (!Number.isInteger(files) || files < 0 || files > MAX_SHADOW_FILES) {
        return `it may run beside the champion for 0 to ${MAX_SHADOW_FILES} files, got ${files}`;
      }
      if (knows(state, model.id)) return `the pipeline has model ${model.id} already`;
      if (champion === null) return null;
      if (champion.model.task !== model.task) {
        return `it is for ${model.task}, the champion for ${champion.model.task}`;
      }
      return files === 0 || shadow === null
        ? null
        : `challenger ${shadow.model.id} runs beside the champion: one at a time does`;
    },
    apply: ({ model, files, by, why }) => {
      const { champion } = state;
      if (champion === null) {
        putInForce(state, { model, since: now(), by, why });
        return `model ${model.id} is the first champion`;
      }
      if (files === 0) {
        const refusedBecause = 'It was imported; nothing has compared it with the champion.';
        keepCandidate(state, { ...model, refusedBecause });
        return `model ${model.id} is a candidate`;
      }
      const championId = champion.model.id;
      const shadow = { model, championId, since: now(), why, files, seen: [], comparison: null };
      setShadow(state, shadow, 'An imported model took its place beside the champion.');
      return `model ${model.id} runs beside the champion for ${files} files`;
    },
  });
}

function knows({ champion, previous, candidates, shadow }: PipelineState, id: string): boolean {
  const models: readonly (ModelRef | undefined)[] = [
    champion?.model,
    previous?.model,
    shadow?.model,
    ...candidates,
  ];
  return models.some((model) => model?.id === id);
}

function handleRunCommands(state: PipelineState): void {
  command(state, 'retrain', retrain, {
    check: () =>
      newestRunWithData(state) === undefined
        ? 'no file has been read yet to train on'
        : queueIsFull(state),
    apply: ({ by, why }) => {
      const run = newestRunWithData(state);
      if (run !== undefined) takeInAgain(state, run, { by, why });
      return `on ${run?.fileName ?? 'no file'}`;
    },
  });
  command(state, 'reprocess', reprocess, {
    check: ({ sha256 }) =>
      runOf(state, sha256) === undefined
        ? `no recent run is of a file with sha256 '${sha256}'; drop the file again instead`
        : queueIsFull(state),
    apply: ({ sha256 }) => {
      const run = runOf(state, sha256);
      if (run !== undefined) takeInAgain(state, run, null);
      return run?.fileName ?? 'no file';
    },
  });
  command(state, 'configure', configure, {
    check: ({ config }) => {
      if (config.name !== state.config.name) return `the name cannot change to '${config.name}'`;
      if (config.target === state.config.target) return null;
      return `the target cannot change from '${state.config.target}' to '${config.target}': models of the old one would be compared with the new; make a new pipeline`;
    },
    apply: ({ config }) => {
      state.config = config;
      return 'in force from the next file on';
    },
  });
}

/** What an update did, and the report of the run that it goes back to. */
type Applied = string | Required<Pick<AuditEntry, 'detail' | 'report'>>;

/** An update: refused with a reason by `check`, otherwise applied and kept in the audit. */
function command<R extends Request>(
  state: PipelineState,
  action: AuditEntry['action'],
  definition: UpdateDefinition<void, [R]>,
  { check, apply }: { check: (request: R) => string | null; apply: (request: R) => Applied },
): void {
  const handler = (request: R): void => {
    const applied = apply(request);
    const details = typeof applied === 'string' ? { detail: applied } : applied;
    recordAudit(state, { action, by: request.by, why: request.why, at: now(), ...details });
    showInLists(state);
  };
  const validator = (request: R): void => {
    const reason = missingRequest(request) ?? check(request);
    if (reason !== null) throw ApplicationFailure.nonRetryable(`${action}: ${reason}`, 'Refused');
  };
  setHandler<void, [R], UpdateDefinition<void, [R]>>(definition, handler, { validator });
}

/** Fifty entries of the audit are carried along. */
const MAX_BY = 100;
const MAX_WHY = 600;

/** Updates come from outside, also from tools that know nothing of our types. */
function missingRequest(request: Partial<Request> | undefined): string | null {
  if (typeof request?.by !== 'string' || request.by.trim() === '') return 'say who asks (by)';
  if (typeof request.why !== 'string' || request.why.trim() === '') return 'say why (why)';
  if (request.by.length > MAX_BY) return `say who asks in at most ${MAX_BY} characters`;
  if (request.why.length > MAX_WHY) return `say why in at most ${MAX_WHY} characters`;
  return null;
}

/** A challenger that may be put in force by hand: one that was refused, or the one in shadow before its time. */
function candidate(state: PipelineState, id: string): Candidate | undefined {
  const inShadow = state.shadow?.model;
  return (
    state.candidates.find((model) => model.id === id) ??
    (inShadow?.id === id ? inShadow : undefined)
  );
}

function queueIsFull(state: PipelineState): string | null {
  return roomIn(state) > 0 ? null : 'as many files wait as the pipeline takes in; ask again later';
}

function newestRunWithData(state: PipelineState): RunSummary | undefined {
  return state.recent.findLast((run) => run.rows !== null && run.outcome !== 'waiting');
}

function runOf(state: PipelineState, sha256: string): RunSummary | undefined {
  return state.recent.findLast((run) => run.sha256 === sha256);
}

const now = (): string => new Date().toISOString();
