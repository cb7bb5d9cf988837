import {
  breakerAfterFailure,
  breakerAfterSuccess,
  breakerAt,
  CLOSED_BREAKER,
  type BreakerPolicy,
  type BreakerState,
} from '../core/breaker.ts';
import { durationMs } from '../core/duration.ts';
import { afterFile, levelOfNextFile, type OnlineState } from '../core/stats/online/levels.ts';
import {
  cutTo,
  jsonBytes,
  MAX_CARRIED_BYTES,
  MAX_CARRIED_WITH_CONFIG_BYTES,
} from './carried-size.ts';
import { coolingAfter } from './cooling.ts';
import {
  CARRIED_VERSION,
  type Appointment,
  type AppointmentAnswer,
  type AppointmentProposal,
  type AuditEntry,
  type Candidate,
  type CarriedState,
  type GivenConfig,
  type Promotion,
  type QueuedFile,
  type Request,
  type RunResult,
  type Retiring,
  type RunSummary,
  type SequelOfRun,
  type Shadow,
} from './contract.ts';

/** Runs kept in the workflow; older ones are sealed into the store a page at a time. */
export const RECENT_LIMIT = 100;
export const PAGE_SIZE = 50;
/** Of a reason that is kept with a run, in bytes; its report has the whole. */
const REASON_BYTES = 600;
/** Of why a model is in force or in shadow, or the breaker open; the report of that run has the whole. */
const WHY_BYTES = 1_000;
/** Of why a candidate was refused. */
const REFUSAL_BYTES = 500;
/** Of what a person asked for, why and what it did; there are fifty of them. */
const AUDIT_BYTES = 700;
const AUDIT_LIMIT = 50;
const CANDIDATE_LIMIT = 20;

/** What lists of workflows were last told of a pipeline. */
export interface ShownState {
  /** null until it is written */
  breaker: BreakerState['kind'] | null;
  /** the memo as JSON, without its moment; empty until it is written */
  memo: string;
  /** ms since the epoch, when the memo was written */
  atMs: number;
  /** whether lists read the memo of this pipeline: older code wrote none */
  hasMemo: boolean;
}

/** What a `monitorPipeline` workflow knows. The functions below are the only ways in which it changes. */
export interface PipelineState {
  config: GivenConfig;
  champion: Appointment | null;
  previous: Appointment | null;
  breaker: BreakerState;
  /** what lists of workflows were last told of it */
  shown: ShownState;
  paused: (Request & { readonly at: string }) | null;
  queue: QueuedFile[];
  running: QueuedFile | null;
  /** oldest first */
  recent: RunSummary[];
  sealedPages: number;
  sequence: number;
  revisions: number;
  /** newest first */
  audit: AuditEntry[];
  /** newest first */
  candidates: Candidate[];
  shadow: Shadow | null;
  promotion: Promotion | null;
  online: OnlineState | null;
  /** the answer to the latest proposal of a run */
  answered: AppointmentAnswer | null;
  /** whether every patch that this code asks for holds, so that none has to be asked: false where older code began */
  patchesHold: boolean;
  /** whether the whole state is kept in the store: older code kept the champion alone */
  isStored: boolean;
  /** whether what the store has of the pipeline is being taken up: whoever asks for something waits until it is */
  takingUp: boolean;
  /** whether something changed that no report of a run tells, and that is not in the store yet */
  unsaved: boolean;
  saving: boolean;
  /** how far an execution that was reset has come with the runs after the moment it was reset to */
  reset: 'unnoticed' | 'noticed' | 'caught up';
  /** who ended the pipeline, and what becomes of the files that wait; null: nobody did */
  retiring: Retiring | null;
}

/** @throws Error if the state was carried by code that is newer than this */
export function openState(config: GivenConfig, carried?: CarriedState): PipelineState {
  return {
    config,
    ...carriedParts(carried),
    shown: { breaker: null, memo: '', atMs: -Infinity, hasMemo: false },
    running: null,
    takingUp: false,
    patchesHold: false,
    isStored: false,
    unsaved: false,
    saving: false,
    reset: 'unnoticed',
  };
}

/** Puts the state that the store kept in the place of the present one. */
export function adopt(state: PipelineState, carried: CarriedState): void {
  Object.assign(state, carriedParts(carried));
}

type CarriedParts = Omit<
  PipelineState,
  | 'config'
  | 'shown'
  | 'running'
  | 'patchesHold'
  | 'isStored'
  | 'takingUp'
  | 'unsaved'
  | 'saving'
  | 'reset'
>;

function carriedParts(carried: CarriedState | undefined): CarriedParts {
  const { version = 1 } = carried ?? {};
  if (version > CARRIED_VERSION) {
    throw new Error(
      `The state of this pipeline has version ${version}, written by a newer CalmOps; this one knows versions up to ${CARRIED_VERSION}. Run the newer one again.`,
    );
  }
  return {
    champion: carried?.champion ?? null,
    previous: carried?.previous ?? null,
    breaker: carried?.breaker ?? CLOSED_BREAKER,
    paused: carried?.paused ?? null,
    queue: [...(carried?.queue ?? [])],
    recent: [...(carried?.recent ?? [])],
    sealedPages: carried?.sealedPages ?? 0,
    sequence: carried?.sequence ?? 0,
    revisions: carried?.revisions ?? 0,
    audit: [...(carried?.audit ?? [])],
    candidates: [...(carried?.candidates ?? [])],
    shadow: carried?.shadow ?? null,
    promotion: carried?.promotion ?? null,
    online: carried?.online ?? null,
    answered: carried?.answered ?? null,
    retiring: carried?.retiring ?? null,
  };
}

/** What outlives this execution; a file that is being run is the first of those that wait. */
export function carriedState(state: PipelineState): Required<CarriedState> {
  const { champion, previous, breaker, paused, recent, sealedPages, running } = state;
  const { sequence, revisions, audit, candidates, shadow, promotion, online, answered, retiring } =
    state;
  return {
    version: CARRIED_VERSION,
    champion,
    previous,
    breaker,
    paused,
    queue: running === null ? state.queue : [running, ...state.queue],
    recent,
    sealedPages,
    sequence,
    revisions,
    audit,
    candidates,
    shadow,
    promotion,
    online,
    answered,
    retiring,
  };
}

/** Whether the state is small enough to continue as new with. */
export function isCarriable(state: PipelineState): boolean {
  const bytes = jsonBytes(carriedState(state));
  const withConfig = bytes + jsonBytes(state.config);
  return bytes <= MAX_CARRIED_BYTES && withConfig <= MAX_CARRIED_WITH_CONFIG_BYTES;
}

/**
 * Gives up what can be spared until the state may be carried, when sealing runs was not enough: the oldest entries of the
 * audit, then the oldest candidates, and last the files that came last, which are offered again.
 */
export function trimToCarriable(state: PipelineState): void {
  const spared = [state.audit, state.candidates, state.queue];
  for (const list of spared) while (!isCarriable(state) && list.length > 0) list.pop();
}

/** Compare-and-set of the champion pointer for a run. */
export function appoint(
  state: PipelineState,
  proposal: AppointmentProposal,
  at: string,
): AppointmentAnswer {
  const { id } = proposal;
  if (id === undefined) return decideOn(state, proposal, at);
  // Sent again, since the run did not hear the answer.
  if (state.answered?.proposalId === id) return state.answered;
  state.answered = { ...decideOn(state, proposal, at), proposalId: id };
  return state.answered;
}

function decideOn(
  state: PipelineState,
  proposal: AppointmentProposal,
  at: string,
): AppointmentAnswer {
  const inForce = state.champion?.model.id ?? null;
  if (inForce !== proposal.expectedChampionId) {
    return {
      accepted: false,
      reason: `the champion changed during the run: ${inForce ?? 'none'} is in force, the run compared with ${proposal.expectedChampionId ?? 'none'}`,
    };
  }
  if (proposal.fromShadow === true && state.shadow?.model.id !== proposal.model.id) {
    return { accepted: false, reason: 'its time beside the champion was ended by hand' };
  }
  const appointment = { model: proposal.model, since: at, by: 'CalmOps', why: proposal.why };
  if (proposal.kind === 'fallback') fallBack(state, appointment);
  else putInForce(state, appointment);
  return { accepted: true };
}

/**
 * Puts a sound model in force in the place of a damaged champion, which is kept as a candidate: put back from a backup, it can be
 * promoted again. Retraining does not have to cool down after it.
 */
function fallBack(state: PipelineState, appointment: Appointment): void {
  const { champion: damaged, previous } = state;
  state.champion = appointment;
  if (previous?.model.id === appointment.model.id) state.previous = null;
  setShadow(state, null, 'The champion that it ran beside is damaged.');
  state.candidates = state.candidates.filter(({ id }) => id !== appointment.model.id);
  if (damaged !== null) keepCandidate(state, { ...damaged.model, refusedBecause: DAMAGED });
  const { by, why, since: at } = appointment;
  const detail = `model ${appointment.model.id} in the place of ${damaged?.model.id ?? 'none'}`;
  recordAudit(state, { action: 'fallBack', by, why, at, detail });
}

/** The previous model turned out to be damaged: nobody can go back to it until it is put back from a backup. */
function leaveOutPrevious(state: PipelineState, damagedId: string): void {
  if (state.previous?.model.id !== damagedId) return;
  // One of the same name may have been trained anew by now.
  if (state.champion?.model.id !== damagedId) {
    keepCandidate(state, { ...state.previous.model, refusedBecause: DAMAGED });
  }
  state.previous = null;
}

const DAMAGED =
  'It is damaged in the store: put it back from a backup before it is promoted again.';

/**
 * Makes a model the champion; the one before becomes `previous`. A challenger that was compared with that one is no
 * longer in shadow, and after every change but the first retraining has to cool down.
 */
export function putInForce(state: PipelineState, appointment: Appointment): void {
  if (state.champion !== null) {
    const sequence = state.sequence + (state.running === null ? 0 : 1);
    state.promotion = { at: appointment.since, sequence };
  }
  state.previous = state.champion;
  state.champion = { ...appointment, why: cutTo(WHY_BYTES, appointment.why) };
  setShadow(state, null, 'The champion that it ran beside was replaced.');
  state.candidates = state.candidates.filter((model) => model.id !== appointment.model.id);
}

/** Keeps a challenger that was refused, for study and for promotion by hand. */
export function keepCandidate(state: PipelineState, model: Candidate): void {
  const others = state.candidates.filter((candidate) => candidate.id !== model.id);
  const { refusedBecause } = model;
  const kept =
    refusedBecause === undefined
      ? model
      : { ...model, refusedBecause: cutTo(REFUSAL_BYTES, refusedBecause) };
  state.candidates = [kept, ...others].slice(0, CANDIDATE_LIMIT);
}

/** Records what a run hands back: its outcome, its candidates, the challenger in shadow, what it used up of the level. */
export function recordResult(state: PipelineState, result: RunResult, nowMs: number): void {
  const { run, candidate, otherCandidates = [] } = result;
  const wasRefused = result.shadow === null && run.outcome !== 'promoted' && state.shadow !== null;
  recordRun(state, run, nowMs, result.infrastructureFailed);
  for (const id of result.damaged ?? []) leaveOutPrevious(state, id);
  if (result.sequel !== undefined) recordSequel(state, result.sequel);
  if (wasRefused && run.outcome !== 'refused') failRetraining(state, run, nowMs);
  if (result.shadow !== undefined && !wasDropped(state, result.shadow)) {
    setShadow(state, result.shadow, 'A newer challenger took its place beside the champion.');
  }
  for (const model of [...otherCandidates, candidate]) {
    if (model !== null && model.id !== state.champion?.model.id) keepCandidate(state, model);
  }
  // A repetition is no new file.
  if (run.revision === 0 && result.filePValue !== undefined) {
    state.online = afterFile(state.online, state.config.detection, result.filePValue);
  }
}

/** A challenger that saw files already, and was taken out of the shadow during the run that brings it back. */
function wasDropped(state: PipelineState, shadow: Shadow | null): boolean {
  return shadow !== null && shadow.seen.length > 0 && state.shadow?.model.id !== shadow.model.id;
}

/** Puts a challenger in shadow, or none; the one that was there becomes a candidate unless it is in force. */
export function setShadow(state: PipelineState, shadow: Shadow | null, why: string): void {
  const before = state.shadow;
  const inForce = state.champion?.model.id;
  const isCurrent = shadow !== null && shadow.championId === inForce;
  state.shadow = isCurrent ? { ...shadow, why: cutTo(WHY_BYTES, shadow.why) } : null;
  if (shadow !== null && !isCurrent && shadow.model.id !== inForce) {
    const refusedBecause = 'The champion that it was compared with was replaced meanwhile.';
    keepCandidate(state, { ...shadow.model, refusedBecause });
  }
  if (before === null || before.model.id === inForce || before.model.id === state.shadow?.model.id)
    return;
  keepCandidate(state, { ...before.model, refusedBecause: why });
}

/** Why retraining rests after a promotion, for the run that is to begin next; null if it does not. */
export function coolingNow(state: PipelineState, nowMs: number): string | null {
  const { coolDown } = state.config.retrain;
  return coolingAfter(state.promotion, coolDown, state.sequence + 1, nowMs);
}

/** The false-alarm rate of the next file, over all of its tests. */
export function rateOfNextFile({ online, config: { detection } }: PipelineState): number {
  return levelOfNextFile(online, detection);
}

/**
 * Records a run's outcome and lets the breaker learn from it.
 * @param infrastructureFailed whether it failed for want of a worker, a disk or the store, of which the breaker learns nothing
 */
export function recordRun(
  state: PipelineState,
  run: RunSummary,
  nowMs: number,
  infrastructureFailed = false,
): void {
  state.recent.push({ ...run, reason: cutTo(REASON_BYTES, run.reason) });
  if (run.outcome === 'promoted') state.breaker = breakerAfterSuccess();
  const retrainingFailed =
    run.outcome === 'refused' ||
    (run.outcome === 'failed' && run.action === 'retrain' && !infrastructureFailed);
  if (retrainingFailed) failRetraining(state, run, nowMs);
}

/** What became known of a run that is sealed already is in the store alone. */
function recordSequel(state: PipelineState, { of, sequel }: SequelOfRun): void {
  state.recent = state.recent.map((run) =>
    run.sha256 === of.sha256 && run.revision === of.revision ? { ...run, sequel } : run,
  );
}

function failRetraining(state: PipelineState, { reason }: RunSummary, nowMs: number): void {
  const policy = breakerPolicy(state.config);
  const why = cutTo(WHY_BYTES, reason);
  state.breaker = breakerAfterFailure(state.breaker, policy, nowMs, why);
}

/** Whether there are more recent runs than the state should hold. */
export function holdsTooManyRuns(state: PipelineState): boolean {
  return state.recent.length >= RECENT_LIMIT;
}

/** The oldest page of recent runs. */
export function oldestPage(state: PipelineState): readonly RunSummary[] {
  return state.recent.slice(0, PAGE_SIZE);
}

/** @param page the number that it was given: never below that of an earlier page */
export function pageSealed(state: PipelineState, page: number): void {
  state.recent.splice(0, PAGE_SIZE);
  state.sealedPages = page + 1;
}

export function recordAudit(state: PipelineState, entry: AuditEntry): void {
  const { why, detail } = entry;
  const kept = { ...entry, why: cutTo(AUDIT_BYTES, why), detail: cutTo(AUDIT_BYTES, detail) };
  state.audit = [kept, ...state.audit].slice(0, AUDIT_LIMIT);
  state.unsaved = true;
}

/** ms until an open breaker lets a probe through; null when it is not open. */
export function untilProbe(state: PipelineState, nowMs: number): number | null {
  return state.breaker.kind === 'open' ? Math.max(0, state.breaker.until - nowMs) : null;
}

export function refreshBreaker(state: PipelineState, nowMs: number): void {
  state.breaker = breakerAt(state.breaker, nowMs);
}

function breakerPolicy(config: GivenConfig): BreakerPolicy {
  return {
    maxFailures: config.breaker.maxFailures,
    coolDownMs: durationMs(config.breaker.coolDown),
    maxCoolDownMs: durationMs(config.breaker.maxCoolDown),
  };
}
