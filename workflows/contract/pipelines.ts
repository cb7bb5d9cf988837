/** A pipeline: what it carries, what may be said to it and asked of it. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BreakerState } from '../../core/breaker.ts';
import type { OnlineState } from '../../core/stats/online/levels.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { ConfigExcerpt, GivenConfig } from './configuration.ts';
import type { DatasetFile } from './datasets.ts';
import type {
  Appointment,
  AppointmentAnswer,
  AppointmentProposal,
  Candidate,
  ModelRef,
  Shadow,
} from './models.ts';
import type { Request, RunSummary } from './runs.ts';

export interface MonitorPipelineInput {
  readonly config: GivenConfig;
  /** absent on the first start; carried through continue-as-new */
  readonly carried?: CarriedState;
  /** continue as new after this many runs even if the server does not suggest it yet */
  readonly continueAfterRuns?: number;
}

/**
 * The version of `CarriedState` that this code writes. It is raised when older code could not go on with the state
 * without losing something; 1 is the state without a version.
 */
export const CARRIED_VERSION = 2;

/** What a pipeline carries through continue-as-new, and what the store keeps of it. All lists are bounded. */
export interface CarriedState {
  /** absent: 1 */
  readonly version?: number;
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
  /** the answer to the latest proposal of a run, which may send it again */
  readonly answered?: AppointmentAnswer | null;
  /** who ends the pipeline; absent or null: nobody does */
  readonly retiring?: Retiring | null;
}

/** Who ends a pipeline, and what becomes of the files that wait. */
export interface Retiring extends Request {
  readonly queue: 'finish' | 'drop';
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
    | 'fallBack'
    | 'takeUp'
    | 'retire';
  readonly detail: string;
  /** of the run that the action goes back to, such as the one that refused the model that was promoted by hand */
  readonly report?: ArtefactRef;
}

export interface PipelineStatus {
  /** what is in force; `stored` is the whole, absent where older code put it in force */
  readonly config: ConfigExcerpt & { readonly stored?: ArtefactRef };
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
/** Most files in one `offerDatasets` or `datasetsArrived`. */
export const MAX_BATCH = 100;

/** What became of files that were offered. Files are taken in from the front until one does not fit. */
export interface OfferAnswer {
  /** so many were taken in now */
  readonly taken: number;
  /** so many the pipeline has already: they wait, are being run, or are among its recent runs */
  readonly known: number;
  /** how many more files it takes in for certain */
  readonly room: number;
}

/** The type of the failure by which an offer of which nothing was taken is refused; its details are an `OfferAnswer`. */
export const NOTHING_TAKEN = 'NothingTaken';
/** The type of the failure by which it is refused to run a file again, as too many wait. */
export const NO_ROOM = 'NoRoom';
/** The type of the failure by which the configuration that is in force already is refused. */
export const UNCHANGED = 'Unchanged';

/**
 * Offers files, in order. The first `taken + known` of them are the pipeline's business from then on; the others have to
 * be offered again. An offer of which nothing is taken is refused with `NOTHING_TAKEN`, so that it leaves no trace.
 */
export const offerDatasets = defineUpdate<OfferAnswer, [readonly DatasetFile[]]>('offerDatasets');
/** Tells of files while nobody may be there to answer: durable, but what does not fit is left out without a word. */

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
/**
 * Ends the pipeline's workflow after the files that wait, or after the one under way where `queue` is to be dropped. Its
 * state stays in the store; a file that is offered later begins the pipeline again where it ended.
 */
export const retire = defineUpdate<void, [Retiring]>('retire');
export const resetBreaker = defineUpdate<void, [Request]>('resetBreaker');
/** Refused with `UNCHANGED` where this is the configuration in force. */
export const configure = defineUpdate<void, [Request & { readonly config: GivenConfig }]>(
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
