/** A pipeline: what it carries, what may be said to it and asked of it. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BreakerState } from '../../core/breaker.ts';
import type { OnlineState } from '../../core/stats/online/levels.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { DatasetFile } from './datasets.ts';
import type { Appointment, AppointmentProposal, Candidate, ModelRef, Shadow } from './models.ts';
import type { Request, RunSummary } from './runs.ts';

export interface MonitorPipelineInput {
  readonly config: PipelineConfig;
  /** absent on the first start; carried through continue-as-new */
  readonly carried?: CarriedState;
  /** continue as new after this many runs even if the server does not suggest it yet */
  readonly continueAfterRuns?: number;
}

/** What a pipeline carries through continue-as-new. All lists are bounded. */
export interface CarriedState {
  readonly champion: Appointment | null;
  readonly previous: Appointment | null;
  readonly breaker: BreakerState;
  readonly paused: (Request & { readonly at: string }) | null;
  readonly queue: readonly QueuedFile[];
  /** the newest runs, oldest first; older ones are in `sealedPages` pages in the store */
  readonly recent: readonly RunSummary[];
  readonly sealedPages: number;
  readonly sequence: number;
  /** the revision of the latest deliberate repetition; they count up over the whole pipeline */
  readonly revisions: number;
  readonly audit: readonly AuditEntry[];
  readonly candidates: readonly Candidate[];
  readonly shadow?: Shadow | null;
  /** the latest change of the champion after the first one: when, and in the run of which number */
  readonly promotion?: Promotion | null;
  /** what the levels of the next files depend on */
  readonly online?: OnlineState | null;
}

export interface Promotion {
  readonly at: string;
  readonly sequence: number;
}

export interface QueuedFile {
  readonly file: DatasetFile;
  readonly revision: number;
  readonly forced: Request | null;
}

/** Something a person did, kept with who and why. */
export interface AuditEntry extends Request {
  readonly at: string;
  readonly action:
    | 'pause'
    | 'resume'
    | 'retrain'
    | 'promote'
    | 'dropShadow'
    | 'rollback'
    | 'resetBreaker'
    | 'configure'
    | 'reprocess'
    | 'importModel'
    | 'fallBack';
  readonly detail: string;
  /** of the run that the action goes back to, such as the one that refused the model that was promoted by hand */
  readonly report?: ArtefactRef;
}

export interface PipelineStatus {
  readonly config: PipelineConfig;
  readonly state: 'idle' | 'working' | 'paused';
  readonly paused: (Request & { readonly at: string }) | null;
  readonly champion: Appointment | null;
  readonly previous: Appointment | null;
  readonly breaker: BreakerState;
  readonly running: { readonly workflowId: string; readonly fileName: string } | null;
  readonly queued: number;
  /** how many more files it takes in for certain; absent: `MAX_QUEUED` less those that are queued */
  readonly room?: number;
  /** at most 20 of the queued files, next first */
  readonly next: readonly { readonly fileName: string; readonly sha256: string }[];
  readonly runs: number;
  readonly last: RunSummary | null;
  readonly audit: readonly AuditEntry[];
  /** the challenger that runs beside the champion; absent or null: none does */
  readonly shadow?: (Omit<Shadow, 'seen'> & { readonly filesSeen: number }) | null;
  /** the rest of retraining after a promotion; absent or null: there is none */
  readonly coolDown?: CoolDown | null;
}

/** Why retraining rests after a promotion. A query is answered with how things were: whoever reads compares the time. */
export interface CoolDown {
  /** for people */
  readonly words: string;
  /** ISO 8601, when it is over; null where files are counted */
  readonly until: string | null;
}

export interface RunsPage {
  /** newest first */
  readonly runs: readonly RunSummary[];
  readonly total: number;
  /** pages in the store, at `historyPageUri(pipeline, 0 … sealedPages - 1)`, older than these runs */
  readonly sealedPages: number;
}

/** More queued files than this are not taken in: the watcher offers them again later. */
export const MAX_QUEUED = 250;
/** Most files on which a challenger runs beside the champion. */
export const MAX_SHADOW_FILES = 10;
/** Most files in one `datasetsArrived`. */
export const MAX_BATCH = 100;

export const datasetsArrived = defineSignal<[readonly DatasetFile[]]>('datasetsArrived');
export const appointmentProposed = defineSignal<[AppointmentProposal]>('appointmentProposed');

export const pause = defineUpdate<void, [Request]>('pause');
export const resume = defineUpdate<void, [Request]>('resume');
/** Trains on the newest file whatever the numbers say; the gate still decides. */
export const retrain = defineUpdate<void, [Request]>('retrain');
/** Puts a candidate in force by hand. */
export const promote = defineUpdate<void, [Request & { readonly modelId: string }]>('promote');
/** Ends the time of the challenger in shadow: it becomes a candidate. */
export const dropShadow = defineUpdate<void, [Request & { readonly modelId: string }]>(
  'dropShadow',
);
/**
 * Takes in a model that was made elsewhere. Where none is in force it comes into force; else it runs beside the champion
 * for so many files with labels, after which the gate decides, or with `files` 0 is kept as a candidate.
 */
export const importModel = defineUpdate<
  void,
  [Request & { readonly model: ModelRef; readonly files: number }]
>('importModel');
export const rollback = defineUpdate<void, [Request]>('rollback');
export const resetBreaker = defineUpdate<void, [Request]>('resetBreaker');
export const configure = defineUpdate<void, [Request & { readonly config: PipelineConfig }]>(
  'configure',
);
/**
 * Runs a file again that already has its outcome. The `file` of a run that is not among the recent ones has to be given, as its
 * report has it, and may be given of any.
 */
export const reprocess = defineUpdate<
  void,
  [Request & { readonly sha256: string; readonly file?: DatasetFile }]
>('reprocess');

export const pipelineStatus = defineQuery<PipelineStatus>('pipelineStatus');
export const pipelineRuns = defineQuery<
  RunsPage,
  [{ readonly offset: number; readonly limit: number }]
>('pipelineRuns');
export interface PipelineModels {
  readonly champion: Appointment | null;
  readonly previous: Appointment | null;
  /** challengers that were refused, newest first, at most 20 */
  readonly candidates: readonly Candidate[];
}
export const pipelineModels = defineQuery<PipelineModels>('pipelineModels');
